"""The lines of GenBank and EMBL records: what a record says of itself, and its features.

Both formats are brought to one form: a `Heading`, and features as `Feature`s with their qualifiers
in the order of the file. What is wrong with a line costs that line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from corpora.genbank.locations import Location, parse_location
from corpora.wrapped_lines import joined

_QUALIFIER: Final = re.compile(r"\n(?:FT)? +/(?=[A-Za-z_])")
_INDENT: Final = re.compile(r"\n(?:FT)?[ \t]*")
_FEATURE: Final = re.compile(r"\n(?:  |FT)   (?=\S)")
#: Qualifiers that no document tells of, but for those of the source.
_UNUSED: Final = frozenset(
    ("db_xref", "inference", "experiment", "evidence", "GO_component", "GO_function", "GO_process")
)
_LOCUS_LENGTH: Final = re.compile(r"(\d+) (bp|aa|rc|BP|AA|SQ)\b")
_MOLECULE: Final = re.compile(
    r"\b((?:ss-|ds-|ms-)?(?:[a-z]{0,3}RNA|cRNA|uRNA|DNA|NA)|(?:genomic|other|unassigned|viral) "
    r"[DR]NA|PRT|XXX)\b"
)
#: Where the text of a line begins; the keyword before it may be indented by two or three blanks.
_KEYWORD_WIDTH: Final = 12
_CONTINUED: Final = " " * _KEYWORD_WIDTH


@dataclass(slots=True)
class Reference:
    """A work as the record cites it: authors in the format's own spelling."""

    number: str = ""
    authors: str = ""
    consortium: str = ""
    title: str = ""
    journal: str = ""
    pubmed: str = ""
    doi: str = ""
    remark: str = ""


@dataclass(slots=True)
class Heading:
    """What a record says of itself before its features."""

    accession: str = ""
    definition: str = ""
    length: int | None = None
    is_protein: bool = False
    molecule: str = ""
    is_circular: bool = False
    organism: str = ""
    common_name: str = ""
    lineage: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    comments: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    division: str = ""


class Feature(NamedTuple):
    """A feature: its key, its place (None where that cannot be parsed), its qualifiers in order."""

    key: str
    written: str
    location: Location | None
    qualifiers: dict[str, list[str]]

    def first(self, name: str) -> str:
        """The first value of a qualifier, empty where there is none."""
        values = self.qualifiers.get(name)
        return values[0] if values else ""


def features(text: str) -> Iterator[Feature]:
    """The features of a table, without its header line."""
    _, *found = _FEATURE.split("\n" + text)
    return map(_feature, found)


def _feature(text: str) -> Feature:
    place, *pieces = _QUALIFIER.split(text)
    key, _, written = place.partition(" ")
    written = written.strip() if "\n" not in written else _INDENT.sub("", written)
    if " " in written or "\n" in written:
        written = "".join(written.split())
    qualifiers: dict[str, list[str]] = {}
    position = 0
    while position < len(pieces):
        name, _, value = pieces[position].rstrip().partition("=")
        position += 1
        if value[:1] == '"' and (value[-1:] != '"' or len(value) == 1):
            # A line of a text that begins with a slash is no qualifier.
            parts = [value]
            while position < len(pieces) and not parts[-1].endswith('"'):
                parts.append(pieces[position].rstrip())
                position += 1
            value = "\n/".join(parts)
        if name in _UNUSED and key != "source":
            continue
        value = _value(name, value)
        if name in qualifiers:
            qualifiers[name].append(value)
        else:
            qualifiers[name] = [value]
    return Feature(key, written, parse_location(written), qualifiers)


def _value(name: str, value: str) -> str:
    if value[:1] == '"':
        value = value[1:-1] if value[-1:] == '"' and len(value) > 1 else value[1:]
        if '""' in value:
            value = value.replace('""', '"')
    if "\n" not in value:
        return value
    if name == "translation":
        return "".join(_INDENT.sub("", value).split())
    return joined(_INDENT.sub("\n", value))


def heading(text: str) -> Heading:
    """The heading of a record in either format."""
    return _embl(text) if text.startswith("ID ") else _genbank(text)


def _genbank(text: str) -> Heading:
    found = Heading()
    for keyword, lines in _blocks(text):
        match keyword:
            case "LOCUS":
                _locus(" ".join(lines), found)
            case "DEFINITION":
                found.definition = joined("\n".join(lines)).removesuffix(".")
            case "ACCESSION" | "VERSION":
                words = " ".join(lines).split()
                if words and words[0] != ".":
                    found.accession = words[0]
            case "KEYWORDS":
                found.keywords = _listed(joined("\n".join(lines)))
            case "SOURCE":
                found.common_name = joined("\n".join(lines)).rstrip(".")
            case "ORGANISM":
                _organism(lines, found)
            case "COMMENT":
                found.comments += _paragraphs(lines)
            case "REFERENCE":
                number = "".join(lines).split()
                found.references.append(Reference(number[0] if number else ""))
            case _:
                if found.references:
                    _reference_line(keyword, lines, found.references[-1])
    return found


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    keyword, lines = "", list[str]()
    for line in text.split("\n"):
        if keyword and line.startswith(_CONTINUED):
            lines.append(line[_KEYWORD_WIDTH:])
            continue
        head = line[:_KEYWORD_WIDTH].strip()
        if head and head.isupper() and not line.startswith("     "):
            if keyword:
                yield keyword, lines
            keyword, _, rest = line.strip().partition(" ")
            lines = [rest.strip()]
        elif keyword:
            lines.append(line[_KEYWORD_WIDTH:] if not head else line.strip())
    if keyword:
        yield keyword, lines


def said_length(line: str) -> tuple[int | None, bool]:
    """How many letters the first line of a record says that it has, and whether of a protein."""
    length = _LOCUS_LENGTH.search(line)
    # `SQ` counts the sequences of a set.
    if length is None or len(length[1]) > 12 or length[2] == "SQ":
        return None, False
    return int(length[1]), length[2] in ("AA", "aa")


def _locus(line: str, found: Heading) -> None:
    words = line.split()
    found.accession = words[0] if words else ""
    found.length, found.is_protein = said_length(line)
    molecule = _MOLECULE.search(line)
    found.molecule = molecule[1] if molecule and not found.is_protein else ""
    found.is_circular = " circular " in f"{line} "


def _organism(lines: list[str], found: Heading) -> None:
    """The name, which may go on in a second line, and the lineage, whose names end by `;`."""
    names = [line.strip() for line in lines if line.strip()]
    first = next((n for n, line in enumerate(names) if n and ";" in line), len(names))
    if first == len(names) and len(names) > 1:
        # A lineage of one name: `Viruses.`
        first = len(names) - 1
    found.organism = joined("\n".join(names[:first])).strip()
    found.lineage = _listed(joined("\n".join(names[first:])))
    if found.organism == ".":
        found.organism = ""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.rstrip(" .").split(";"))))


def _paragraphs(lines: list[str]) -> list[str]:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line.strip() in ("", "."):
            paragraphs.append([])
        elif line.startswith("##") or (paragraphs[-1] and line.startswith(("   ", "- ", "* "))):
            paragraphs.append([line])
        else:
            paragraphs[-1].append(line.rstrip("~"))
    return [text for text in (joined("\n".join(lines)) for lines in paragraphs) if text]


def _reference_line(keyword: str, lines: list[str], reference: Reference) -> None:
    value = joined("\n".join(lines))
    match keyword:
        case "AUTHORS":
            reference.authors = value.rstrip(".") if value.count(".") == 1 else value
        case "CONSRTM":
            reference.consortium = value
        case "TITLE":
            reference.title = value
        case "JOURNAL":
            reference.journal = value
            doi = re.search(r"\bDOI:? ?(10\.\S+)", value, re.IGNORECASE)
            reference.doi = doi[1].rstrip(".,;") if doi else ""
        case "PUBMED":
            reference.pubmed = value
        case "REMARK":
            reference.remark = value


def _embl(text: str) -> Heading:
    found = Heading()
    by_code: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        code, content = line[:2], line[5:].rstrip()
        if code in ("XX", "FH", ""):
            by_code.append(("", []))
        elif by_code and by_code[-1][0] == code and code not in ("RX", "RN"):
            by_code[-1][1].append(content)
        else:
            by_code.append((code, [content]))
    for code, lines in by_code:
        match code:
            case "ID":
                _embl_id(lines[0], found)
            case "AC" if not found.accession or found.accession.endswith("."):
                found.accession = lines[0].partition(";")[0].strip()
            case "SV":
                found.accession = lines[0].strip() or found.accession
            case "DE":
                found.definition = joined("\n".join(lines)).removesuffix(".")
            case "KW":
                found.keywords = _listed(joined("\n".join(lines)))
            case "OS" if not found.organism:
                name = joined("\n".join(lines)).rstrip(".")
                found.organism, _, common = name.partition(" (")
                found.common_name = f"{found.organism} ({common}" if common else ""
            case "OC":
                found.lineage = _listed(joined("\n".join(lines)))
            case "CC":
                kept = [line for line in lines if not line.startswith("---")]
                found.comments += _paragraphs(kept)
            case "RN":
                found.references.append(Reference(lines[0].strip(" []")))
            case _:
                if found.references:
                    _embl_reference(code, lines, found.references[-1])
    return found


def _embl_id(line: str, found: Heading) -> None:
    """`X56734; SV 1; linear; mRNA; STD; PLN; 1859 BP.`, or as before 2006."""
    fields = [part.strip() for part in line.rstrip(".").split(";")]
    found.length, found.is_protein = said_length(line)
    found.is_protein = found.is_protein or "PRT" in fields
    found.is_circular = "circular" in line.split("; ") or " circular " in line
    found.accession = fields[0].split(" ")[0]
    if len(fields) > 1 and fields[1].startswith("SV ") and fields[1][3:].isdecimal():
        found.accession += f".{fields[1][3:]}"
    molecule = _MOLECULE.search(line)
    found.molecule = molecule[1] if molecule and not found.is_protein else ""


def _embl_reference(code: str, lines: list[str], reference: Reference) -> None:
    value = joined("\n".join(lines))
    match code:
        case "RA":
            reference.authors = value.rstrip("; ")
        case "RG":
            reference.consortium = value.rstrip("; ")
        case "RT":
            reference.title = value.rstrip("; ").strip('"')
        case "RL":
            reference.journal = value
        case "RX":
            name, _, identifier = value.rstrip(".").partition(";")
            if name.strip().upper() == "PUBMED":
                reference.pubmed = identifier.strip()
            elif name.strip().upper() == "DOI":
                reference.doi = identifier.strip()
        case "RC":
            reference.remark = value
