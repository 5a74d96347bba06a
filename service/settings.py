"""Everything that an installation can set: from the environment, or by flags of the command line."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CAMERA_REDUNDANCY_"
SCHEMES = ("postgres", "postgresql")


def _postgresql_only(url: SecretStr) -> SecretStr:
    scheme, separator, _ = url.get_secret_value().partition("://")
    if not separator:
        raise ValueError("it must be a URL such as postgresql://user:password@host:5432/name.")
    if scheme not in SCHEMES:
        raise ValueError(f"it begins with {scheme}://, and this service needs PostgreSQL: postgresql://.")
    return url


DatabaseUrl = Annotated[SecretStr, AfterValidator(_postgresql_only)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class SettingsError(Exception):
    """A setting cannot be used; the text has one sentence for each and never repeats a value of a secret."""


class Settings(BaseSettings):
    """The settings of one process; every duration is in seconds.

    Environment variables begin with CAMERA_REDUNDANCY_, but for DATABASE_URL and DATABASE_LISTEN_URL.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    database_url: DatabaseUrl | None = Field(default=None, validation_alias="DATABASE_URL")
    # LISTEN hears nothing through pgbouncer in transaction mode: this one goes past it.
    database_listen_url: DatabaseUrl | None = Field(default=None, validation_alias="DATABASE_LISTEN_URL")
    embedded: bool = False
    data_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    pool_size: int = Field(default=10, ge=1, le=500)
    statement_cache: bool = True
    site_lock_timeout: Seconds = 5.0
    poll_interval: Seconds = 2.0
    heartbeat: Seconds = 30.0
    graphiql: bool = True
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    shutdown_timeout: Seconds = 25.0
    retention_days: int = Field(default=400, ge=1, le=36_500)
    prune_interval: float = Field(default=3600.0, gt=0, le=86_400)

    @model_validator(mode="after")
    def _one_database(self) -> Self:
        if self.embedded and self.database_url:
            raise ValueError(f"DATABASE_URL and {PREFIX}EMBEDDED are both set: unset one of them.")
        return self

    @property
    def dsn(self) -> str:
        """Where the database is, password included; LookupError when none is set."""
        if self.database_url is None:
            raise LookupError("No database is set.")
        return self.database_url.get_secret_value()

    @property
    def listen_dsn(self) -> str:
        """Where to LISTEN: past a pooler if that is set."""
        return self.database_listen_url.get_secret_value() if self.database_listen_url else self.dsn

    def with_database(self, dsn: str) -> Self:
        """Return these settings with the database that has been started at this URL."""
        return self.model_copy(update={"database_url": SecretStr(dsn), "database_listen_url": None})


def read_settings(**flags: Any) -> Settings:
    """Read the environment; flags of the command line win. SettingsError when something cannot be used."""
    by_alias = {field.validation_alias or name: name for name, field in Settings.model_fields.items()}
    names = {name: str(alias) for alias, name in by_alias.items()}
    try:
        return Settings(**{names[name]: value for name, value in flags.items()})
    except ValidationError as error:
        raise SettingsError(" ".join(_sentence(problem) for problem in error.errors())) from None


def _sentence(problem: Any) -> str:  # noqa: ANN401 - pydantic's dictionary
    said = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return said
    field = str(problem["loc"][0])
    variable = field if field.isupper() else f"{PREFIX}{field.upper()}"
    return f"{variable} cannot be used: {said[0].lower()}{said[1:].rstrip('.')}."
