"""A UniProt entry as a document, whichever format it came in.

In the form of the Galactica paper: the residues first or last (probability 1/2 each),
`# Name (gene, organism)`, a section for every comment topic, `## Keywords`, `## Features`,
`## References`. With probability 1/3 one description is posed as a question and its answer.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from corpora import sequences
from corpora.documents import JSON, Document, ReadOptions, Record, RecordUnreadable
from corpora.seeded_choices import chance, choice
from corpora.uniprot.citations import References
from corpora.uniprot.comments import LEFT_OUT, heading, prose
from corpora.uniprot.entry import Entry
from corpora.uniprot.features import changed_residues, feature_lines
from corpora.uniprot.framing import parse_entry
from corpora.uniprot.names import gene_lines, gene_name, short_organism
from tokenization.wrappers import amino

_RESIDUES: Final = "".join(sorted(sequences.PROTEIN_LETTERS)).encode()
#: UniProt user manual, "The PE line".
_EXISTENCE: Final = {
    "1": "evidence at protein level",
    "2": "evidence at transcript level",
    "3": "inferred from homology",
    "4": "predicted",
    "5": "uncertain",
}
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


def read_entry(record: Record, options: ReadOptions) -> Document:
    """One entry as a document.

    Raises RecordUnreadable where the record is no entry, or the residues have not the length and
    mass that it says.
    """
    cleaned: Counter[str] = Counter()
    entry = parse_entry(record.payload, cleaned)
    residues = _checked_residues(entry)
    names = entry.names
    gene = gene_name(entry.genes)
    changes = changed_residues(entry.features)
    topics: dict[str, list[str]] = {}
    for topic, text in entry.comments:
        paragraph = "" if topic in LEFT_OUT else prose(topic, text, changes, entry.accessions[0])
        if paragraph:
            topics.setdefault(topic, []).append(paragraph)
    posed = _posed_question(topics, options.seed, record.record_id)
    references = References(entry.references)

    short_name = short_organism(entry.organism)
    in_heading = ", ".join(filter(None, [gene, short_name]))
    subject = names.name or entry.name
    blocks = [f"# {subject} ({in_heading})" if in_heading else f"# {subject}"]
    blocks.append(_bullets(_facts(entry)))
    for topic, paragraphs in topics.items():
        if topic == posed:
            # Genes and proteins are named alike in many organisms: the question says which.
            full_name = f"{subject} from {short_name}" if entry.organism else subject
            blocks.append(f"Question: {_QUESTIONS[topic].format(full_name)}")
            paragraphs = [f"Answer: {paragraphs[0]}", *paragraphs[1:]]
        else:
            blocks.append(f"## {heading(topic)}")
        blocks += [references.cite(paragraph) for paragraph in paragraphs]
    if entry.keywords:
        blocks += ["## Keywords", ", ".join(entry.keywords)]
    features = feature_lines(entry.features)
    if features:
        blocks += ["## Features", references.cite(_bullets(features))]
    works = references.list_lines()
    if works:
        blocks += ["## References", _bullets(works)]
    sequence = amino(residues)
    first = chance(options.seed, record.record_id, "uniprot\0sequence first") < 1 / 2
    blocks = [sequence, *blocks] if first else [*blocks, "## Sequence", sequence]
    return Document(
        record.record_id,
        "\n\n".join(blocks),
        _metadata(entry, gene, residues, references),
        tuple(references.cited),
        cleaned,
    )


def _checked_residues(entry: Entry) -> str:
    """The residues, where they are of the length and mass that the entry says."""
    residues = entry.sequence
    if not residues.isascii() or not residues or residues.encode().translate(None, _RESIDUES):
        try:
            residues = str(sequences.protein(residues))
        except ValueError as error:
            raise RecordUnreadable("no protein sequence", str(error)) from None
    for where, said in entry.said_lengths.items():
        if said != len(residues):
            raise RecordUnreadable(
                "sequence length disagrees",
                f"{len(residues)} residues, the {where} line says {said}",
            )
    computed, mass = sequences.chain_mass(residues.encode()), entry.mass
    # The atomic masses of different releases give up to 1 Da in 40 kDa.
    if computed is not None and abs(round(computed) - mass) > 2 + computed / 10_000:
        raise RecordUnreadable(
            "sequence mass disagrees", f"{computed:.0f} Da by Biopython, the entry says {mass}"
        )
    if not 0 <= mass <= _HEAVIEST_RESIDUE * (len(residues) + 1):
        raise RecordUnreadable("sequence mass disagrees", "no such chain has that mass")
    return residues


def _posed_question(topics: Mapping[str, list[str]], seed: int, record_id: str) -> str | None:
    """The topic to pose as a question: one of those present, in a third of the documents."""
    candidates = [topic for topic in _QUESTIONS if topic in topics]
    if not candidates or chance(seed, record_id, "uniprot\0question") >= 1 / 3:
        return None
    return choice(candidates, seed, record_id, "uniprot\0question topic")


def _facts(entry: Entry) -> list[str]:
    names, organism, taxa = entry.names, entry.organism, ", ".join(entry.taxa)
    facts = {
        "Alternative names": "; ".join(names.alternatives),
        "EC number": ", ".join(names.ec_numbers),
        "Contains": "; ".join(names.parts),
        "Gene": "; ".join(gene_lines(entry.genes)),
        "Organism": f"{organism}, NCBI taxonomy ID {taxa}" if taxa else organism,
        "Lineage": ", ".join(entry.lineage),
        "Host": "; ".join(entry.hosts),
        "Encoded in": entry.organelle,
        "Length": f"{next(iter(entry.said_lengths.values()))} amino acids",
        "Mass": f"{entry.mass} Da",
        "Sequence": ", ".join(flag.lower() for flag in names.flags),
        "Protein existence": _EXISTENCE.get(entry.existence, ""),
    }
    return [f"{label}: {value}" for label, value in facts.items() if value]


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _metadata(
    entry: Entry, gene: str | None, residues: str, references: References
) -> dict[str, JSON]:
    taxa = [int(taxon) for taxon in entry.taxa if taxon.isdecimal() and len(taxon) < 12]
    metadata: dict[str, JSON] = {
        "accession": entry.accessions[0],
        "accessions": list(entry.accessions),
        "entry_name": entry.name,
        "protein_name": entry.names.name or None,
        "gene": gene,
        "organism": entry.organism,
        "taxonomy_id": taxa[0] if taxa else None,
        "lineage": list(entry.lineage),
        "length": len(residues),
        "mass": entry.mass,
        "checksum_agrees": entry.checksum == sequences.protein_checksum(residues),
        "fragment": any(flag.startswith("Fragment") for flag in entry.names.flags),
        "reviewed": entry.is_reviewed,
    }
    if len(taxa) > 1:
        metadata["other_taxonomy_ids"] = list(taxa[1:])
    if references.unresolved:
        metadata["citations_unresolved"] = dict(references.unresolved)
    return metadata
