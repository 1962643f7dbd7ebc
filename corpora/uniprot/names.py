"""Names in a UniProt entry: of the protein, its genes and its organism."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from corpora.uniprot.evidence import without_evidence

_NAME: Final = re.compile(r"\s*(?:RecName|AltName|SubName):")
_KINDS: Final = frozenset(("RecName", "AltName", "SubName", "Flags", "Contains", "Includes"))
_BEFORE_PARENTHESIS: Final = re.compile(r" (?=\()")
_STRAIN: Final = re.compile(
    r"(?:strain|isolate|serotype|serovar|biovar|subsp|pv|ATCC|DSM|type|clone|sp\.)", re.IGNORECASE
)
_MOST_OLD_NAMES: Final = 50


@dataclass(frozen=True, slots=True)
class ProteinNames:
    """The names of a protein: recommended (or submitted), others, EC numbers, flags.

    `parts` are the proteins or domains it contains or includes, by their names.
    """

    name: str
    alternatives: tuple[str, ...] = ()
    ec_numbers: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def protein_names(lines: Sequence[str]) -> ProteinNames:
    """The names in DE lines, of the present format or that of before 2008.

    >>> protein_names(["RecName: Full=Chalcone synthase 3;", "         EC=2.3.1.74;"]).ec_numbers
    ('2.3.1.74',)
    >>> protein_names(["CHALCONE SYNTHASE 3 (EC 2.3.1.74) (FRAGMENT)."]).name
    'CHALCONE SYNTHASE 3'
    """
    if not any(_NAME.match(line) for line in lines):
        return _old_protein_names(" ".join(line.strip() for line in lines))
    names: list[str] = []
    numbers: list[str] = []
    parts: list[str] = []
    flags: list[str] = []
    kind, in_part = "", False
    for line in lines:
        item = without_evidence(line).rstrip(";")
        word, colon, rest = item.partition(":")
        if colon and word in _KINDS:
            kind, item = word, rest.lstrip()
            if word in ("Contains", "Includes"):
                in_part = True
                continue
        key, _, value = item.partition("=")
        if kind == "Flags":
            flags += [flag.strip() for flag in item.split(";")]
        elif in_part:
            if kind in ("RecName", "SubName") and key == "Full":
                parts.append(value)
        elif key == "EC":
            numbers.append(value)
        elif value:
            names.append(f"{value} (allergen)" if key == "Allergen" else value)
    return ProteinNames(
        names[0] if names else "", *map(_distinct, (names[1:], numbers, parts, flags))
    )


def _old_protein_names(text: str) -> ProteinNames:
    """`NAME (EC 1.2.3.4) (OTHER NAME) [CONTAINS: A; B] (FRAGMENT).`"""
    parts: list[str] = []

    def take_parts(match: re.Match[str]) -> str:
        parts.extend(part.strip() for part in match[1].split(";"))
        return ""

    text = re.sub(r"\s*\[(?:CONTAINS|INCLUDES):([^\[\]]*)\]", take_parts, text, flags=re.IGNORECASE)
    name, numbers, flags, others = text.strip().rstrip(". "), list[str](), list[str](), list[str]()
    for _ in range(_MOST_OLD_NAMES):
        start = _opening(name)
        if start <= 0:
            break
        inside, name = name[start + 1 : -1], name[:start].rstrip()
        if inside.upper().startswith("EC "):
            numbers.insert(0, inside[3:])
        elif inside.upper() in ("FRAGMENT", "FRAGMENTS", "PRECURSOR"):
            flags.insert(0, inside.capitalize())
        else:
            others.insert(0, inside)
    if name.upper().endswith(" PRECURSOR"):
        name, flags = name[: -len(" PRECURSOR")], ["Precursor", *flags]
    return ProteinNames(name, *map(_distinct, (others, numbers, parts, flags)))


def _opening(text: str) -> int:
    """Where the parenthesis closed by the last character opens; -1 without a space before it."""
    if not text.endswith(")"):
        return -1
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[position], 0)
        if depth == 0:
            return position if text[position - 1 : position] == " " else -1
    return -1


def gene_name(genes: Sequence[Mapping[str, Any]]) -> str | None:
    """The name a gene goes by: its name, else its ordered locus, else its open reading frame."""
    for gene in genes[:1]:
        for kind in ("Name", "OrderedLocusNames", "ORFNames", "Synonyms"):
            names = gene.get(kind)
            if names:
                return str(names if isinstance(names, str) else names[0])
    return None


def gene_lines(genes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each gene with its other names in parentheses.

    >>> gene_lines([{"Name": "TUSC3", "Synonyms": ["N33"]}])
    ['TUSC3 (synonym N33)']
    """
    lines = []
    for gene in genes:
        name = gene_name([gene])
        if not name:
            continue
        others = []
        for kind, word in (
            ("Synonyms", "synonym"),
            ("OrderedLocusNames", "ordered locus name"),
            ("ORFNames", "ORF name"),
        ):
            names = [other for other in gene.get(kind, ()) if other != name]
            if names:
                others.append(f"{word}{'s' if len(names) > 1 else ''} {', '.join(names)}")
        lines.append(f"{name} ({'; '.join(others)})" if others else name)
    return lines


def short_organism(organism: str) -> str:
    """The scientific name with its strain, without common names and synonyms.

    >>> short_organism("Escherichia coli (strain K12) (Bacillus coli)")
    'Escherichia coli (strain K12)'
    """
    if " (" not in organism:
        return organism
    name, *groups = _BEFORE_PARENTHESIS.split(organism)
    for group in groups:
        if not _STRAIN.match(group[1:]):
            break
        name += " " + group
    return name


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
