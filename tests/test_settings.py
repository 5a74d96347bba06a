import pytest

from service.settings import PREFIX, Settings, SettingsError, read_settings

URL = "postgresql://somebody:very-secret@db.example.com:5432/cameras"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    for name in ("DATABASE_URL", "DATABASE_LISTEN_URL"):
        monkeypatch.delenv(name, raising=False)


def test_defaults() -> None:
    settings = read_settings()
    assert settings.model_dump() == {
        "database_url": None,
        "database_listen_url": None,
        "embedded": False,
        "data_dir": None,
        "host": "127.0.0.1",
        "port": 8000,
        "pool_size": 10,
        "statement_cache": True,
        "site_lock_timeout": 5.0,
        "poll_interval": 2.0,
        "heartbeat": 30.0,
        "graphiql": True,
        "log_level": "info",
        "shutdown_timeout": 25.0,
        "retention_days": 400,
        "prune_interval": 3600.0,
    }


def test_the_environment_sets_and_flags_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("CAMERA_REDUNDANCY_PORT", "9000")
    monkeypatch.setenv("CAMERA_REDUNDANCY_POOL_SIZE", "3")
    settings = read_settings(port=9001, database_url="postgres://other.example.com/cameras")
    assert (settings.port, settings.pool_size) == (9001, 3)
    assert settings.dsn == "postgres://other.example.com/cameras"


def test_listening_goes_past_a_pooler_where_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    assert read_settings().listen_dsn == URL
    monkeypatch.setenv("DATABASE_LISTEN_URL", "postgresql://direct.example.com/cameras")
    assert read_settings().listen_dsn == "postgresql://direct.example.com/cameras"
    assert (
        read_settings().with_database("postgresql://started/cameras").listen_dsn
        == "postgresql://started/cameras"
    )


def test_a_password_is_never_shown() -> None:
    settings = read_settings(database_url=URL, database_listen_url=URL)
    assert "very-secret" not in f"{settings!r} {settings} {settings.model_dump()}"


def test_no_database_has_no_dsn() -> None:
    with pytest.raises(LookupError, match="No database is set"):
        _ = read_settings().dsn


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "DATABASE_URL",
            "sqlite:///secret.db",
            "DATABASE_URL cannot be used: it begins with sqlite://, and this service needs PostgreSQL: postgresql://.",
        ),
        (
            "DATABASE_URL",
            "very-secret",
            "DATABASE_URL cannot be used: it must be a URL such as postgresql://user:password@host:5432/name.",
        ),
        (
            "DATABASE_LISTEN_URL",
            "",
            (
                "DATABASE_LISTEN_URL cannot be used: it must be a URL such as "
                "postgresql://user:password@host:5432/name."
            ),
        ),
        (
            "CAMERA_REDUNDANCY_PORT",
            "99999",
            "CAMERA_REDUNDANCY_PORT cannot be used: input should be less than or equal to 65535.",
        ),
        (
            "CAMERA_REDUNDANCY_LOG_LEVEL",
            "loud",
            "CAMERA_REDUNDANCY_LOG_LEVEL cannot be used: input should be 'debug', 'info', 'warning' or 'error'.",
        ),
        (
            "CAMERA_REDUNDANCY_POLL_INTERVAL",
            "0",
            "CAMERA_REDUNDANCY_POLL_INTERVAL cannot be used: input should be greater than 0.",
        ),
        (
            "CAMERA_REDUNDANCY_RETENTION_DAYS",
            "0",
            "CAMERA_REDUNDANCY_RETENTION_DAYS cannot be used: input should be greater than or equal to 1.",
        ),
    ],
)
def test_what_cannot_be_used_is_said(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert str(caught.value) == sentence


def test_everything_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_REDUNDANCY_PORT", "many")
    monkeypatch.setenv("CAMERA_REDUNDANCY_POOL_SIZE", "0")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    said = str(caught.value)
    assert "CAMERA_REDUNDANCY_PORT cannot be used" in said
    assert "CAMERA_REDUNDANCY_POOL_SIZE cannot be used" in said


def test_two_databases_are_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("CAMERA_REDUNDANCY_EMBEDDED", "true")
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert str(caught.value) == "DATABASE_URL and CAMERA_REDUNDANCY_EMBEDDED are both set: unset one of them."
