"""The command line in this process."""

from typer.testing import CliRunner, Result

from service.__main__ import app


def run(*arguments: str, dsn: str = "") -> Result:
    chosen = ("--database-url", dsn) if dsn else ()
    return CliRunner().invoke(app, [*arguments, *chosen])


def said(result: Result) -> tuple[int, str, str]:
    return result.exit_code, result.stdout, result.stderr
