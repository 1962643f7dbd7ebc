"""Addresses in a text that may lead to a person, by the patterns of datatrove's PIIFormatter."""

import re
from functools import cache
from typing import Any, Final

#: The longest local part and the longest domain name (RFC 5321, section 4.5.3.1).
_LONGEST_LOCAL_PART: Final = 64
_LONGEST_DOMAIN: Final = 255
#: A document with more of them is no document of addresses by chance, and takes no more time.
_SIGNS_LOOKED_AT: Final = 1_000

#: What may stand before and after the @ of an address, by the pattern of datatrove.
_BEFORE: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*")
_AFTER: Final = re.compile(r"[A-Za-z0-9.:\[\]-]*")


def personal_scores(text: str) -> dict[str, float]:
    """How many e-mail addresses and public IPv4 addresses a text has, repeated ones included.

    E-mail addresses are counted among the first thousand `@`.
    """
    replacer = _patterns().ip_replacer
    networks = sum(bool(replacer.validator(found[0])) for found in replacer.regex.finditer(text))
    return {"email_addresses": _count_email_addresses(text), "ip_addresses": networks}


def _count_email_addresses(text: str) -> int:
    # The pattern takes quadratic time on a line without an address: it sees only what is around
    # each @, up to the next character that no address has.
    pattern = _patterns().emails_replacer.regex
    count = 0
    searched = 0
    at = text.find("@")
    for _ in range(_SIGNS_LOOKED_AT):
        if at < 0:
            break
        backwards = text[max(searched, at - _LONGEST_LOCAL_PART) : at][::-1]
        start = at - _run_length(_BEFORE, backwards)
        end = at + 1 + _run_length(_AFTER, text[at + 1 : at + 1 + _LONGEST_DOMAIN])
        found = pattern.search(text, start, end)
        if found is not None:
            count += 1
            searched = found.end()
        at = text.find("@", at + 1)
    return count


def _run_length(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


@cache
def _patterns() -> Any:
    from datatrove.pipeline.formatters.pii import PIIFormatter

    return PIIFormatter()
