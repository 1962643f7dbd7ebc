"""UniProt flat files: the lines of an entry, Swiss-Prot or TrEMBL, of any release since the 1990s.

Format: UniProt Knowledgebase user manual, https://web.expasy.org/docs/userman.html. Lines of
cross-references (DR), three fifths of an entry, are cut away before anything is looked at.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from corpora.documents import Citation, RecordUnreadable
from corpora.terminated_records import RawRecord
from corpora.uniprot.citations import cited_work
from corpora.uniprot.entry import Entry, Feature
from corpora.uniprot.evidence import without_evidence, without_tags
from corpora.uniprot.names import protein_names
from corpora.wrapped_lines import joined

MALFORMED: Final = "malformed entry"

#: Links to other databases, three fifths of an entry.
_LEFT_OUT: Final = frozenset(("DR",))
_BLOCKS: Final = {code: re.compile(rf"(?:\n{code}   [^\n]*)+") for code in ("DR", "CC", "FT")}
_NEEDED: Final = {"AC": "accession", "SQ": "sequence"}
_TOPIC: Final = re.compile(r"[A-Z][A-Z ()-]{2,40}")
_ID_LINE: Final = re.compile(r"(\S+)\s+(\w+);\s+(?:PRT;\s+)?(\d{1,9}) AA\.?")
_SEQUENCE_LINE: Final = re.compile(
    r"SEQUENCE\s+(\d{1,9}) AA;\s+(\d{1,12}) MW;\s+(\w+) CRC(?:64|32);"
)
_CROSS_REFERENCE: Final = re.compile(r"([A-Za-z]+)=([^;\s][^;]*)(?:;|$)")
_AFTER_REFERENCES: Final = re.compile(r"\n(?!R[NPCXGATLM] )")
_OLD_CROSS_REFERENCE: Final = re.compile(r"(MEDLINE|PubMed);\s*(\d+)")
#: Number, PubMed id, DOI, group, authors, title and year of a reference.
_ReferenceParts = tuple[str, str | None, str | None, str, str, str, str | None]
#: Almost all references: their lines in the order of the manual, from the number on, with the
#: identifiers of today and a year.
_REFERENCE: Final = re.compile(
    r"\[(\d{1,6})\][^\n]*+(?:\nR[PC]   [^\n]*+)*+"
    r"(?:\nRX   (?:MEDLINE=\d+; )?PubMed=(\d+);(?:(?: |\nRX   )DOI=([^;\s]+);)?)?"
    r"((?:\nRG   [^\n]*+)*+)"
    r"((?:\nRA   [^\n]*+)*+)((?:\nRT   [^\n]*+)*+)"
    r"\nRL   [^\n]*\((?:[A-Z]{3}-)?(\d{4})\)[^\n]*\n?"
)
_OLD_DATABASES: Final = frozenset(("MEDLINE", "PubMed;"))
_REFERENCE_NUMBER: Final = re.compile(r"\[(\d{1,6})\]")
_YEAR: Final = re.compile(r"\((?:[A-Z]{3}-)?(\d{4})\)")
#: A name may hold a semicolon itself: `HvPIP2;8`.
_GENE_NAMES: Final = re.compile(r";\s*(?=(?:Name|Synonyms|OrderedLocusNames|ORFNames)=)")
_NEXT_GENE: Final = re.compile(r"; and (?=[A-Z])|;? and(?=Name=)")
_TAXON: Final = re.compile(r"(?:NCBI_TaxID=)?([\w.-]+)")
#: `DISULFID      3      9       BY SIMILARITY.`, before 2019.
_OLD_FEATURE: Final = re.compile(
    r"(\w+)\s+((?:[\w-]+:)?[<>?]?\d*)(?:\s+([<>?]?\d*)(?=\s|$))?\s*(.*)", re.DOTALL
)
_FEATURE: Final = re.compile(
    r"(\w+)\s+(?:([\w-]+):)?([<>?]?\d*)(?:\.\.([<>?]?\d*))?[ \t]*(?:\n|$)(.*)", re.DOTALL
)
_QUALIFIER: Final = re.compile(r"/(id|note|ligand|ligand_(?:label|part|note))=\"([^\"]*)")
_FEATURE_START: Final = re.compile(r"\n(?=\S)")
_OLD_IDENTIFIER: Final = re.compile(r"\s*/FTId=(\w+)\.?")
_POSITION: Final = re.compile(r"[<>?]?\d{1,9}|\?")
#: Alternatives of a sequence, whose residues are wrapped like words.
_WITH_RESIDUES: Final = frozenset(("VAR_SEQ", "VARSPLIC", "VARIANT", "CONFLICT", "MUTAGEN"))
_WRAPPED_RESIDUES: Final = re.compile(r"(?<![^\s(])([A-Z]+)\n\s*(?=[A-Z]+(?:[\s.]|->|$))")
_ALTERNATIVES: Final = frozenset(("VAR_SEQ", "VARSPLIC"))
#: Qualifiers that make the description, in this order.
_TELLING: Final = ("ligand", "ligand_label", "ligand_part", "ligand_note", "note")


def parse_flat(raw: RawRecord, cleaned: Counter[str]) -> Entry:
    """The entry of a raw record. Raises RecordUnreadable for what is none."""
    # Links are cut away, and long blocks out, before what is left is looked at line by line.
    text, _ = _block_apart(raw.text(cleaned).lstrip("\n"), "DR")
    text, references = _references_apart(text)
    text, comment_lines = _block_apart(text, "CC")
    text, feature_lines = _block_apart(text, "FT")
    lines = lines_by_code(text)
    identity = _ID_LINE.match(lines["ID"][0])
    sequence = _SEQUENCE_LINE.match(lines["SQ"][0])
    if identity is None or sequence is None:
        line = "ID" if identity is None else "SQ"
        raise RecordUnreadable(MALFORMED, f"the {line} line: {lines[line][0]!r}"[:300])
    accessions = [name for line in lines["AC"] for name in line.replace(";", " ").split()]
    return Entry(
        accessions=accessions,
        name=identity[1],
        is_reviewed=identity[2].upper() in ("REVIEWED", "STANDARD"),
        names=protein_names(lines.get("DE", [])),
        genes=_genes(without_evidence(" ".join(lines.get("GN", [])))),
        organism=without_evidence(" ".join(lines.get("OS", []))).rstrip(".").strip(),
        taxa=_taxa(without_evidence(" ".join(lines.get("OX", [])))),
        lineage=_listed(" ".join(lines.get("OC", []))),
        hosts=_hosts(lines.get("OH", [])),
        organelle=without_evidence(" ".join(lines.get("OG", []))).rstrip(".").strip(),
        references=[_reference(block) for block in references.split("\nRN   ")[1:]],
        comments=comments(comment_lines),
        existence="".join(lines.get("PE", []))[:1],
        keywords=_listed(without_evidence(joined("\n".join(lines.get("KW", []))))),
        features=_features(feature_lines),
        sequence="".join(lines.get("  ", [])).replace(" ", ""),
        said_lengths={"ID": int(identity[3]), "SQ": int(sequence[1])},
        mass=int(sequence[2]),
        checksum=sequence[3],
    )


def _block_apart(text: str, code: str) -> tuple[str, str]:
    """An entry without the lines of a code, and their contents, a line end before each."""
    mark, beginning = f"\n{code}   ", f"\n{code}"
    # Without its blanks, which are frequent, the mark is found four times as fast.
    first = text.find(beginning)
    if first < 0:
        return text, ""
    match = _BLOCKS[code].match(text, first)
    end = match.end() if match else first
    if text.find(beginning, end) < 0:
        block = "" if code in _LEFT_OUT else text[first:end].replace(mark, "\n")
        return text[:first] + text[end:], block
    lines = text.split("\n")
    found = [line[len(mark) - 1 :] for line in lines if line.startswith(mark[1:])]
    others = [line for line in lines if not line.startswith(mark[1:])]
    return "\n".join(others), "\n".join(["", *found])


def _references_apart(text: str) -> tuple[str, str]:
    """An entry without its references, and these."""
    start = text.find("\nRN   ")
    if start < 0:
        return text, ""
    end = _AFTER_REFERENCES.search(text, start)
    if end is None:
        return text[:start], text[start:]
    return text[:start] + text[end.start() :], text[start : end.start()]


def lines_by_code(text: str) -> dict[str, list[str]]:
    """The contents of an entry's lines from column 6 on, by their two-letter code, in order.

    Raises RecordUnreadable for an entry without an accession or an SQ line.
    """
    lines: dict[str, list[str]] = {}
    for line in text.strip("\n").split("\n"):
        lines.setdefault(line[:2], []).append(line[5:].rstrip())
    for code, what in _NEEDED.items():
        if not any(lines.get(code, ())):
            raise RecordUnreadable(f"no {what}", f"the entry has no {code} line")
    return lines


def comments(text: str) -> list[tuple[str, str]]:
    """The CC block of an entry: (topic, text) pairs in order, without evidence and copyright.

    >>> comments("\\n-!- FUNCTION: Binds DNA-\\n    and RNA. {ECO:0000305}.\\n-----\\nTerms")
    [('FUNCTION', 'Binds DNA- and RNA.')]
    """
    found = []
    # A text has no NUL.
    for block in text.replace("\n    ", "\0").split("\n-!- ")[1:]:
        # What is not indented is no comment: the copyright.
        block = block.partition("\n")[0].replace("\0", "\n")
        topic, _, body = block.partition(":")
        if not _TOPIC.fullmatch(topic):
            # Releases of the nineties have comments without a topic.
            topic, body = "MISCELLANEOUS", block
        body = joined(body)
        found.append((topic, without_tags(body)))
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
    for part in _NEXT_GENE.split(text):
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


def _reference(text: str) -> tuple[str, Citation]:
    """A reference, from its number on: the number and the work."""
    match = _REFERENCE.fullmatch(text)
    if match is not None:
        number, pmid, doi, group, authors, title, year = match.groups()
        authors = authors[6:].replace("\nRA   ", " ")
        title = title[6:].replace("\nRT   ", "\n")
        group = group[6:].replace("\nRG   ", "\n")
    else:
        number, pmid, doi, group, authors, title, year = _other_reference(text)
    authors = without_tags(authors).rstrip("; ")
    return number, cited_work(
        authors,
        "" if authors else group.partition(";")[0],
        joined(title).rstrip(";").strip(' "').removesuffix("."),
        year,
        doi,
        pmid,
    )


def _other_reference(text: str) -> _ReferenceParts:
    """The same groups of a reference whose lines, identifiers or year are of another form."""
    numbered = _REFERENCE_NUMBER.match(text)
    if numbered is None:
        raise RecordUnreadable(MALFORMED, f"the RN line: {text[:60]!r}")
    identifiers, group, authors, title, place = (
        _lines_of(text, f"\nR{letter}") for letter in "XGATL"
    )
    old = _OLD_CROSS_REFERENCE.match(identifiers) if identifiers[:7] in _OLD_DATABASES else None
    by_name = {old[1]: old[2]} if old else dict(_CROSS_REFERENCE.findall(identifiers))
    years = _YEAR.findall(place)
    return (
        numbered[1],
        by_name.get("PubMed"),
        by_name.get("DOI"),
        group,
        authors.replace("\n", " "),
        title,
        years[-1] if years else None,
    )


def _lines_of(text: str, beginning: str) -> str:
    """The contents of the lines that stand together and begin so, with their line ends."""
    start = text.find(beginning)
    if start < 0:
        return ""
    first = start + len(beginning) + 3
    end = text.find("\n", first)
    if end < 0:
        return text[first:]
    if not text.startswith(beginning, end):
        return text[first:end]
    while text.startswith(beginning, end):
        end = text.find("\n", end + 1)
        end = len(text) if end < 0 else end
    return text[first:end].replace(f"{beginning}   ", "\n")


def _features(text: str) -> list[Feature]:
    return [_feature(block) for block in _FEATURE_START.split(text)[1:]]


def _check_place(key: str, start: str, end: str) -> None:
    """Raises RecordUnreadable for ends that are no positions, or in the wrong order."""
    if start.isdecimal() and end.isdecimal():
        if len(start) > len(end) or (len(start) == len(end) and start > end):
            raise RecordUnreadable(MALFORMED, f"{key} from {start} to {end}"[:300])
        return
    for position in (start, end):
        if not _POSITION.fullmatch(position):
            raise RecordUnreadable(MALFORMED, f"{key} at {position!r}"[:300])
    first, last = start.lstrip("<>?"), end.lstrip("<>?")
    if first and last and int(first) > int(last):
        raise RecordUnreadable(MALFORMED, f"{key} from {first} to {last}")


def _feature(text: str) -> Feature:
    head, _, rest = text.partition("\n")
    key, _, place = head.partition(" ")
    start, dots, end = place.strip().partition("..")
    # Almost all features are of this shape: `CHAIN  1..26`, a note.
    if start.isdecimal() and (end.isdecimal() or not dots) and "/ligand" not in rest:
        if not dots:
            end = start
        elif len(start) >= len(end):
            _check_place(key, start, end)
        note = _quoted(rest, '/note="')
        return Feature(
            key,
            start,
            end,
            without_tags(_residues_joined(key, note)).rstrip(" .") if note else "",
            _quoted(rest, '/id="') if key in _ALTERNATIVES else "",
        )
    feature = _other_feature(text)
    _check_place(feature.key, feature.start, feature.end)
    return feature


def _quoted(text: str, opening: str) -> str:
    start = text.find(opening)
    if start < 0:
        return ""
    start += len(opening)
    end = text.find('"', start)
    return text[start:] if end < 0 else text[start:end]


def _other_feature(text: str) -> Feature:
    """A feature of open ends, with a ligand, or of before 2019."""
    # `DISULFID      3      9       BY SIMILARITY.`
    old = text.split(None, 3)
    if len(old) == 4 and old[1].isdecimal() and old[2].isdecimal() and "\n" not in text[:30]:
        key, start, end, described = old
        identifier = ""
        if "/FTId=" in described:
            identified = _OLD_IDENTIFIER.search(described)
            identifier = identified[1] if identified else ""
            described = _OLD_IDENTIFIER.sub("", described)
        described = without_tags(_residues_joined(key, described)).rstrip(" .")
        return Feature(key, start, end, described, identifier)
    match = _FEATURE.match(text)
    if match is not None:
        key, sequence, start, end, rest = match.groups()
        if not rest:
            return Feature(key, start or "?", (start if end is None else end) or "?")
        qualifiers = dict(_QUALIFIER.findall(rest))
        identifier = qualifiers.get("id", "")
        if "ligand" in qualifiers and "ligand_label" in qualifiers:
            qualifiers["ligand"] += " " + qualifiers.pop("ligand_label")
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
    described = without_tags(described)
    end = start if end is None else end
    return Feature(
        key, start or "?", end or "?", described.rstrip(" ."), identifier, sequence or ""
    )


def _residues_joined(key: str, text: str) -> str:
    """A wrapped text as one line; residues broken by a line's end are one again."""
    if "\n" not in text:
        return text.strip()
    if key in _WITH_RESIDUES:
        text = _WRAPPED_RESIDUES.sub(r"\1", text)
    return joined(text)
