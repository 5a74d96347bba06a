"""Servers may swap their names in one statement: the names are compared at its end, not row by row."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE server DROP CONSTRAINT server_name_unique")
    op.execute(
        "ALTER TABLE server ADD CONSTRAINT server_name_unique UNIQUE (site_id, name) DEFERRABLE INITIALLY IMMEDIATE"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE server DROP CONSTRAINT server_name_unique")
    op.execute("ALTER TABLE server ADD CONSTRAINT server_name_unique UNIQUE (site_id, name)")
