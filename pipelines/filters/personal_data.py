"""Addresses in a text that may lead to a person, by the patterns of datatrove's PIIFormatter."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

#: The longest local part and the longest domain name (RFC 5321, section 4.5.3.1).
_LONGEST_LOCAL_PART: Final = 64
_LONGEST_DOMAIN: Final = 255


def personal_scores(text: str) -> dict[str, float]:
    """How many e-mail addresses and public IPv4 addresses a text has, repeated ones included."""
    patterns = _patterns()
    # The pattern for addresses takes quadratic time on a line without one: it sees only what is
    # around each @.
    addresses = sum(
        1 for window in _windows(text) for _ in patterns.emails_replacer.regex.finditer(window)
    )
    networks = sum(
        bool(patterns.ip_replacer.validator(found[0]))
        for found in patterns.ip_replacer.regex.finditer(text)
    )
    return {"email_addresses": addresses, "ip_addresses": networks}


def _windows(text: str) -> Iterator[str]:
    start = end = 0
    at = text.find("@")
    while at >= 0:
        if at - _LONGEST_LOCAL_PART > end:
            yield text[start:end]
            start = at - _LONGEST_LOCAL_PART
        end = at + _LONGEST_DOMAIN
        at = text.find("@", at + 1)
    yield text[start:end]


@cache
def _patterns() -> Any:
    from datatrove.pipeline.formatters.pii import PIIFormatter

    return PIIFormatter()
