import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.model.hardware import Hardware
from service.model.inventory_file import (
    BadRow,
    CameraRow,
    InventoryFile,
    InventoryFileError,
    ServerRow,
    parse_csv,
    parse_json,
)

HEADER = "HardwareName,HardwareAddress,MacAddress,RecordingServerName,RecordingServerId"
EXPORT = (
    "HardwareName,HardwareAddress,MacAddress,UserName,Password,DriverNumber,DriverDisplayName,"
    "RecordingServerName,RecordingServerId,Channel"
)
QUOTED_HEADER = '"' + HEADER.replace(",", '","') + '"'
NOTED_HEADER = HEADER.replace("ServerId", "ServerId,Notes")
CHANNEL_HEADER = HEADER.replace("RecordingServerId", "Channel")
CREDENTIAL = "hunter2"
ONE = CameraRow("line 2", "Store 1", "Door", 0, Hardware("02:00:00:00:00:01", "192.0.2.1"))
OPEN_QUOTE = (
    "A quote that is opened in the record of line 2 is not closed properly, so that "
    "the records below it cannot be told apart; mend it and give the file again."
)
ALL_LACKING = "HardwareName, RecordingServerName, MacAddress or HardwareAddress"

# What survives clean_text as it is: printable, and not blank at its ends.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30).filter(
    lambda text: text == text.strip() != ""
)
macs = st.integers(1, 2**40 - 1).map(lambda number: f"02:{number.to_bytes(5).hex(':')}")
addresses = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6, network="2001:db8::/32").map(str),
    st.integers(1, 9_999).map(lambda number: f"cam-{number}.example.com:8080"),
)
devices = st.builds(
    Hardware, st.one_of(st.none(), macs), addresses, st.one_of(st.none(), texts), st.one_of(st.none(), texts)
)
cameras = st.tuples(texts, st.integers(0, 9_999), devices, st.one_of(st.none(), texts))
sites = st.dictionaries(
    texts,
    st.lists(
        cameras, min_size=1, max_size=5, unique_by=lambda row: (row[2].mac_address or row[2].address, row[1])
    ),
    max_size=4,
)


def lines(*records: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *records]).encode()


def reasons(parsed: InventoryFile) -> list[tuple[str, str]]:
    return [(row.where, row.reason) for row in parsed.bad]


@pytest.mark.parametrize(
    "data",
    [
        lines("Door,http://192.0.2.1/,020000000001,Store 1,"),
        lines("Door,http://192.0.2.1/,020000000001,Store 1,") + b"\n",
        b"\xef\xbb\xbf" + lines("Door,http://192.0.2.1/,020000000001,Store 1,"),
        lines("Door,http://192.0.2.1/,020000000001,Store 1,").replace(b",", b";"),
        lines("Door,http://192.0.2.1/,020000000001,Store 1,").replace(b"\n", b"\r\n"),
        lines("Door,http://192.0.2.1/,020000000001,Store 1,").replace(b"\n", b"\r"),
        lines(" Door , http://192.0.2.1/ , 020000000001 , Store 1 , "),
        lines('"Door","http://192.0.2.1/","020000000001","Store 1",""'),
        lines("Door,http://192.0.2.1/,020000000001,Store 1,", "", ",,,,"),
        lines("Door,http://192.0.2.1/,020000000001,Store 1,", header=HEADER.upper()),
        lines("Door,http://192.0.2.1/,020000000001,Store 1,", header=HEADER.replace(",", " , ")),
        lines("Door,http://192.0.2.1/,020000000001,Store 1,", header=QUOTED_HEADER),
        lines("1;Store 1;02-00-00-00-00-01;x;192.0.2.1:80;Door;y", header="A;RecordingServerName;MacAddress;")
        .replace(b";\n", b";B;HardwareAddress;HardwareName;C\n"),
        lines("Door,192.0.2.1,020000000001,Store 1,0", header=CHANNEL_HEADER),
        lines("Door,192.0.2.1,020000000001,Store 1, ", header=CHANNEL_HEADER),
        lines("Door,192.0.2.1,020000000001,Store 1,,Door", header=NOTED_HEADER),
    ],
)  # fmt: skip
def test_one_camera_in_many_forms(data: bytes) -> None:
    assert parse_csv(data) == InventoryFile((ServerRow("Store 1"),), (ONE,), ())


def test_all_columns_of_an_export() -> None:
    data = lines(
        f"Door,http://root:{CREDENTIAL}@192.0.2.1:80/,0:0:0:0:0:1,root,{CREDENTIAL},7, P3245 ,Store 1,a-1,3",
        f'"Gate; ""A""",,0200.0000.0002,root,"{CREDENTIAL};,""",713,,Store 2,a-2,0',
        header=EXPORT,
    )
    assert parse_csv(data) == InventoryFile(
        (ServerRow("Store 1", external_id="a-1"), ServerRow("Store 2", external_id="a-2")),
        (
            CameraRow(
                "line 2",
                "Store 1",
                "Door",
                3,
                Hardware("00:00:00:00:00:01", "192.0.2.1", None, "P3245"),
            ),
            CameraRow("line 3", "Store 2", 'Gate; "A"', 0, Hardware("02:00:00:00:00:02", None)),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("preamble", "line"),
    [("", 2), ("\n\n", 4), ("sep=;\n", 3), ("#TYPE System.Management.Automation.PSCustomObject\n", 3)],
)
def test_lines_before_the_header_are_counted(preamble: str, line: int) -> None:
    parsed = parse_csv(preamble.encode() + lines("Door,192.0.2.1,020000000001,Store 1,"))
    assert [camera.where for camera in parsed.cameras] == [f"line {line}"]


def test_a_record_is_named_by_its_first_line() -> None:
    parsed = parse_csv(
        lines(
            '"Door\nof\nStore 1",192.0.2.1,,Store 1,"note\nof two lines"',
            "",
            '"Gate",192.0.2.2,,Store 1,',
            header=HEADER.replace("RecordingServerId", "Note"),
        )
    )
    assert reasons(parsed) == [
        ("line 2", "HardwareName must not contain control characters or halves of surrogate pairs.")
    ]
    assert [camera.where for camera in parsed.cameras] == ["line 7"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (",192.0.2.1,,Store 1,", "HardwareName must not be empty."),
        (f"{'x' * 201},192.0.2.1,,Store 1,", "HardwareName must not have more than 200 characters."),
        ("Door,192.0.2.1,,,", "RecordingServerName must not be empty."),
        (
            "Door,192.0.2.1,,Store 1,a\tb",
            "RecordingServerId must not contain control characters or halves of surrogate pairs.",
        ),
        ("Door,,,Store 1,", "A camera needs a MAC address or an address; give at least one of them."),
        (
            "Door,cam 1,,Store 1,",
            "An address must not contain blanks or control characters.",
        ),
        (
            "Door,192.0.2.1,000000000000,Store 1,",
            "A MAC address of zeros names no device; leave it out when it is not known.",
        ),
        ("Door,192.0.2.1,,Store 1", "It has 4 fields, but the header has 5."),
        ("Door, of,192.0.2.1,,Store 1,", "It has 6 fields, but the header has 5."),
        ('"Door" 1,192.0.2.1,,Store 1,', "Its quotes are broken."),
    ],
)
def test_a_bad_record_says_why_and_holds_back_no_other(record: str, reason: str) -> None:
    parsed = parse_csv(lines(record, "Gate,192.0.2.2,,Store 2,"))
    assert reasons(parsed) == [("line 2", reason)]
    assert parsed.servers == (ServerRow("Store 2"),)
    assert [camera.where for camera in parsed.cameras] == ["line 3"]


def test_a_quote_that_stays_open_in_the_last_line_spoils_that_line_only() -> None:
    parsed = parse_csv(lines("Door,192.0.2.1,020000000001,Store 1,", '"Gate,192.0.2.2,,Store 1,'))
    assert parsed.cameras == (ONE,)
    assert reasons(parsed) == [("line 3", "Its quotes are broken.")]


@pytest.mark.parametrize("channel", ["-1", "10000", "1.0", "one", "+1", "9" * 5_000])
def test_a_channel_is_a_small_whole_number(channel: str) -> None:
    parsed = parse_csv(lines(f"Door,192.0.2.1,,Store 1,{channel}", header=CHANNEL_HEADER))
    assert reasons(parsed) == [("line 2", "A channel must be a whole number from 0 to 9999.")]


def test_hardware_stands_on_a_server_and_channel_once() -> None:
    parsed = parse_csv(
        lines(
            "Door,192.0.2.1,020000000001,Store 1,0",
            "Door again,192.0.2.9,02-00-00-00-00-01,Store 1,",
            "Other channel,192.0.2.1,020000000001,Store 1,1",
            "Other server,192.0.2.1,020000000001,Store 2,0",
            "Without MAC,192.0.2.3,,Store 1,0",
            "Without MAC again,http://192.0.2.3:80/,,Store 1,0",
            header=CHANNEL_HEADER,
        )
    )
    assert [camera.where for camera in parsed.cameras] == ["line 2", "line 4", "line 5", "line 6"]
    assert reasons(parsed) == [
        ("line 3", "Its server has the same hardware and channel at line 2 already."),
        ("line 7", "Its server has the same hardware and channel at line 6 already."),
    ]


def test_a_server_has_one_name_and_one_id() -> None:
    parsed = parse_csv(
        lines(
            "Door,192.0.2.1,,Store 1,",
            "Gate,192.0.2.2,,Store 1,a-1",
            "Yard,192.0.2.3,,Store 1,",
            "Hall,192.0.2.4,,Store 1,a-2",
            "Shop,192.0.2.5,,Store 2,a-1",
            "Roof,192.0.2.6,,Store 1,a-1",
        )
    )
    assert parsed.servers == (ServerRow("Store 1", external_id="a-1"),)
    assert [camera.name for camera in parsed.cameras] == ["Door", "Gate", "Yard", "Roof"]
    assert reasons(parsed) == [
        ("line 5", "An earlier record has another id for the server of this name."),
        ("line 6", "An earlier record has another name for the server of this id."),
    ]


@pytest.mark.parametrize(
    ("header", "lacking"),
    [
        ("", ALL_LACKING),
        (f"Door,192.0.2.1,{CREDENTIAL}", ALL_LACKING),
        (HEADER.replace(",", "\t"), ALL_LACKING),
        ('"HardwareName', ALL_LACKING),
        ("HardwareName,MacAddress", "RecordingServerName"),
        ("RecordingServerName;HardwareAddress", "HardwareName"),
        ("RecordingServerName;HardwareName", "MacAddress or HardwareAddress"),
    ],
)
def test_a_file_without_its_columns_is_none(header: str, lacking: str) -> None:
    with pytest.raises(InventoryFileError) as refused:
        parse_csv(header.encode())
    assert str(refused.value) == (
        f"The header, which is the first line, lacks {lacking}; write its columns with ; or , between them."
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            lines(header=HEADER + ",hardwarename"),
            "The header has HardwareName more than once; leave one of them.",
        ),
        (
            lines(header=HEADER).decode().encode("utf-16"),
            "The file is not UTF-8 text; save it as UTF-8 and give it again.",
        ),
        (
            lines("Größe,192.0.2.1,,Store 1,").decode().encode("latin-1"),
            "The file is not UTF-8 text; save it as UTF-8 and give it again.",
        ),
        (
            lines('"Door,192.0.2.1,,Store 1,', "Gate,192.0.2.2,,Store 1,", 'Hall,"192.0.2.3",,Store 1,'),
            OPEN_QUOTE,
        ),
        (
            lines('"Door,192.0.2.1,,Store 1,', "Gate,192.0.2.2,,Store 1,"),
            OPEN_QUOTE,
        ),
    ],
)
def test_a_file_that_cannot_be_read(data: bytes, reason: str) -> None:
    with pytest.raises(InventoryFileError) as refused:
        parse_csv(data)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    "record",
    [
        f"Door,192.0.2.1,020000000001,root,{CREDENTIAL},713,P3245,Store 1,a-1,0",
        f'Door,192.0.2.1,020000000001,"{CREDENTIAL}",{CREDENTIAL},713,P3245,Store 1,a-1,0',
        f"Door,http://root:{CREDENTIAL}@192.0.2.1,020000000001,root,{CREDENTIAL},713,P3245,Store 1,a-1,0",
        f"Door,http://root:{CREDENTIAL}@:x,020000000001,root,{CREDENTIAL},713,P3245,Store 1,a-1,0",
        f"Door,192.0.2.1,020000000001,root,12,{CREDENTIAL},713,P3245,Store 1,a-1,0",
        f'Door,192.0.2.1,020000000001,root,"12"{CREDENTIAL},713,P3245,Store 1,a-1,0',
        f",,,root,{CREDENTIAL},713,,,,",
    ],
)
def test_user_names_and_passwords_go_nowhere(record: str) -> None:
    parsed = parse_csv(lines(record, header=EXPORT))
    assert CREDENTIAL not in repr(parsed)
    assert "root" not in repr(parsed)


@given(sites, st.sampled_from([",", ";"]), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.integers())
def test_what_is_written_as_csv_is_read_again(
    site: dict[str, list[tuple[str, int, Hardware, str | None]]],
    delimiter: str,
    ending: str,
    quoted: bool,
    order: int,
) -> None:
    stream = io.StringIO(newline="")
    columns = ["HardwareName", "Channel", "MacAddress", "HardwareAddress", "DriverDisplayName"]
    columns = ["RecordingServerName", "Password", *columns]
    turn = order % len(columns)
    writer = csv.writer(
        stream,
        delimiter=delimiter,
        lineterminator=ending,
        quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerow(columns[turn:] + columns[:turn])
    for server, rows in site.items():
        for name, channel, hardware, _ in rows:
            device = [name, channel, hardware.mac_address, hardware.address, hardware.model]
            record = [server, CREDENTIAL, *device]
            writer.writerow(record[turn:] + record[:turn])
    parsed = parse_csv(stream.getvalue().encode())
    assert parsed.bad == ()
    assert parsed.servers == tuple(ServerRow(server) for server in site)
    assert [(row.server_name, row.name, row.channel, row.hardware) for row in parsed.cameras] == [
        (server, name, channel, Hardware(hardware.mac_address, hardware.address, None, hardware.model))
        for server, rows in site.items()
        for name, channel, hardware, _ in rows
    ]


def test_all_fields_of_json() -> None:
    data = """[
      {"name": " HQ ", "address": "https://hq.example.com:443/", "label": "secondary", "maxCameras": 500},
      {"name": "Store 1", "externalId": "a-1", "other": 1, "cameras": [
        {"name": "Door", "channel": 2, "macAddress": "020000000001", "address": "http://192.0.2.1/",
         "manufacturer": "Axis", "model": "P3245", "externalId": "c-1", "password": "hunter2"},
        {"name": "Gate", "channel": null, "address": "cam.example", "macAddress": ""}
      ]},
      {"name": "Store 2", "address": "", "label": null, "maxCameras": null, "cameras": null}
    ]"""
    assert parse_json(data.encode("utf-8-sig")) == InventoryFile(
        (
            ServerRow("HQ", None, "hq.example.com", "SECONDARY", 500),
            ServerRow("Store 1", "a-1"),
            ServerRow("Store 2"),
        ),
        (
            CameraRow(
                "servers[1].cameras[0]",
                "Store 1",
                "Door",
                2,
                Hardware("02:00:00:00:00:01", "192.0.2.1", "Axis", "P3245"),
                "c-1",
            ),
            CameraRow("servers[1].cameras[1]", "Store 1", "Gate", 0, Hardware(None, "cam.example")),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (7, "It must be a JSON object."),
        ({}, "name must not be empty."),
        ({"name": 7}, "name must be a text."),
        ({"name": "HQ", "address": "a b"}, "An address must not contain blanks or control characters."),
        ({"name": "HQ", "label": "BACKUP"}, "label must be one of UNLABELED, PRIMARY, SECONDARY."),
        ({"name": "HQ", "label": 1}, "label must be a text."),
        ({"name": "HQ", "maxCameras": -1}, "maxCameras must be a whole number from 0 to 1000000."),
        ({"name": "HQ", "maxCameras": True}, "maxCameras must be a whole number."),
        ({"name": "HQ", "maxCameras": 1.5}, "maxCameras must be a whole number."),
        ({"name": "HQ", "cameras": {}}, "cameras must be a list."),
        ({"name": "Store 1", "cameras": [{}]}, "An earlier server of the file has the same name."),
        (
            {"name": "HQ", "externalId": "a-1"},
            "An earlier record has another name for the server of this id.",
        ),
    ],
)
def test_a_bad_server_of_json(server: object, reason: str) -> None:
    parsed = parse_json(json.dumps([{"name": "Store 1", "externalId": "a-1"}, server]).encode())
    assert parsed.servers == (ServerRow("Store 1", "a-1"),)
    assert parsed.cameras == ()
    assert parsed.bad == (BadRow("servers[1]", f"{reason} Its cameras are left out."),)


@pytest.mark.parametrize(
    ("camera", "reason"),
    [
        ("Gate", "It must be a JSON object."),
        ({"address": "192.0.2.2"}, "name must not be empty."),
        (
            {"name": "Gate\ud800", "address": "192.0.2.2"},
            "name must not contain control characters or halves of surrogate pairs.",
        ),
        ({"name": "Gate"}, "A camera needs a MAC address or an address; give at least one of them."),
        ({"name": "Gate", "address": ["192.0.2.2"]}, "address must be a text."),
        ({"name": "Gate", "address": "192.0.2.2", "channel": "1"}, "channel must be a whole number."),
        ({"name": "Gate", "address": "192.0.2.2", "channel": False}, "channel must be a whole number."),
        (
            {"name": "Gate", "address": "192.0.2.2", "channel": 10_000},
            "A channel must be a whole number from 0 to 9999.",
        ),
        (
            {"name": "Gate", "address": "192.0.2.1:80"},
            "Its server has the same hardware and channel at servers[0].cameras[0] already.",
        ),
        (
            {"name": "Gate", "address": "192.0.2.2", "externalId": "c-1"},
            "Its server has the same external id at servers[0].cameras[0] already.",
        ),
    ],
)
def test_a_bad_camera_of_json(camera: object, reason: str) -> None:
    first = {"name": "Door", "address": "192.0.2.1", "externalId": "c-1"}
    last = {"name": "Yard", "address": "192.0.2.3"}
    parsed = parse_json(json.dumps([{"name": "Store 1", "cameras": [first, camera, last]}]).encode())
    assert [row.where for row in parsed.cameras] == ["servers[0].cameras[0]", "servers[0].cameras[2]"]
    assert parsed.bad == (BadRow("servers[0].cameras[1]", reason),)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[", b"null", b'[{"name": "HQ"}', b"[" * 100_000, HEADER.encode()]
)
def test_json_that_is_no_list_of_servers(data: bytes) -> None:
    with pytest.raises(InventoryFileError, match=r"^The file is not JSON with a list of servers\.$"):
        parse_json(data)


@given(sites)
def test_what_is_written_as_json_is_read_again(
    site: dict[str, list[tuple[str, int, Hardware, str | None]]],
) -> None:
    written = [
        {
            "name": server,
            "cameras": [
                {
                    "name": name,
                    "channel": channel,
                    "macAddress": hardware.mac_address,
                    "address": hardware.address,
                    "manufacturer": hardware.manufacturer,
                    "model": hardware.model,
                    "externalId": None if external_id is None else f"{position} {external_id}",
                }
                for position, (name, channel, hardware, external_id) in enumerate(rows)
            ],
        }
        for server, rows in site.items()
    ]
    parsed = parse_json(json.dumps(written).encode())
    assert parsed.bad == ()
    assert parsed.servers == tuple(ServerRow(server) for server in site)
    assert [(row.server_name, row.name, row.channel, row.hardware) for row in parsed.cameras] == [
        (server, name, channel, hardware)
        for server, rows in site.items()
        for name, channel, hardware, _ in rows
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for parse in (parse_csv, parse_json):
        try:
            parsed = parse(data)
        except InventoryFileError:
            continue
        assert parsed.cameras == ()


@given(st.text("\"';,\n\r aé\0", max_size=80))
def test_any_records_below_a_header_are_read_or_refused(text: str) -> None:
    try:
        parsed = parse_csv(lines(text))
    except InventoryFileError:
        return
    assert parsed.cameras == ()
