"""Reader of UniProt flat files, Swiss-Prot and TrEMBL, `.dat` or `.txt`, plain or gzip.

A document in the form of the Galactica paper: the residues first or last (probability 1/2 each),
`# Name (gene, organism)`, a section for every comment topic, `## Keywords`, `## Features`,
`## References`. With probability 1/3 one description is posed as a question and its answer.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from Bio.Seq import Seq

from corpora import sequences, uniprot_comments, uniprot_features
from corpora.documents import (
    JSON,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordUnreadable,
    find_files,
)
from corpora.terminated_records import RawRecord, cut
from corpora.uniprot_citations import References
from corpora.uniprot_flat_file import comments, joined, lines_by_code, parse, without_evidence
from corpora.uniprot_names import (
    ProteinNames,
    gene_lines,
    gene_name,
    protein_names,
    short_organism,
)
from tokenization.wrappers import amino

_ACCESSION: Final = re.compile(rb"^AC   ([A-Za-z0-9_.-]{1,40});?", re.MULTILINE)
#: UniProt user manual, "The PE line".
_EXISTENCE: Final = {
    "1": "evidence at protein level",
    "2": "evidence at transcript level",
    "3": "inferred from homology",
    "4": "predicted",
    "5": "uncertain",
}
# Blank lines and a byte order mark.
_BEFORE_AN_ENTRY: Final = b"\r\n\xef\xbb\xbf"
_REVIEWED: Final = ("Reviewed", "STANDARD")
#: Pyrrolysine, in daltons, rounded up.
_HEAVIEST_RESIDUE: Final = 256
_QUESTIONS: Final = {
    "FUNCTION": "What is the function of {}?",
    "CATALYTIC ACTIVITY": "Which reaction does {} catalyze?",
    "SUBUNIT": "What is the subunit structure of {}?",
    "SUBCELLULAR LOCATION": "Where in the cell is {} found?",
    "TISSUE SPECIFICITY": "In which tissues is {} expressed?",
    "PATHWAY": "In which pathway does {} take part?",
    "DISEASE": "Which diseases are associated with {}?",
    "SIMILARITY": "To which protein family does {} belong?",
}


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record an entry; its id is the primary accession."""
    for raw in cut(path, b"//"):
        accession = _ACCESSION.search(raw.data)
        identifier = accession[1].decode("ascii") if accession else f"{path.name}#{raw.number}"
        yield Record(identifier, f"{path.name}: entry {raw.number}", raw, raw.num_bytes)


def read(record: Record, options: ReadOptions) -> Document:
    """One entry as a document.

    Raises RecordUnreadable where the text is no entry, Biopython cannot parse it, or the residues
    have not the length and mass that the SQ line says.
    """
    cleaned: Counter[str] = Counter()
    raw = cast(RawRecord, record.payload)
    if not raw.data.lstrip(_BEFORE_AN_ENTRY).startswith(b"ID   "):
        start = " ".join(raw.data[:200].decode("utf-8", "replace").split())[:60]
        raise RecordUnreadable("not a UniProt flat-file entry", f"it starts {start!r}")
    text = raw.text(cleaned).lstrip("\n")
    lines = lines_by_code(text)
    entry = parse(text)
    residues = _checked_residues(entry)
    names = protein_names(lines.get("DE", []))
    organism = without_evidence(entry.organism).rstrip(".")
    gene = gene_name(entry.gene_name)
    topics = _topics(entry, lines)
    posed = _posed_question(topics, options.seed, record.record_id)
    references = References(entry.references)

    in_heading = ", ".join(filter(None, [gene, short_organism(organism)]))
    subject = names.name or entry.entry_name
    blocks = [f"# {subject} ({in_heading})" if in_heading else f"# {subject}"]
    blocks.append(_bullets(_facts(entry, lines, names, organism)))
    for topic, paragraphs in topics.items():
        if topic == posed:
            # Genes and proteins are named alike in many organisms: the question says which.
            full_name = f"{subject} from {short_organism(organism)}" if organism else subject
            blocks.append(f"Question: {_QUESTIONS[topic].format(full_name)}")
            paragraphs = [f"Answer: {paragraphs[0]}", *paragraphs[1:]]
        else:
            blocks.append(f"## {uniprot_comments.heading(topic)}")
        blocks += [references.cite(paragraph) for paragraph in paragraphs]
    keywords = without_evidence(joined(lines.get("KW", []))).rstrip(";. ").split("; ")
    if any(keywords):
        blocks += ["## Keywords", ", ".join(filter(None, keywords))]
    features = uniprot_features.feature_lines(entry.features)
    if features:
        blocks += ["## Features", references.cite(_bullets(features))]
    works = references.list_lines()
    if works:
        blocks += ["## References", _bullets(works)]
    sequence = amino(str(residues))
    first = _chance(options.seed, record.record_id, "sequence first") < 1 / 2
    blocks = [sequence, *blocks] if first else [*blocks, "## Sequence", sequence]
    return Document(
        record.record_id,
        "\n\n".join(blocks),
        _metadata(entry, names, organism, gene, residues, references),
        tuple(references.cited),
        cleaned,
    )


def _checked_residues(entry: Any) -> Seq:
    try:
        residues = sequences.protein(entry.sequence)
    except ValueError as error:
        raise RecordUnreadable("no protein sequence", str(error)) from None
    length, mass, _ = entry.seqinfo
    for line, said in (("ID", entry.sequence_length), ("SQ", length)):
        if said != len(residues):
            raise RecordUnreadable(
                "sequence length disagrees",
                f"{len(residues)} residues, the {line} line says {said}",
            )
    computed = sequences.protein_mass(residues)
    # The atomic masses of different releases give up to 1 Da in 40 kDa.
    if computed is not None and abs(round(computed) - mass) > 2 + computed / 10_000:
        raise RecordUnreadable(
            "sequence mass disagrees", f"{computed:.0f} Da by Biopython, the SQ line says {mass}"
        )
    if not 0 <= mass <= _HEAVIEST_RESIDUE * (len(residues) + 1):
        raise RecordUnreadable("sequence mass disagrees", "no such chain has that mass")
    return residues


def _topics(entry: Any, lines: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The comment topics of the entry in order, each with its paragraphs."""
    changes = uniprot_features.changed_residues(entry.features)
    accession = entry.accessions[0]
    topics: dict[str, list[str]] = {}
    for topic, text in comments(lines.get("CC", [])):
        if topic in uniprot_comments.LEFT_OUT:
            continue
        paragraph = uniprot_comments.prose(topic, text, changes, accession)
        if paragraph:
            topics.setdefault(topic, []).append(paragraph)
    return topics


def _posed_question(topics: Mapping[str, Any], seed: int, record_id: str) -> str | None:
    """The topic to pose as a question: one of those present, in a third of the documents."""
    candidates = [topic for topic in _QUESTIONS if topic in topics]
    if not candidates or _chance(seed, record_id, "question") >= 1 / 3:
        return None
    return candidates[int(_chance(seed, record_id, "question topic") * len(candidates))]


def _chance(seed: int, record_id: str, purpose: str) -> float:
    """A number in [0, 1) that depends on nothing but its arguments."""
    digest = hashlib.blake2b(f"uniprot\0{purpose}\0{seed}\0{record_id}".encode(), digest_size=8)
    # 53 bits: more would round up to 1.0.
    return (int.from_bytes(digest.digest(), "big") >> 11) / 2**53


def _facts(
    entry: Any, lines: Mapping[str, list[str]], names: ProteinNames, organism: str
) -> list[str]:
    taxa = ", ".join(entry.taxonomy_id)
    existence = _EXISTENCE.get("".join(lines.get("PE", []))[:1])
    hosts = [
        without_evidence(line).partition(";")[2].strip().rstrip(".") for line in lines.get("OH", [])
    ]
    length, mass, _ = entry.seqinfo
    facts = {
        "Alternative names": "; ".join(names.alternatives),
        "EC number": ", ".join(names.ec_numbers),
        "Contains": "; ".join(names.parts),
        "Gene": "; ".join(gene_lines(entry.gene_name)),
        "Organism": f"{organism}, NCBI taxonomy ID {taxa}" if taxa else organism,
        "Lineage": ", ".join(entry.organism_classification),
        "Host": "; ".join(filter(None, hosts)),
        "Encoded in": without_evidence(entry.organelle).rstrip("."),
        "Length": f"{length} amino acids",
        "Mass": f"{mass} Da",
        "Sequence": ", ".join(flag.lower() for flag in names.flags),
        "Protein existence": existence,
    }
    return [f"{label}: {value}" for label, value in facts.items() if value]


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _metadata(
    entry: Any,
    names: ProteinNames,
    organism: str,
    gene: str | None,
    residues: Seq,
    references: References,
) -> dict[str, JSON]:
    length, mass, checksum = entry.seqinfo
    taxa = [int(taxon) for taxon in entry.taxonomy_id if taxon.isdecimal() and len(taxon) < 12]
    metadata: dict[str, JSON] = {
        "accession": entry.accessions[0],
        "accessions": list(entry.accessions),
        "entry_name": entry.entry_name,
        "protein_name": names.name or None,
        "gene": gene,
        "organism": organism,
        "taxonomy_id": taxa[0] if taxa else None,
        "lineage": list(entry.organism_classification),
        "length": length,
        "mass": mass,
        "checksum_agrees": checksum == sequences.protein_checksum(residues),
        "fragment": any(flag.startswith("Fragment") for flag in names.flags),
        "reviewed": entry.data_class in _REVIEWED,
    }
    if len(taxa) > 1:
        metadata["other_taxonomy_ids"] = list(taxa[1:])
    if references.unresolved:
        metadata["citations_unresolved"] = dict(references.unresolved)
    return metadata


FORMAT: Final = Format(
    name="uniprot",
    summary="UniProt flat files, Swiss-Prot and TrEMBL",
    find=find_files(".dat", ".txt", ".dat.gz", ".txt.gz"),
    records=records,
    read=read,
)
