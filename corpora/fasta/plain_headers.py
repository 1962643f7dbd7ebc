"""What an identifier and the words after it say, in a header of no dialect of its own."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from corpora.sequences import Kind

_REFSEQ: Final = re.compile(r"([ANWXY]P|[NX]M|[NX]R|[A-Z]{2})_[A-Z]{0,4}\d{5,}(?:\.\d+)?")
ENSEMBL: Final = re.compile(r"ENS[A-Z]{0,6}([PTG])\d{11}(?:\.\d+)?(?:_PAR_Y)?")
_GENBANK_PROTEIN: Final = re.compile(r"[A-Z]{3}\d{5}(?:\d\d)?\.\d+")
_GENBANK_NUCLEOTIDE: Final = re.compile(
    r"(?:[A-Z]\d{5}|[A-Z]{2}\d{6}(?:\d\d)?|[A-Z]{4,6}\d{8,11})\.\d+"
)
_UNIPROT: Final = re.compile(
    r"(?:[OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d(?:[A-Z][A-Z\d]{2}\d){1,2})(?:-\d+)?"
)
_BRACKETED: Final = re.compile(r" ?\[([A-Za-z][\w.-]{0,40})=((?:[^\[\]]|\[[^\[\]]*\])*)\]")
_ORGANISM: Final = re.compile(
    r" \[((?:\[[A-Z][a-z]+\]|'?[A-Z][\w.-]*|[a-z]+ ?proteobacteri\w+|uncultured|unidentified|"
    r"synthetic|unclassified)[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]"
)
_MEASURE: Final = re.compile(r"(?:^|(?<= ))[A-Za-z0-9][\w']*=(?:\[[^\]]*\]|\S*) ?")
_TAXON_ID: Final = re.compile(r"\b(?:TaxID|OX|taxon|NCBI_TaxID)[=:](\d+)\b")
_PREDICTED: Final = ("PREDICTED: ", "LOW QUALITY PROTEIN: ")
LAST_PERIOD: Final = re.compile(r"(?<![\d.])\.$")


class Described(NamedTuple):
    """What a header says of its sequence.

    `database` is where `identifier` is from, empty where nothing tells; `title` names the sequence;
    `facts` are sentences of their own. `kind` is set where the header leaves no doubt of it.
    """

    identifier: str
    title: str = ""
    database: str = ""
    organism: str = ""
    taxonomy_id: int | None = None
    gene: str = ""
    kind: Kind | None = None
    facts: tuple[str, ...] = ()
    metadata: Mapping[str, str] = MappingProxyType({})


def plain(text: str) -> Described:
    """What a header of an identifier and a description says."""
    identifier, _, rest = text.partition(" ")
    return told(identifier, rest)


def told(identifier: str, rest: str) -> Described:
    """What an identifier and the words after it say."""
    database, kind = database_of(identifier)
    if "[" in rest and "=" in rest:
        values = dict(_BRACKETED.findall(rest))
        if len(values) > 1 or "protein_id" in values:
            return _bracketed(identifier, values)._replace(kind=kind)
    rest = rest.strip(" |-").strip()
    if database and rest.startswith(_PREDICTED):
        rest = rest.partition(": ")[2]
    organism = ""
    if rest.endswith("]"):
        rest, organism = _without_organism(rest)
    taxon = None
    if "=" in rest or ":" in rest:
        numbered = _TAXON_ID.search(rest)
        taxon = taxonomy_id(numbered[1]) if numbered else None
        if "=" in rest:
            # `len=247 path=[...]`: measures of programs, no words.
            rest = _MEASURE.sub("", rest).strip()
    if rest.endswith("."):
        rest = LAST_PERIOD.sub("", rest)
    return Described(identifier, rest, database, organism, taxon, "", kind)


def _without_organism(text: str) -> tuple[str, str]:
    """A text that ends by a bracket as what stands before its organism, and this."""
    at = 0
    while (at := text.find(" [", at)) >= 0:
        match = _ORGANISM.fullmatch(text, at)
        if match:
            return text[:at], match[1]
        at += 1
    return text, ""


def _bracketed(identifier: str, values: dict[str, str]) -> Described:
    """NCBI's `[gene=...] [protein=...] [location=...]` of coding sequences and submissions."""
    protein_id = values.get("protein_id", "")
    source, _, _ = identifier.removeprefix("lcl|").partition("_cds_")
    title = values.get("protein") or values.get("product") or values.get("gene") or protein_id
    facts = []
    if values.get("gbkey") == "CDS" or "_cds_" in identifier:
        title = f"Coding sequence of {title}" if title else "Coding sequence"
        if protein_id:
            facts.append(f"It encodes the protein {protein_id}.")
    if values.get("locus_tag"):
        facts.append(f"The locus tag is {values['locus_tag']}.")
    if values.get("location") and source != identifier:
        facts.append(f"It lies at {values['location']} of {source}.")
    return Described(
        identifier, title, "", values.get("organism", ""), gene=values.get("gene", ""),
        facts=tuple(facts), metadata=values,
    )  # fmt: skip


def database_of(identifier: str) -> tuple[str, Kind | None]:
    """The database whose identifiers look so, and what kind of sequence this one names."""
    if identifier[2:3] == "_":
        match = _REFSEQ.fullmatch(identifier)
        if match and match[1] in ("AP", "NP", "WP", "XP", "YP"):
            return "RefSeq", "protein"
        if match and match[1] in ("AC", "NC", "NG", "NM", "NR", "NT", "NW", "NZ", "XM", "XR"):
            return "RefSeq", None
    elif identifier.startswith("ENS"):
        match = ENSEMBL.fullmatch(identifier)
        if match:
            return "Ensembl", "protein" if match[1] == "P" else None
    if "." in identifier:
        if _GENBANK_PROTEIN.fullmatch(identifier):
            return "GenBank", "protein"
        if _GENBANK_NUCLEOTIDE.fullmatch(identifier):
            return "GenBank", None
    elif _UNIPROT.fullmatch(identifier):
        return "UniProt", "protein"
    return "", None


def taxonomy_id(digits: str) -> int | None:
    """A number of NCBI's taxonomy, None for what is none."""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else None
