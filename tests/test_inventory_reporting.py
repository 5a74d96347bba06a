"""The command `report`, on a database of this module's own: each test has a site of its own in it."""

import asyncio
import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from service.store.database import connect
from tests.builders import api_of, mac, new_site
from tests.command_line import run, said

NUMBERS = count(1)
HEADER = "HardwareName,MacAddress,RecordingServerName,RecordingServerId\n"
NOTHING = dict.fromkeys(
    ("added", "deleted", "replaced", "moved", "updated", "unchanged", "skipped", "requeued"), 0
)
SUSPICIOUS = (
    "The report would add 0, delete 6, replace 0, move 0 and requeue 0 cameras of 'Store', which has 7; look whether "
    "it is of the right recorder, try it with dryRun: true, then confirm it with confirmSuspicious: true.\n"
    "Here dryRun is --dry-run, and confirmSuspicious is --confirm-suspicious.\n"
)


@dataclass(frozen=True, slots=True)
class Estate:
    """A site: Store is paired with Headquarters, and Door and Gate on it are mirrored there; Attic is unpaired."""

    dsn: str
    name: str
    folder: Path
    revision: int

    def file(self, *rows: tuple[str, int, str], name: str = "cameras.csv", server_id: str = "") -> Path:
        """An inventory file of (camera, number of its MAC address, server)."""
        path = self.folder / name
        lines = [f"{camera},{mac(number)},{server},{server_id}\n" for camera, number, server in rows]
        path.write_text(HEADER + "".join(lines))
        return path

    def report(self, file: Path, *options: str, server: str = "Store") -> tuple[int, str, str]:
        return said(run("report", "--site", self.name, "--server", server, str(file), *options, dsn=self.dsn))

    def held(self, server: str = "Store") -> list[str]:
        """The names of the server's cameras."""
        query = """SELECT camera.name FROM camera JOIN server ON server.id = server_id
            JOIN site ON site.id = camera.site_id WHERE server.name = $1 AND site.name = $2 ORDER BY 1"""
        return [row["name"] for row in asyncio.run(self._asked(query, server, self.name))]

    def actors(self) -> set[str]:
        """Who made the reports that changed something."""
        kind = "SELECT actor FROM event JOIN site ON site.id = site_id WHERE kind = $1 AND name = $2"
        return {row["actor"] for row in asyncio.run(self._asked(kind, "INVENTORY_REPORTED", self.name))}

    async def _asked(self, query: str, *arguments: str) -> list[asyncpg.Record]:
        async with connect(self.dsn, pool_size=1) as database:
            return await database.pool.fetch(query, *arguments)

    def told(self, what: str, server: str = "Store", **counts: Any) -> str:
        """The sentence of what a report found."""
        other = counts.pop("others", "")
        actions = counts.pop("actions", "0 queued, 0 blocked, 0 suppressed")
        found = ", ".join(f"{number} {word}" for word, number in (NOTHING | counts).items())
        return f"{what} {server} in {self.name}: {found}{other}. Mirrored actions: {actions}."


@pytest.fixture
def estate(module_dsn: str, tmp_path: Path) -> Estate:
    name = f"Retail {next(NUMBERS)}"
    return Estate(module_dsn, name, tmp_path, asyncio.run(laid_out(module_dsn, name)))


async def laid_out(dsn: str, name: str) -> int:
    async with connect(dsn, pool_size=1) as database, api_of(database) as api:
        site = await new_site(api, name)
        await site.enroll(("Store", "PRIMARY"), ("Headquarters", "SECONDARY"), ("Attic", "PRIMARY"))
        await site.add("Store", "Door", 1)
        await site.add("Store", "Gate", 2)
        await site.pair("SYMMETRIC", ["Store"], ["Headquarters"])
        await site.settle()
        await site.update_servers({"Attic": {"externalId": "attic-1"}})
        return await site.revision()


def test_a_report_is_taken_over_and_said_in_counts(estate: Estate) -> None:
    file = estate.file(("Door", 1, "Store"), ("Yard", 3, "Store"), ("Loft", 4, "Attic"))
    sentence = estate.told(
        "Reported",
        added=1,
        deleted=1,
        unchanged=1,
        others=", 1 of other servers left out",
        actions="2 queued, 0 blocked, 0 suppressed",
    )
    assert estate.report(file) == (0, f"{sentence}\n", "")
    assert (estate.held(), estate.held("Attic")) == (["Door", "Yard"], [])
    assert estate.actors() == {"cli"}
    assert run("check", dsn=estate.dsn).exit_code == 0


def test_a_dry_run_shows_the_drift_and_changes_nothing(estate: Estate) -> None:
    file = estate.file(("Door", 1, "Store"), ("Car park", 3, "Store"))
    code, out, err = estate.report(file, "--dry-run")
    sentence, *table = out.splitlines()
    queued = "2 queued, 0 blocked, 0 suppressed"
    drift = estate.told("Drift of", added=1, deleted=1, unchanged=1, actions=queued)
    assert (code, err, sentence) == (0, "", f"{drift} Nothing was changed.")
    deleted = "Mirrored: a camera deleted on a primary is deleted on its counterpart's server too"
    added = "Mirrored: a camera added on a primary is added on the home secondary too"
    assert table == [
        "ACTION  DIRECTION  CAMERA    TARGET        STATUS  BECAUSE",
        f"DELETE  BACKUP     Gate      Headquarters  QUEUED  {deleted} (Auto mode, symmetric pairing).",
        f"ADD     BACKUP     Car park  Headquarters  QUEUED  {added} (Auto mode, symmetric pairing).",
    ]
    assert (estate.held(), estate.actors()) == (["Door", "Gate"], set())


def test_an_action_without_a_target_is_shown_without_one(estate: Estate) -> None:
    file = estate.file(("Loft", 4, "Attic"))
    _, out, _ = estate.report(file, "--dry-run", server="Attic")
    assert out.splitlines()[2].split()[:5] == ["ADD", "BACKUP", "Loft", "-", "SUPPRESSED"]


def test_no_drift_is_said_without_a_table(estate: Estate) -> None:
    code, out, _ = estate.report(estate.file(("Door", 1, "Store"), ("Gate", 2, "Store")), "--dry-run")
    assert (code, out) == (0, f"{estate.told('Drift of', unchanged=2)} Nothing was changed.\n")


def test_a_long_drift_is_cut_short(estate: Estate) -> None:
    new = [(f"New {number}", number, "Store") for number in range(10, 513)]
    file = estate.file(("Door", 1, "Store"), ("Gate", 2, "Store"), *new)
    _, out, _ = estate.report(file, "--dry-run")
    lines = out.splitlines()
    assert (len(lines), lines[-1]) == (503, "and 3 more")
    assert [line.split()[0] for line in lines[:3]] == ["Drift", "ACTION", "ADD"]


def test_what_a_partial_report_does_not_name_stays(estate: Estate) -> None:
    _, out, _ = estate.report(estate.file(("Door", 1, "Store")), "--partial")
    assert out == f"{estate.told('Reported', unchanged=1)}\n"
    assert estate.held() == ["Door", "Gate"]


def test_what_changed_after_the_file_was_written_is_not_compared(estate: Estate) -> None:
    old, new = [("Door", 1, "Store"), ("Gate", 2, "Store")], ("Yard", 3, "Store")
    assert estate.report(estate.file(*old, new))[0] == 0
    file = estate.file(*old, name="stale.csv")
    assert estate.report(file, "--as-of", str(estate.revision)) == (
        0,
        f"{estate.told('Reported', unchanged=2, skipped=1)}\n",
        "",
    )
    code, out, err = estate.report(file, "--as-of", str(estate.revision + 1_000))
    assert (code, out) == (1, "")
    assert err.startswith("asOf is the site's revision when the recorders were read; it cannot be above")


def test_a_suspicious_change_wants_to_be_confirmed(estate: Estate) -> None:
    kept, *more = [(f"Camera {number}", number, "Store") for number in range(1, 8)]
    assert estate.report(estate.file(kept, *more))[0] == 0
    file = estate.file(kept)
    assert estate.report(file) == (1, "", SUSPICIOUS)
    assert estate.report(file, "--dry-run")[0] == 0
    assert len(estate.held()) == 7
    assert estate.report(file, "--confirm-suspicious")[0] == 0
    assert estate.held() == ["Camera 1"]


def test_a_server_is_known_by_its_id_whatever_the_file_calls_it(estate: Estate) -> None:
    file = estate.file(("Loft", 4, "Old name"), server_id="attic-1")
    assert estate.report(file, server="Attic")[0] == 0
    assert estate.held("Attic") == ["Loft"]


def test_an_empty_recorder_is_reported_by_json(estate: Estate) -> None:
    file = estate.folder / "recorders.json"
    file.write_text(json.dumps([{"name": "Store", "cameras": []}, {"name": "Attic", "cameras": []}]))
    queued = "2 queued, 0 blocked, 0 suppressed"
    assert estate.report(file, "--confirm-suspicious") == (
        0,
        f"{estate.told('Reported', deleted=2, actions=queued)}\n",
        "",
    )
    assert estate.held() == []


def test_bad_rows_are_skipped_only_where_what_is_not_named_stays(estate: Estate) -> None:
    file = estate.file(("Door", 1, "Store"), ("", 2, "Store"))
    row = f"{file}, line 3: HardwareName must not be empty.\n"
    others = "report the others with --skip-bad --partial"
    sentence = f"Nothing was reported, for 1 row cannot be: mend the file, or {others}.\n"
    for options in ([], ["--skip-bad"], ["--partial"]):
        assert estate.report(file, *options) == (1, "", row + sentence)
    code, out, err = estate.report(file, "--skip-bad", "--partial")
    assert (code, err) == (0, row)
    assert out == f"{estate.told('Reported', unchanged=1, others=', 1 bad row skipped')}\n"
    assert estate.held() == ["Door", "Gate"]


def test_a_site_or_a_server_that_is_not_there_is_said(estate: Estate) -> None:
    file = estate.file(("Door", 1, "Store"))
    elsewhere = run("report", "--site", "Nowhere", "--server", "Store", str(file), dsn=estate.dsn)
    nowhere = "There is no site named Nowhere: check --site, or make it by `import`.\n"
    assert said(elsewhere) == (1, "", nowhere)
    known = "Attic, Headquarters, Store: check --server, or register it.\n"
    unknown = f"The site {estate.name} has no server named Stoer, but {known}"
    assert estate.report(file, server="Stoer") == (1, "", unknown)
    assert estate.report(file, server=" ") == (1, "", "A server's name must not be empty.\n")


def test_a_file_of_other_servers_is_said(estate: Estate) -> None:
    shops = estate.file(*((f"Camera {number}", number, f"Shop {number}") for number in range(1, 8)))
    sentence = "The file tells nothing of the server Store, but of {}: check --server and the file.\n"
    named = sentence.format("Shop 1, Shop 2, Shop 3, Shop 4, Shop 5 and 2 more")
    assert estate.report(shops) == (1, "", named)
    assert estate.report(estate.file(name="empty.csv")) == (1, "", sentence.format("none"))
