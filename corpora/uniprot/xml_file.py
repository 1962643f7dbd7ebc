"""UniProt XML: an entry as its flat file has it.

The texts of comments and features are put into the form of the flat file, so that one set of
sentences is made of both. Schema: https://www.uniprot.org/docs/uniprot.xsd; what it has changed
since 2008 (`status`, texts instead of structured elements) is read as well.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from lxml import etree

from corpora.documents import Citation, RecordUnreadable
from corpora.terminated_records import RawRecord
from corpora.uniprot.citations import cited_work
from corpora.uniprot.entry import Entry
from corpora.uniprot.names import ProteinNames
from corpora.uniprot.xml_comments import comment_texts
from corpora.uniprot.xml_features import xml_feature
from corpora.xml_records import parse_record

_EXISTENCE: Final = {
    "evidence at protein level": "1",
    "evidence at transcript level": "2",
    "inferred from homology": "3",
    "predicted": "4",
    "uncertain": "5",
}
_GENE_NAMES: Final = {
    "synonym": "Synonyms",
    "ordered locus": "OrderedLocusNames",
    "ORF": "ORFNames",
}
_PLASTIDS: Final = frozenset(
    ("chloroplast", "cyanelle", "apicoplast", "organellar chromatophore",
     "non-photosynthetic plastid", "chromoplast")
)  # fmt: skip


def parse_xml(raw: RawRecord, cleaned: Counter[str]) -> Entry:
    """The entry of a raw record. Raises RecordUnreadable for what is none."""
    root = parse_record(raw.text(cleaned), cleaned)
    accessions = [text for text in map(_text, root.findall("accession")) if text]
    if not accessions:
        raise RecordUnreadable("no accession", "the entry has no element <accession>")
    # An isoform of another entry has a sequence with no attributes of its own.
    sequence = root.find("sequence")
    if sequence is None:
        raise RecordUnreadable("no sequence", "the entry has no element <sequence>")
    organism = root.find("organism")
    existence = root.find("proteinExistence")
    return Entry(
        accessions=accessions,
        name=_text(root.find("name")),
        is_reviewed=root.get("dataset") == "Swiss-Prot",
        names=_names(root, sequence),
        genes=[_gene(gene) for gene in root.findall("gene")],
        organism=_organism(organism),
        taxa=_taxa(organism),
        lineage=[_text(taxon) for taxon in root.findall("organism/lineage/taxon")],
        hosts=[_organism(host) for host in root.findall("organismHost")],
        organelle=_organelle(root.findall("geneLocation")),
        references=[
            (str(number), _work(reference))
            for number, reference in enumerate(root.findall("reference"), start=1)
        ],
        comments=list(comment_texts(root.findall("comment"))),
        existence=_EXISTENCE.get(existence.get("type", "").lower(), "")
        if existence is not None
        else "",
        keywords=[text for text in map(_text, root.findall("keyword")) if text],
        features=[xml_feature(feature) for feature in root.findall("feature")],
        sequence="".join(_text(sequence).split()),
        said_lengths={"sequence": _number(sequence, "length")},
        mass=_number(sequence, "mass"),
        checksum=sequence.get("checksum", ""),
    )


def _text(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def _number(sequence: etree._Element, name: str) -> int:
    written = sequence.get(name, "")
    if not (written.isascii() and written.isdecimal() and len(written) < 13):
        raise RecordUnreadable("malformed entry", f"the sequence's {name} is {written[:40]!r}")
    return int(written)


def _names(entry: etree._Element, sequence: etree._Element) -> ProteinNames:
    protein = entry.find("protein")
    names: list[str] = []
    numbers: list[str] = []
    parts: list[str] = []
    for child in protein if protein is not None else ():
        match child.tag:
            case "recommendedName" | "alternativeName" | "submittedName":
                names += [_text(name) for name in child if name.tag in ("fullName", "shortName")]
                numbers += [_text(number) for number in child.findall("ecNumber")]
            case "allergenName":
                names.append(f"{_text(child)} (allergen)")
            case "biotechName" | "cdAntigenName" | "innName":
                names.append(_text(child))
            case "component" | "domain":
                for kind in ("recommendedName", "submittedName"):
                    parts += [_text(name) for name in child.findall(f"{kind}/fullName")]
    # Before 2011 the numbers stood among the cross-references.
    old = [r.get("id", "") for r in entry.findall("dbReference") if r.get("type") == "EC"]
    numbers = numbers or old
    flags = []
    if sequence.get("precursor") == "true":
        flags.append("Precursor")
    fragment = sequence.get("fragment")
    if fragment:
        flags.append("Fragments" if fragment == "multiple" else "Fragment")
    name, *others = names or [""]
    return ProteinNames(name, _distinct(others), _distinct(numbers), _distinct(parts), tuple(flags))


def _distinct(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))


def _gene(gene: etree._Element) -> dict[str, str | list[str]]:
    names: dict[str, str | list[str]] = {}
    for name in gene.findall("name"):
        kind = name.get("type", "")
        if kind == "primary":
            names["Name"] = _text(name)
        elif kind in _GENE_NAMES:
            others = names.setdefault(_GENE_NAMES[kind], [])
            assert isinstance(others, list)
            others.append(_text(name))
    return names


def _organism(organism: etree._Element | None) -> str:
    names = [] if organism is None else organism.findall("name")
    first = next((_text(name) for name in names if name.get("type") == "scientific"), "")
    others = [_text(name) for name in names if name.get("type") != "scientific"]
    return " ".join(filter(None, [first, *(f"({other})" for other in others)]))


def _taxa(organism: etree._Element | None) -> list[str]:
    found = [] if organism is None else organism.findall("dbReference")
    return [r.get("id", "") for r in found if r.get("type", "").startswith("NCBI Taxonomy")]


def _organelle(places: list[etree._Element]) -> str:
    words = []
    for place in places:
        kind = place.get("type", "")
        name = f"{kind[:1].upper()}{kind[1:]}"
        own = [_text(child) for child in place.findall("name")]
        word = f"{'Plastid; ' if kind in _PLASTIDS else ''}{name}"
        words.append(" ".join(filter(None, [word, *own])))
    return ", and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _work(reference: etree._Element) -> Citation:
    citation = reference.find("citation")
    if citation is None:
        return cited_work("", "", "")
    authors = citation.find("authorList")
    people = [] if authors is None else authors.findall("person")
    groups = [] if authors is None else authors.findall("consortium")
    year = citation.get("date", "")[:4]
    identifiers = dict(_identifiers(citation))
    return cited_work(
        ", ".join(person.get("name", "") for person in people),
        groups[0].get("name", "") if groups else "",
        _text(citation.find("title")).strip(' "').removesuffix("."),
        year if year.isascii() and year.isdecimal() else None,
        identifiers.get("DOI"),
        identifiers.get("PubMed"),
    )


def _identifiers(citation: etree._Element) -> Iterator[tuple[str, str]]:
    for reference in citation.findall("dbReference"):
        yield reference.get("type", ""), reference.get("id", "")
