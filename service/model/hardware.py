import ipaddress
import re
import unicodedata
from dataclasses import dataclass

MAXIMUM_TEXT_LENGTH = 200
MAXIMUM_ADDRESS_LENGTH = 255
MAXIMUM_CHANNEL = 9_999

_MAXIMUM_PORT = 65_535
_DEFAULT_PORTS = {"http": 80, "https": 443, "rtsp": 554}
# A stored address has no scheme, and without one port 80 is the default: so it is dropped after every scheme,
# or normalising a stored address once more would change it.
_BARE_PORT = 80

_MAC = re.compile(
    r"""[0-9a-f]{12}
    | [0-9a-f]{1,2} ([:.\ -]) (?:[0-9a-f]{1,2} \1){4} [0-9a-f]{1,2}
    | [0-9a-f]{4} ([:.-]) [0-9a-f]{4} \2 [0-9a-f]{4}
    | [0-9a-f]{6} [:-] [0-9a-f]{6}""",
    re.VERBOSE,
)
_MAC_DIGITS = 12
_MAC_SEPARATOR = re.compile(r"[:. -]")
_MULTICAST_BIT = 0x01

_ADDRESS = re.compile(r"(?:(?:([a-z][a-z0-9+.-]*):)?//)?([^/?#]*)(.*)", re.IGNORECASE)
_BRACKETED = re.compile(r"\[([^\[\]]*)\](?::(.*))?")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IP_VERSION_4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a camera is made of: normalised, and with at least one of MAC address and address."""

    mac_address: str | None
    address: str | None
    manufacturer: str | None = None
    model: str | None = None

    def same_device(self, other: "Hardware") -> bool:
        """Tell whether both are one device: equal MAC addresses, or, where one lacks it, equal addresses."""
        if self.mac_address is not None and other.mac_address is not None:
            return self.mac_address == other.mac_address
        return self.address is not None and self.address == other.address


def parse_hardware(
    mac_address: str | None,
    address: str | None,
    manufacturer: str | None = None,
    model: str | None = None,
) -> Hardware:
    """Normalise what is said of a device; blank means not given, and a ValueError says what is wrong."""
    given_mac, given_address = _trim(mac_address), _trim(address)
    given_manufacturer, given_model = _trim(manufacturer), _trim(model)
    hardware = Hardware(
        normalize_mac(given_mac) if given_mac else None,
        normalize_address(given_address) if given_address else None,
        clean_text(given_manufacturer, "A manufacturer") if given_manufacturer else None,
        clean_text(given_model, "A model") if given_model else None,
    )
    if hardware.mac_address is None and hardware.address is None:
        raise ValueError("A camera needs a MAC address or an address; give at least one of them.")
    return hardware


def clean_name(text: str) -> str:
    """Trim a name of a site, server or camera; ValueError unless it has 1 to 200 characters, no control."""
    return clean_text(text, "A name")


def clean_text(text: str, what: str) -> str:
    """Trim as clean_name does; `what` starts the sentence of the ValueError, such as "A model"."""
    trimmed = text.strip()
    if not trimmed:
        raise ValueError(f"{what} must not be empty.")
    if len(trimmed) > MAXIMUM_TEXT_LENGTH:
        raise ValueError(f"{what} must not have more than {MAXIMUM_TEXT_LENGTH} characters.")
    if _has_unprintable(trimmed, ("Cc", "Cs")):
        raise ValueError(f"{what} must not contain control characters or halves of surrogate pairs.")
    return trimmed


def check_channel(channel: int) -> int:
    """Return the channel of a device, counted from 0; ValueError when no real device has so many."""
    if not 0 <= channel <= MAXIMUM_CHANNEL:
        raise ValueError(f"A channel must be a whole number from 0 to {MAXIMUM_CHANNEL}.")
    return channel


def normalize_mac(text: str) -> str:
    """Turn any usual notation into `00:1b:2c:3d:4e:5f`; ValueError when it cannot be one device's own."""
    lowered = text.strip().lower()
    if not _MAC.fullmatch(lowered):
        raise ValueError("A MAC address must have twelve hexadecimal digits, such as 00:1b:2c:3d:4e:5f.")
    octets = bytes.fromhex(_mac_digits(lowered))
    if not any(octets):
        raise ValueError("A MAC address of zeros names no device; leave it out when it is not known.")
    if octets[0] & _MULTICAST_BIT:
        raise ValueError("A broadcast or multicast MAC address names no single device; leave it out.")
    return octets.hex(":")


def normalize_address(text: str) -> str:
    """Turn a URL, host name or IP address into lower-case `host` or `host:port`.

    Ports 80, 443 (https) and 554 (rtsp) are dropped, IPv6 is compressed and bracketed before a port only,
    international names become ASCII (xn--). User names and passwords are thrown away; no ValueError
    repeats anything of the text, for what looks like a host may be a piece of a password.
    """
    trimmed = text.strip()
    _check_address_text(trimmed)
    scheme, authority = _split_address(trimmed)
    host, port = _split_authority(authority)
    kept_port = _normalize_port(port, scheme)
    stored = _join(_normalize_host(host), kept_port)
    if len(stored) > MAXIMUM_ADDRESS_LENGTH:
        raise ValueError(f"An address must not have more than {MAXIMUM_ADDRESS_LENGTH} characters.")
    return stored


def _trim(text: str | None) -> str:
    return text.strip() if text else ""


def _has_unprintable(text: str, categories: tuple[str, ...]) -> bool:
    # Nearly all texts are printable, and asking for the category of each character is slow.
    return not text.isprintable() and any(unicodedata.category(character) in categories for character in text)


def _mac_digits(lowered: str) -> str:
    groups = _MAC_SEPARATOR.split(lowered)
    whole = "".join(groups)
    return whole if len(whole) == _MAC_DIGITS else "".join(group.zfill(2) for group in groups)


def _check_address_text(trimmed: str) -> None:
    if not trimmed:
        raise ValueError("An address must not be empty.")
    if len(trimmed) > MAXIMUM_ADDRESS_LENGTH:
        raise ValueError(f"An address must not have more than {MAXIMUM_ADDRESS_LENGTH} characters.")
    if len(trimmed.split()) > 1 or _has_unprintable(trimmed, ("Cc", "Cf", "Cs")):
        raise ValueError("An address must not contain blanks or control characters.")


def _split_address(trimmed: str) -> tuple[str, str]:
    """Return the lower-case scheme, maybe empty, and `host:port` without credentials and path."""
    scheme, authority, after = _ADDRESS.findall(trimmed)[0]
    # A password with an unescaped slash would end the authority early, and a piece of it pass for the host.
    if "@" in after:
        raise ValueError("An address must not contain an @ after its first slash; give host and port only.")
    return scheme.lower(), authority.rpartition("@")[2]


def _split_authority(authority: str) -> tuple[str, str]:
    """Return host and port, the port maybe empty; an IPv6 host comes without brackets."""
    bracketed = _BRACKETED.fullmatch(authority)
    if bracketed:
        return bracketed[1] if ":" in bracketed[1] else "", bracketed[2] or ""
    if authority.count(":") > 1:
        return authority, ""
    host, _, port = authority.partition(":")
    return host, port


def _normalize_port(port: str, scheme: str) -> int | None:
    if not port:
        return None
    number = int(port) if _PORT.fullmatch(port) else 0
    if not 0 < number <= _MAXIMUM_PORT:
        raise ValueError(f"The port of an address must be a whole number from 1 to {_MAXIMUM_PORT}.")
    return None if number in (_BARE_PORT, _DEFAULT_PORTS.get(scheme)) else number


def _normalize_host(host: str) -> str:
    name = _ascii_host(host)
    if ":" in name:
        stored = _normalize_ip_version_6(name)
    elif _IP_VERSION_4.fullmatch(name) or (
        _HOST_NAME.fullmatch(name) and not _ENDS_IN_NUMBER.fullmatch(name)
    ):
        stored = name
    else:
        stored = ""
    if not stored:
        raise ValueError("An address must be a host name, an IP address or a URL with one of them.")
    return stored


def _ascii_host(host: str) -> str:
    """Return the host in lower-case ASCII without its closing dot, or nothing where that cannot be."""
    try:
        encoded = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return encoded.lower().removesuffix(".")


def _normalize_ip_version_6(text: str) -> str:
    """Return the one form of the address; nothing where it is none, or has a scope (one machine's own)."""
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return ""
    # A mapped address is the same device, and Python's text for it differs between versions.
    return "" if address.scope_id else str(address.ipv4_mapped or address)


def _join(host: str, port: int | None) -> str:
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
