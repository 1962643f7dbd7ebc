"""UniProt flat files: the lines of an entry, Swiss-Prot or TrEMBL, of any release since the 1990s.

Format: UniProt Knowledgebase user manual, https://web.expasy.org/docs/userman.html. Lines of
cross-references (DR), three fifths of an entry, are cut away before anything is looked at.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from corpora.documents import RecordUnreadable
from corpora.terminated_records import RawRecord
from corpora.uniprot.entry import Entry, Feature, Reference
from corpora.uniprot.evidence import without_evidence
from corpora.uniprot.names import protein_names

MALFORMED: Final = "malformed entry"

_NEEDED: Final = {"AC": "accession", "SQ": "sequence"}
_TOPIC: Final = re.compile(r"[A-Z][A-Z ()-]{2,40}")
# `alpha- and beta-tubulin`: the only words before which a hyphen at a line's end keeps its space.
_SUSPENDED: Final = re.compile(r"(?:and|or|to)\b")
_ID_LINE: Final = re.compile(r"(\S+)\s+(\w+);\s+(?:PRT;\s+)?(\d{1,9}) AA\.?")
_SEQUENCE_LINE: Final = re.compile(
    r"SEQUENCE\s+(\d{1,9}) AA;\s+(\d{1,12}) MW;\s+(\w+) CRC(?:64|32);"
)
_CROSS_REFERENCE: Final = re.compile(r"\s*([A-Za-z]+)=(\S[^;]*|)(?:;|$)")
_OLD_CROSS_REFERENCE: Final = re.compile(r"(MEDLINE|PubMed);\s*(\d+)")
_REFERENCE_NUMBER: Final = re.compile(r"\[(\d{1,6})\]")
_YEAR: Final = re.compile(r"\((?:[A-Z]{3}-)?(\d{4})\)")
#: A name may hold a semicolon itself: `HvPIP2;8`.
_GENE_NAMES: Final = re.compile(r";\s*(?=(?:Name|Synonyms|OrderedLocusNames|ORFNames)=)")
_TAXON: Final = re.compile(r"(?:NCBI_TaxID=)?([\w.-]+)")
#: `DISULFID      3      9       BY SIMILARITY.`, before 2019.
_OLD_FEATURE: Final = re.compile(
    r"(\w+)\s+((?:[\w-]+:)?[<>?]?\d*)(?:\s+([<>?]?\d*)(?=\s|$))?\s*(.*)", re.DOTALL
)
_FEATURE: Final = re.compile(
    r"(\w+)\s+(?:([\w-]+):)?([<>?]?\d*)(?:\.\.([<>?]?\d*))?(?:\n|$)(.*)", re.DOTALL
)
_QUALIFIER: Final = re.compile(r"(?:^|\n)\s*/(\w+)=\"([^\"]*)(?:\"|$)")
_OLD_IDENTIFIER: Final = re.compile(r"\s*/FTId=(\w+)\.?")
_POSITION: Final = re.compile(r"[<>?]?\d{1,9}|\?")
#: Alternatives of a sequence, whose residues are wrapped like words.
_WITH_RESIDUES: Final = frozenset(("VAR_SEQ", "VARSPLIC", "VARIANT", "CONFLICT", "MUTAGEN"))
_WRAPPED_RESIDUES: Final = re.compile(r"(?<![^\s(])([A-Z]+)\n\s*(?=[A-Z]+(?:[\s.]|->|$))")
#: Qualifiers that make the description, in this order.
_TELLING: Final = ("ligand", "ligand_label", "ligand_part", "ligand_note", "note", "description")


def parse_flat(raw: RawRecord, cleaned: Counter[str]) -> Entry:
    """The entry of a raw record. Raises RecordUnreadable for what is none."""
    text = raw.text(cleaned).lstrip("\n")
    lines = lines_by_code(_without_links(text))
    identity = _ID_LINE.match(lines["ID"][0])
    sequence = _SEQUENCE_LINE.match(lines["SQ"][0])
    if identity is None or sequence is None:
        line = "ID" if identity is None else "SQ"
        raise RecordUnreadable(MALFORMED, f"the {line} line: {lines[line][0]!r}"[:300])
    accessions = [name for line in lines["AC"] for name in re.split(r"[;\s]+", line) if name]
    kind = identity[2].upper()
    return Entry(
        accessions=accessions,
        name=identity[1],
        is_reviewed=kind in ("REVIEWED", "STANDARD"),
        names=protein_names(lines.get("DE", [])),
        genes=_genes(without_evidence(" ".join(lines.get("GN", [])))),
        organism=without_evidence(" ".join(lines.get("OS", []))).rstrip(".").strip(),
        taxa=_taxa(without_evidence(" ".join(lines.get("OX", [])))),
        lineage=_listed(" ".join(lines.get("OC", []))),
        hosts=_hosts(lines.get("OH", [])),
        organelle=without_evidence(" ".join(lines.get("OG", []))).rstrip(".").strip(),
        references=_references(text),
        comments=comments(lines.get("CC", [])),
        existence="".join(lines.get("PE", []))[:1],
        keywords=_listed(without_evidence(joined(lines.get("KW", [])))),
        features=_features(lines.get("FT", [])),
        sequence="".join(lines.get("  ", [])).replace(" ", ""),
        said_lengths={"ID": int(identity[3]), "SQ": int(sequence[1])},
        mass=int(sequence[2]),
        checksum=sequence[3],
    )


def _without_links(text: str) -> str:
    first = text.find("\nDR   ")
    if first < 0:
        return text
    end = text.find("\n", text.rfind("\nDR   ") + 1)
    between = text[first:end] if end >= 0 else text[first:]
    if between.count("\nDR   ") != between.count("\n"):
        return text
    return text[:first] + (text[end:] if end >= 0 else "")


def lines_by_code(text: str) -> dict[str, list[str]]:
    """The contents of an entry's lines from column 6 on, by their two-letter code, in order.

    Raises RecordUnreadable for an entry without an accession or an SQ line.
    """
    lines: dict[str, list[str]] = {}
    for line in text.strip("\n").split("\n"):
        code = line[:2]
        if code in lines:
            lines[code].append(line[5:].rstrip())
        else:
            lines[code] = [line[5:].rstrip()]
    for code, what in _NEEDED.items():
        if not any(lines.get(code, ())):
            raise RecordUnreadable(f"no {what}", f"the entry has no {code} line")
    return lines


def joined(lines: Iterable[str]) -> str:
    """Wrapped lines as one: a line broken after a hyphen goes on without a space.

    >>> joined(["the product 4,2',4',6'-", "tetrahydroxychalcone, alpha-", "and beta-tubulin"])
    "the product 4,2',4',6'-tetrahydroxychalcone, alpha- and beta-tubulin"
    """
    parts: list[str] = []
    for line in lines:
        part = " ".join(line.split()) if "  " in line else line.strip()
        if not part:
            continue
        before = parts[-1] if parts else "-"
        if not before.endswith("-") or before.endswith(" -") or _SUSPENDED.match(part):
            parts.append(" ")
        parts.append(part)
    return "".join(parts)


def comments(lines: Iterable[str]) -> list[tuple[str, str]]:
    """The CC blocks of an entry: (topic, text) pairs in order, without evidence and copyright.

    >>> comments(["-!- FUNCTION: Binds DNA-", "    and RNA. {ECO:0000305}.", "-----", "Terms"])
    [('FUNCTION', 'Binds DNA- and RNA.')]
    """
    blocks: list[list[str]] = []
    for line in lines:
        if line.startswith("-!-"):
            blocks.append([line[3:].strip()])
        elif line.startswith("    ") and blocks:
            blocks[-1].append(line)
        elif line.startswith("---"):
            break
    found = []
    for block in blocks:
        topic, _, first = block[0].partition(":")
        if not _TOPIC.fullmatch(topic):
            # Releases of the nineties have comments without a topic.
            topic, first = "MISCELLANEOUS", block[0]
        found.append((topic, without_evidence(joined([first, *block[1:]]))))
    return found


def _genes(text: str) -> list[dict[str, str | list[str]]]:
    """`Name=TCMO; Synonyms=M1, M2; and Name=...`, or before 2004 `TCMO OR TCM1 AND ...`."""
    if not text:
        return []
    genes: list[dict[str, str | list[str]]] = []
    if "=" not in text:
        for gene in text.rstrip(". ").split(" AND "):
            first, *others = [name.strip() for name in gene.strip("() ").split(" OR ")]
            genes.append({"Name": first, "Synonyms": others})
        return genes
    for part in re.split(r"; and (?=[A-Z])|;? and(?=Name=)", text):
        gene_names: dict[str, str | list[str]] = {}
        for token in _GENE_NAMES.split(part.strip().rstrip(";")):
            key, _, value = token.strip().partition("=")
            if key == "Name":
                gene_names[key] = value.strip()
            elif value:
                gene_names[key] = [name.strip() for name in value.split(", ") if name.strip()]
        genes.append(gene_names)
    return genes


def _taxa(text: str) -> list[str]:
    return _TAXON.findall(text.replace(";", ""))


def _listed(text: str) -> list[str]:
    return [part for part in (p.strip() for p in text.rstrip("; .").split(";")) if part]


def _hosts(lines: Iterable[str]) -> list[str]:
    hosts = [without_evidence(line).partition(";")[2].strip().rstrip(".") for line in lines]
    return [host for host in hosts if host]


def _references(text: str) -> list[Reference]:
    """The references, each from its RN line on."""
    references = []
    start = text.find("\nRN   ")
    if start < 0:
        return []
    for block in text[start:].split("\nRN   ")[1:]:
        number, *lines = block.split("\n")
        match = _REFERENCE_NUMBER.match(number)
        if match is None:
            raise RecordUnreadable(MALFORMED, f"the RN line: {number!r}"[:300])
        by_code: dict[str, list[str]] = {}
        for line in lines:
            if not line.startswith("R"):
                break
            by_code.setdefault(line[:2], []).append(line[5:])
        references.append(_reference(match[1], by_code))
    return references


def _reference(number: str, lines: Mapping[str, list[str]]) -> Reference:
    identifiers: dict[str, str] = {}
    for line in lines.get("RX", ()):
        old = _OLD_CROSS_REFERENCE.match(line)
        found = [old.groups()] if old else _CROSS_REFERENCE.findall(line)
        identifiers.update({name: value.strip() for name, value in found if value.strip()})
    years = _YEAR.findall(" ".join(lines.get("RL", ())))
    title = joined(lines.get("RT", ())).rstrip(";").strip(' "')
    return Reference(
        number,
        without_evidence(joined(lines.get("RA", ()))).rstrip("; "),
        " ".join(" ".join(lines.get("RG", ())).split()).partition(";")[0],
        title.removesuffix("."),
        years[-1] if years else None,
        identifiers.get("PubMed"),
        identifiers.get("DOI"),
    )


def _features(lines: list[str]) -> list[Feature]:
    blocks: list[list[str]] = []
    for line in lines:
        if line[:1].strip():
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
    found = [_feature("\n".join(block)) for block in blocks]
    for feature in found:
        for position in (feature.start, feature.end):
            if not _POSITION.fullmatch(position):
                raise RecordUnreadable(MALFORMED, f"feature {feature.key} at {position!r}")
        first, last = feature.start.lstrip("<>?"), feature.end.lstrip("<>?")
        if first and last and int(first) > int(last):
            raise RecordUnreadable(MALFORMED, f"feature {feature.key} from {first} to {last}")
    return found


def _feature(text: str) -> Feature:
    match = _FEATURE.match(text)
    if match is not None:
        key, sequence, start, end, rest = match.groups()
        qualifiers = dict(_QUALIFIER.findall(rest))
        identifier = qualifiers.get("id", "")
        told = [_residues_joined(key, qualifiers[name]) for name in _TELLING if name in qualifiers]
        described = "; ".join(told)
    else:
        match = _OLD_FEATURE.match(text)
        if match is None:
            raise RecordUnreadable(MALFORMED, f"feature {text[:100]!r}")
        key, start, end, rest = match.groups()
        sequence, _, start = start.rpartition(":")
        identified = _OLD_IDENTIFIER.search(rest)
        identifier = identified[1] if identified else ""
        described = _residues_joined(key, _OLD_IDENTIFIER.sub("", rest))
    described = without_evidence(described).rstrip(" .")
    end = start if end is None else end
    return Feature(key, start or "?", end or "?", described, identifier, sequence or "")


def _residues_joined(key: str, text: str) -> str:
    """A wrapped text as one line; residues broken by a line's end are one again."""
    if "\n" not in text:
        return text.strip()
    if key in _WITH_RESIDUES:
        text = _WRAPPED_RESIDUES.sub(r"\1", text)
    return joined(text.split("\n"))
