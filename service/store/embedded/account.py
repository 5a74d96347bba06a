"""Who runs PostgreSQL, for root may not, and how that account reaches the programs.

For root it is the data folder's owner, or `postgres` or `nobody`. If that account cannot reach the programs
(an environment below a 0700 home), it runs a copy of them in the data folder; no parent folder is changed.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ACCOUNTS = ("postgres", "nobody")
PROGRAMS = ("postgres", "initdb", "psql")


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be used: one sentence that says why and what to do next."""


def account_for(folder: Path) -> pwd.struct_passwd | None:
    """Return who shall run a server in this folder: None is ourselves, and root needs another account."""
    if os.geteuid() != 0:
        return None
    owners = (place.stat().st_uid for place in (folder, folder.parent) if place.exists())
    owner = next((owner for owner in owners if owner != 0), None)
    if owner is None:
        return _ordinary_account()
    try:
        return pwd.getpwuid(owner)
    except KeyError as error:
        raise EmbeddedError(
            f"The owner of {folder}, user id {owner}, has no account here: give the folder to one with chown."
        ) from error


def _ordinary_account() -> pwd.struct_passwd:
    for name in ACCOUNTS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError(
        "Root may not run PostgreSQL, and there is no account `postgres` or `nobody` to run it as:"
        " make one with `useradd --system postgres`."
    )


def require_reach(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Raise EmbeddedError if the account cannot enter where the folder is or will be."""
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir():
        raise EmbeddedError(f"{nearest} is a file: choose another data folder with --data-dir.")
    if account is None:
        return
    try:
        entering = run(account, "/bin/sh", "-c", 'cd "$1"', "sh", nearest)
    except PermissionError as error:
        raise EmbeddedError("Root may not change accounts here: start this as an ordinary user.") from error
    if entering.returncode != 0:
        raise EmbeddedError(
            f"The account {account.pw_name}, which runs PostgreSQL because root may not, cannot enter"
            f" {nearest}: choose another folder with --data-dir, such as /var/lib/camera-redundancy."
        )


def make_folder(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make the account's private folder, and the parents that are missing so that it can reach it."""
    for parent in reversed([place for place in folder.parents if not place.exists()]):
        parent.mkdir(exist_ok=True)
        if account:
            parent.chmod(0o755)  # whatever the umask
    folder.mkdir(0o700, exist_ok=True)
    give(folder, account)


def give(path: Path, account: pwd.struct_passwd | None) -> None:
    """Make the account, if it is not ourselves, the owner of this one path."""
    if account and path.lstat().st_uid != account.pw_uid:
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def reachable_binaries(binaries: Path, copy: Path, account: pwd.struct_passwd | None) -> Path:
    """Return the binaries, or those of a copy made once if the account cannot run them where they are."""
    if account is None or _can_run(account, binaries):
        return binaries
    status = binaries.joinpath("postgres").stat()
    stamp, wanted = copy / "stamp", f"{binaries} {status.st_size} {status.st_mtime_ns}"
    if not stamp.exists() or stamp.read_text() != wanted:
        _copy_software(binaries, copy, account)
        stamp.write_text(wanted)
    return copy.joinpath(*binaries.parts[-3:])


def _can_run(account: pwd.struct_passwd, binaries: Path) -> bool:
    try:
        return run(account, binaries / "postgres", "--version").returncode == 0
    except PermissionError:
        return False


def _copy_software(binaries: Path, copy: Path, account: pwd.struct_passwd) -> None:
    # The programs find their libraries and tables by relative paths, some of them beside the package.
    shutil.rmtree(copy, ignore_errors=True)
    package = binaries.parents[1]
    for part in (binaries.parent, package / ".dylibs", package.with_name(f"{package.name}.libs")):
        if part.exists():
            goal = copy / part.relative_to(package.parent)
            shutil.copytree(part, goal, ignore=_unneeded)
    for path in (copy, *copy.rglob("*")):
        give(path, account)


def _unneeded(folder: str, names: list[str]) -> list[str]:
    if Path(folder).name == "bin":
        return [name for name in names if name not in PROGRAMS]
    return [name for name in names if name == "include" or name.endswith(".a")]


def run(
    account: pwd.struct_passwd | None,
    *command: str | Path,
    held: Sequence[int] = (),
    password: str = "",
    own_session: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end as the account; it inherits the held file descriptors."""
    return subprocess.run(  # noqa: S603  # our own programs, arguments as a list
        command,
        **surroundings(account, password),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        pass_fds=held,
        start_new_session=own_session,
    )


def surroundings(account: pwd.struct_passwd | None, password: str = "") -> dict[str, Any]:
    """Return what subprocess needs to run as the account, without our secrets and without PG variables."""
    return {
        "cwd": "/",
        "env": {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": password},
        "user": account.pw_uid if account else None,
        "group": account.pw_gid if account else None,
        "extra_groups": [] if account else None,
        "umask": 0o077,
    }
