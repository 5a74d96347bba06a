"""What a person types into a search field."""

from collections.abc import Callable
from dataclasses import dataclass

from service.api.faults import BadRequestError
from service.model.hardware import clean_text, normalize_address, normalize_mac


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """The text, and what else it may be; all null when nothing is searched for."""

    text: str | None = None
    mac_address: str | None = None
    address: str | None = None


def search_terms(search: str | None) -> SearchTerms:
    """Return what to search for; BAD_REQUEST when no name could be so."""
    if search is None or not search.strip():
        return SearchTerms()
    try:
        text = clean_text(search, "`search`")
    except ValueError as error:
        raise BadRequestError(str(error)) from error
    return SearchTerms(text, _perhaps(normalize_mac, text), _perhaps(normalize_address, text))


def _perhaps(normalize: Callable[[str], str], text: str) -> str | None:
    try:
        return normalize(text)
    except ValueError:
        return None
