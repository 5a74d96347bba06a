import ipaddress
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.model.hardware import (
    MAXIMUM_CHANNEL,
    Hardware,
    check_channel,
    clean_name,
    clean_text,
    normalize_address,
    normalize_mac,
    parse_hardware,
)

CREDENTIAL = "hunter2"
NO_HOST = "An address must be a host name, an IP address or a URL with one of them."
NO_PORT = "The port of an address must be a whole number from 1 to 65535."
NO_MAC = "A MAC address must have twelve hexadecimal digits, such as 00:1b:2c:3d:4e:5f."
BLANKS = "An address must not contain blanks or control characters."
LATE_AT = "An address must not contain an @ after its first slash; give host and port only."

# One device each: neither zero nor for a group.
octets = st.binary(min_size=6, max_size=6).filter(lambda value: any(value) and not value[0] & 1)
labels = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=20).filter(
    lambda label: label[0] != "-" and label[-1] != "-" and label[0] not in string.digits
)
host_names = st.lists(labels, min_size=1, max_size=4).map(".".join)
hosts = st.one_of(
    host_names,
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
)
credentials = st.text(string.ascii_letters + string.digits + ":@!$&*", max_size=20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:1b:2c:3d:4e:5f", "00:1b:2c:3d:4e:5f"),
        ("00-1B-2C-3D-4E-5F", "00:1b:2c:3d:4e:5f"),
        ("00 1B 2C 3D 4E 5F", "00:1b:2c:3d:4e:5f"),
        ("00.1B.2C.3D.4E.5F", "00:1b:2c:3d:4e:5f"),
        ("001b.2c3d.4e5f", "00:1b:2c:3d:4e:5f"),
        ("001b-2c3d-4e5f", "00:1b:2c:3d:4e:5f"),
        ("001B2C-3D4E5F", "00:1b:2c:3d:4e:5f"),
        ("001B2C3D4E5F", "00:1b:2c:3d:4e:5f"),
        ("0:1b:2c:3d:4e:5f", "00:1b:2c:3d:4e:5f"),
        ("2:0:0:0:0:1", "02:00:00:00:00:01"),
        ("  001B2C3D4E5F\n", "00:1b:2c:3d:4e:5f"),
    ],
)
def test_mac_in_any_usual_notation(text: str, expected: str) -> None:
    assert normalize_mac(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", NO_MAC),
        ("camera", NO_MAC),
        ("00:1b:2c:3d:4e", NO_MAC),
        ("00:1b:2c:3d:4e:5f:60", NO_MAC),
        ("00:1b-2c:3d-4e:5f", NO_MAC),
        ("001:b:2c:3d:4e:5f", NO_MAC),
        ("00:1g:2c:3d:4e:5f", NO_MAC),
        ("1b.2c3d.4e5f", NO_MAC),
        ("\N{ARABIC-INDIC DIGIT ZERO}0:1b:2c:3d:4e:5f", NO_MAC),
        (
            "00-00-00-00-00-00",
            "A MAC address of zeros names no device; leave it out when it is not known.",
        ),
        (
            "FFFFFFFFFFFF",
            "A broadcast or multicast MAC address names no single device; leave it out.",
        ),
        (
            "01:00:5e:00:00:fb",
            "A broadcast or multicast MAC address names no single device; leave it out.",
        ),
    ],
)
def test_mac_that_is_no_device_s_own(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        normalize_mac(text)
    assert str(refused.value) == reason


@given(octets, st.sampled_from([":", "-", ".", " "]), st.booleans())
def test_mac_notations_agree(value: bytes, separator: str, upper: bool) -> None:
    groups = [f"{octet:x}" for octet in value]
    text = separator.join(groups)
    assert normalize_mac(text.upper() if upper else text) == value.hex(":")
    assert normalize_mac(value.hex()) == value.hex(":")
    assert normalize_mac(value.hex(":")) == value.hex(":")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("10.0.0.5:80", "10.0.0.5"),
        ("10.0.0.5:8080", "10.0.0.5:8080"),
        ("10.0.0.5:0080", "10.0.0.5"),
        ("http://10.0.0.5:80/", "10.0.0.5"),
        ("HTTP://10.0.0.5/axis-cgi/jpg?camera=1#top", "10.0.0.5"),
        ("https://cam.example:443", "cam.example"),
        ("https://cam.example:8443", "cam.example:8443"),
        ("http://cam.example:443", "cam.example:443"),
        ("rtsp://user:pw@cam.example:554/stream", "cam.example"),
        ("rtsp://user:p@ss@cam.example:8554/stream", "cam.example:8554"),
        ("user@cam.example", "cam.example"),
        ("rtsp://cam.example:80", "cam.example"),
        ("onvif://cam.example:554", "cam.example:554"),
        ("//cam.example", "cam.example"),
        ("cam.example/stream", "cam.example"),
        ("Cam_1.EXAMPLE.", "cam_1.example"),
        ("cam.example:", "cam.example"),
        (" cam.example\r\n", "cam.example"),
        ("kamera-süd.example:81", "xn--kamera-sd-x9a.example:81"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("[2001:db8::1]:8080", "[2001:db8::1]:8080"),
        ("http://[2001:DB8:0:0::1]/", "2001:db8::1"),
        ("2001:0db8::0001", "2001:db8::1"),
        ("http://2001:db8::1/", "2001:db8::1"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("[::ffff:10.0.0.5]:81", "10.0.0.5:81"),
    ],
)
def test_address_is_stored_as_host_and_port(text: str, expected: str) -> None:
    assert normalize_address(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "An address must not be empty."),
        (" \t", "An address must not be empty."),
        ("a" * 256, "An address must not have more than 255 characters."),
        ("cam 1.example", BLANKS),
        ("cam\N{NO-BREAK SPACE}1.example", BLANKS),
        ("cam\0.example", BLANKS),
        ("cam\N{ZERO WIDTH SPACE}.example", BLANKS),
        ("cam\ud800.example", BLANKS),
        ("http://", NO_HOST),
        ("http:///stream", NO_HOST),
        ("user:pw@", NO_HOST),
        (":80", NO_HOST),
        ("a..example", NO_HOST),
        ("-a.example", NO_HOST),
        ("a-.example", NO_HOST),
        ("a" * 64, NO_HOST),
        ("cam,1", NO_HOST),
        ("10.0.0.256", NO_HOST),
        ("10.0.0", NO_HOST),
        ("10.0.0.05", NO_HOST),
        ("0x7f000001", NO_HOST),
        ("12345", NO_HOST),
        ("[10.0.0.5]", NO_HOST),
        ("[2001:db8::1", NO_HOST),
        ("[2001:db8::1]8080", NO_HOST),
        ("2001:db8:::1", NO_HOST),
        ("fe80::1%eth0", NO_HOST),
        ("\N{ACCOUNT OF}.example", NO_HOST),
        ("ü" * 70, NO_HOST),
        ("cam.example:0", NO_PORT),
        ("cam.example:65536", NO_PORT),
        ("cam.example:http", NO_PORT),
        ("cam.example:+80", NO_PORT),
        ("cam.example:\N{ARABIC-INDIC DIGIT THREE}", NO_PORT),
        ("user:12/34@cam.example", LATE_AT),
        ("http://user:12#34@cam.example", LATE_AT),
        ("http://user:12?34@cam.example", LATE_AT),
    ],
)
def test_address_that_is_none(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        normalize_address(text)
    assert str(refused.value) == reason


def test_address_that_grows_too_long_in_ascii() -> None:
    # Each label is eight characters longer as xn--.
    with pytest.raises(ValueError, match=r"^An address must not have more than 255 characters\.$"):
        normalize_address(".".join(["ü" + "a" * 54] * 4) + ":8080")


@pytest.mark.parametrize(
    "text",
    [
        f"rtsp://admin:{CREDENTIAL}@cam.example:bad/",
        f"rtsp://admin:{CREDENTIAL}@",
        f"rtsp://admin:{CREDENTIAL}/x@cam.example",
        f"rtsp://admin:{CREDENTIAL} x@cam.example",
        f"admin:{CREDENTIAL}\N{FULLWIDTH COMMERCIAL AT}cam.example",
        f"{CREDENTIAL}\N{FULLWIDTH COMMERCIAL AT}cam.example",
        f"rtsp://{CREDENTIAL}:{CREDENTIAL}",
    ],
)
def test_address_refused_without_its_credentials(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        normalize_address(text)
    assert CREDENTIAL not in str(refused.value)


@given(
    scheme=st.sampled_from(["", "http://", "https://", "rtsp://", "HTTP://", "ftp://", "//"]),
    user=st.one_of(st.none(), credentials),
    host=hosts,
    port=st.one_of(st.none(), st.sampled_from([80, 443, 554]), st.integers(1, 65_535)),
    path=st.sampled_from(["", "/", "/stream", "?a=1", "#b"]),
)
def test_address_normalised_once_more_is_the_same(
    scheme: str,
    user: str | None,
    host: str,
    port: int | None,
    path: str,
) -> None:
    written = f"{scheme}{'' if user is None else user + '@'}{host}{'' if port is None else f':{port}'}{path}"
    assume(len(written) <= 255)
    stored = normalize_address(written)
    assert normalize_address(stored) == stored
    assert stored == stored.lower()
    assert "@" not in stored
    assert "/" not in stored


@given(st.text(max_size=60))
def test_any_text_is_refused_or_stored_once_and_for_all(text: str) -> None:
    try:
        stored = normalize_address(text)
    except ValueError:
        return
    assert normalize_address(stored) == stored


@given(st.ip_addresses(v=6))
def test_ways_to_write_an_ip_version_6_address_agree(address: ipaddress.IPv6Address) -> None:
    assert normalize_address(address.exploded.upper()) == normalize_address(f"http://[{address}]:80/")


@given(credentials, st.sampled_from(["", "http://", "rtsp://"]))
def test_credentials_are_thrown_away(user: str, scheme: str) -> None:
    assert normalize_address(f"{scheme}{user}@cam.example:8080/") == "cam.example:8080"


def test_hardware_is_normalised_and_blank_is_not_given() -> None:
    assert parse_hardware("001B2C3D4E5F", "http://cam.example/", " Axis ", " P3245 ") == Hardware(
        "00:1b:2c:3d:4e:5f", "cam.example", "Axis", "P3245"
    )
    assert parse_hardware("", "cam.example", " ", "") == Hardware(None, "cam.example")
    assert parse_hardware("001B2C3D4E5F", None) == Hardware("00:1b:2c:3d:4e:5f", None)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            (None, " ", "Axis", "P3245"),
            "A camera needs a MAC address or an address; give at least one of them.",
        ),
        (("00", "cam.example", None, None), NO_MAC),
        ((None, "cam.example", "x" * 201, None), "A manufacturer must not have more than 200 characters."),
        (
            (None, "cam.example", None, "P\t3245"),
            "A model must not contain control characters or halves of surrogate pairs.",
        ),
    ],
)
def test_hardware_that_is_none(arguments: tuple[str | None, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parse_hardware(*arguments)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Store 017", "Store 017"),
        ("  Store 017\r\n", "Store 017"),
        ("Größe \N{NO-BREAK SPACE} 一 \N{MOVIE CAMERA}", "Größe \N{NO-BREAK SPACE} 一 \N{MOVIE CAMERA}"),
        ("x" * 200, "x" * 200),
        (" " + "x" * 200 + " ", "x" * 200),
    ],
)
def test_name_is_trimmed(text: str, expected: str) -> None:
    assert clean_name(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "A name must not be empty."),
        (" \n\N{NO-BREAK SPACE}", "A name must not be empty."),
        ("x" * 201, "A name must not have more than 200 characters."),
        ("a\0b", "A name must not contain control characters or halves of surrogate pairs."),
        ("a\nb", "A name must not contain control characters or halves of surrogate pairs."),
        ("a\x85b", "A name must not contain control characters or halves of surrogate pairs."),
        ("a\ud83cb", "A name must not contain control characters or halves of surrogate pairs."),
    ],
)
def test_name_that_is_none(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        clean_name(text)
    assert str(refused.value) == reason


@given(st.text(max_size=250))
def test_name_is_refused_or_clean_once_and_for_all(text: str) -> None:
    try:
        stored = clean_text(text, "A name")
    except ValueError:
        return
    assert clean_name(stored) == stored
    assert stored.encode("utf-8").decode("utf-8") == stored


@pytest.mark.parametrize("channel", [0, 1, MAXIMUM_CHANNEL])
def test_channel_of_a_device(channel: int) -> None:
    assert check_channel(channel) == channel


@pytest.mark.parametrize("channel", [-1, MAXIMUM_CHANNEL + 1])
def test_channel_that_no_device_has(channel: int) -> None:
    with pytest.raises(ValueError, match=r"^A channel must be a whole number from 0 to 9999\.$"):
        check_channel(channel)
