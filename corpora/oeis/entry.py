"""One sequence of the OEIS as its parts: from the internal `%` format, or from a search's JSON.

Format: https://oeis.org/eishelp1.html (the letters after `%`), https://oeis.org/wiki/JSON_Format.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from corpora.documents import JSON, RecordDropped, RecordUnreadable

A_NUMBER: Final = re.compile(r"A\d{6,9}")
_LINE: Final = re.compile(r"%([A-Za-z]) (A\d{6,9})(?: (.*))?")
_TERM: Final = re.compile(r"[-+\u2212]?\d+")
_OFFSET: Final = re.compile(r"\s*(-?\d{1,40})\s*(?:,\s*(-?\d{1,40})\s*)?")

#: Letters of the sections that are lines of text, with the names that JSON has for them.
SECTIONS: Final = {
    "C": "comment",
    "D": "reference",
    "H": "link",
    "F": "formula",
    "e": "example",
    "p": "maple",
    "t": "mathematica",
    "o": "program",
    "Y": "xref",
}
#: Entries that are no sequence: reserved numbers, and those taken back.
_NO_SEQUENCE: Final = re.compile(
    r"(?:allocated|allocating|recycled|reserved) (?:for|to)\b|(?:allocated|recycled)\.?$", re.I
)
_WRONG: Final = re.compile(
    r"(?:erroneous|incorrect|wrong) version of|duplicate of|same as A\d", re.I
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A sequence: its number, name, terms in order, and the lines of each section by its letter.

    `offset` is the index of the first term; None where the source does not say.
    """

    number: str
    name: str = ""
    terms: tuple[str, ...] = ()
    offset: int | None = None
    keywords: tuple[str, ...] = ()
    author: str = ""
    sections: Mapping[str, Sequence[str]] = field(default_factory=dict)


def parse_internal(text: str) -> Entry:
    """An entry of the internal format, `text` cleaned.

    `%V`, `%W`, `%X` have the signs that `%S`, `%T`, `%U` of old files leave out. Raises
    RecordUnreadable for what is no entry.
    """
    lines: dict[str, list[str]] = {}
    number = None
    for line in text.split("\n"):
        match = _LINE.match(line)
        if match is None:
            if line.startswith("%") and len(line) > 1 and line[1:2].isalpha():
                raise RecordUnreadable("broken line", line[:40])
            continue
        if number not in (None, match[2]):
            raise RecordUnreadable("numbers disagree", f"{number} and {match[2]}")
        number = match[2]
        lines.setdefault(match[1], []).append(match[3] or "")
    if number is None:
        raise RecordUnreadable("not an OEIS entry", "no line `%I A...`")
    signed = any(letter in lines for letter in "VWX")
    data = ",".join(",".join(lines.get(letter, [])) for letter in ("VWX" if signed else "STU"))
    offset, keywords = " ".join(lines.get("O", [])), ",".join(lines.get("K", []))
    return Entry(
        number,
        name=" ".join(" ".join(lines.get("N", [])).split()),
        terms=terms_of(data),
        offset=_offset(offset),
        keywords=keywords_of(keywords),
        author=" ".join(" ".join(lines.get("A", [])).split()),
        sections={letter: lines[letter] for letter in SECTIONS if letter in lines},
    )


def from_json(fields: Mapping[str, JSON]) -> Entry:
    """An entry of a search's JSON, its strings cleaned. Raises RecordUnreadable for any other."""
    number = fields.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 10**9:
        raise RecordUnreadable("not an OEIS entry", "no number")
    sections = {
        letter: lines
        for letter, key in SECTIONS.items()
        if isinstance(written := fields.get(key), list)
        and (lines := [line for line in written if isinstance(line, str)])
    }
    return Entry(
        f"A{number:06}",
        name=" ".join(_string(fields, "name").split()),
        terms=terms_of(_string(fields, "data")),
        offset=_offset(_string(fields, "offset")),
        keywords=keywords_of(_string(fields, "keyword")),
        author=" ".join(_string(fields, "author").split()),
        sections=sections,
    )


def check(entry: Entry) -> None:
    """Raises RecordDropped for numbers that hold no sequence, and for sequences taken back."""
    if _NO_SEQUENCE.match(entry.name) or "allocated" in entry.keywords:
        raise RecordDropped("a reserved number")
    if "dead" in entry.keywords or _WRONG.match(entry.name):
        raise RecordDropped("an erroneous or duplicate sequence")


def terms_of(data: str) -> tuple[str, ...]:
    """The terms of a list `0,1,-1,2`, blanks and empty places left out.

    Raises RecordUnreadable where one is no integer.

    >>> terms_of(",1, -2,30,")
    ('1', '-2', '30')
    """
    terms = []
    for term in data.split(","):
        bare = "".join(term.split())
        if not bare:
            continue
        if not _TERM.fullmatch(bare):
            raise RecordUnreadable("a term is no integer", bare[:40])
        terms.append(bare.replace("\u2212", "-").removeprefix("+"))
    return tuple(terms)


def keywords_of(written: str) -> tuple[str, ...]:
    """The keywords of a list `nonn,easy`."""
    return tuple(dict.fromkeys(word.strip().lower() for word in written.split(",") if word.strip()))


def _offset(written: str) -> int | None:
    match = _OFFSET.match(written)
    return int(match[1]) if match else None


def _string(fields: Mapping[str, JSON], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
