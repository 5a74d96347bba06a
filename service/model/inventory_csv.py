"""The CSV that a VMS exports, with its user names and passwords in plain text.

Their columns are never picked from a record, and a record whose columns may have shifted is not read at all.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from service.model.hardware import check_channel, clean_text, parse_hardware
from service.model.inventory_rows import (
    CameraRow,
    InventoryFile,
    InventoryFileError,
    InventoryRows,
    ServerRow,
    clean_optional,
    decode,
)

_COLUMNS = (
    "RecordingServerName",
    "RecordingServerId",
    "HardwareName",
    "Channel",
    "MacAddress",
    "HardwareAddress",
    "DriverDisplayName",
)
_NEEDED_COLUMNS = ("HardwareName", "RecordingServerName")
_IDENTITY_COLUMNS = ("MacAddress", "HardwareAddress")
_DELIMITERS = (";", ",")
# Windows PowerShell and Excel write a line of their own before the header.
_PREAMBLES = ("#TYPE", "sep=")
# A file names few servers, each on many lines.
_REMEMBERED_SERVERS = 1024
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")


def parse_csv(data: bytes) -> InventoryFile:
    """Parse what the export scripts of a VMS write; InventoryFileError when it is no such file."""
    text, skipped = _without_preamble(decode(data))
    header = _read_header(text)
    rows = InventoryRows()
    for line, record in _records(text, header.delimiter, skipped):
        where = f"line {line}"
        try:
            fields = _pick(header, record)
            if any(fields):
                rows.add(*_csv_rows(where, fields))
        except ValueError as reason:
            rows.reject(where, str(reason))
    return rows.file()


@dataclass(frozen=True, slots=True)
class _Header:
    """How to read the records below it; columns that are not there stand behind the last one, empty."""

    delimiter: str
    width: int
    indexes: dict[str, int]
    pick: Callable[[list[str]], tuple[str, ...]]


def _without_preamble(text: str) -> tuple[str, int]:
    """Return the text from its header on, and how many lines stand before that."""
    start = skipped = 0
    for line in io.StringIO(text, newline=""):
        if line.strip() and not line.startswith(_PREAMBLES):
            break
        start += len(line)
        skipped += 1
    return text[start:], skipped


def _read_header(text: str) -> _Header:
    headers = [_header(text, delimiter) for delimiter in _DELIMITERS]
    header = max(headers, key=lambda candidate: len(candidate.indexes))
    lacking = [column for column in _NEEDED_COLUMNS if column not in header.indexes]
    if not any(column in header.indexes for column in _IDENTITY_COLUMNS):
        lacking.append(" or ".join(_IDENTITY_COLUMNS))
    if lacking:
        raise InventoryFileError(
            f"The header, which is the first line, lacks {', '.join(lacking)}; "
            "write its columns with ; or , between them."
        )
    return header


def _header(text: str, delimiter: str) -> _Header:
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        names = []
    lowered = [name.strip().lower() for name in names]
    indexes = {column: lowered.index(column.lower()) for column in _COLUMNS if column.lower() in lowered}
    for column in indexes:
        if lowered.count(column.lower()) > 1:
            raise InventoryFileError(f"The header has {column} more than once; leave one of them.")
    pick = itemgetter(*(indexes.get(column, len(names)) for column in _COLUMNS))
    return _Header(delimiter, len(names), indexes, pick)


def _records(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str] | None]]:
    """Yield first line and fields of each record below the header; None for fields with broken quotes."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    while True:
        line = skipped + reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # A record that breaks on its first line ends there; on a later one, the next may begin anywhere.
            if skipped + reader.line_num > line:
                raise InventoryFileError(
                    f"A quote that is opened in the record of line {line} is not closed properly, so that "
                    "the records below it cannot be told apart; mend it and give the file again."
                ) from None
            record = None
        if record != []:
            yield line, record


def _pick(header: _Header, record: list[str] | None) -> tuple[str, ...]:
    """Return the fields of _COLUMNS and none of the others, user names and passwords among them."""
    if record is None:
        raise ValueError("Its quotes are broken.")
    if len(record) != header.width:
        raise ValueError(f"It has {len(record)} fields, but the header has {header.width}.")
    return header.pick([*record, ""])


def _csv_rows(where: str, fields: tuple[str, ...]) -> tuple[ServerRow, CameraRow]:
    server_name, server_id, name, channel, mac_address, address, model = fields
    server = _csv_server(server_name, server_id)
    camera = CameraRow(
        where=where,
        server_name=server.name,
        name=clean_text(name, "HardwareName"),
        channel=_csv_channel(channel),
        hardware=parse_hardware(mac_address, address, None, model),
    )
    return server, camera


@lru_cache(maxsize=_REMEMBERED_SERVERS)
def _csv_server(name: str, server_id: str) -> ServerRow:
    return ServerRow(
        name=clean_text(name, "RecordingServerName"),
        external_id=clean_optional(server_id, "RecordingServerId"),
    )


def _csv_channel(text: str) -> int:
    trimmed = text.strip()
    if not trimmed:
        return 0
    return check_channel(int(trimmed) if _WHOLE_NUMBER.fullmatch(trimmed) else -1)
