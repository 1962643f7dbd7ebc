"""One FASTA entry, or one part of a long one, as a document.

A title, a sentence that says what the sequence is, how long and from where, and the sequence.
Numbers are computed from the sequence: the mass of a chain whose residues are all known, and the
G+C content of the bases that are.
"""

from typing import Final, cast

from corpora import sequences
from corpora.documents import (
    JSON,
    Document,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.fasta.framing import Entry, FastaOptions
from corpora.fasta.headers import described
from corpora.fasta.plain_headers import Described
from corpora.sequences import Kind
from tokenization.marked_text import clean
from tokenization.wrappers import amino, dna, rna

_RESIDUES: Final = "".join(sorted(sequences.PROTEIN_LETTERS)).encode()
_BASES: Final = "".join(sorted(sequences.NUCLEOTIDE_LETTERS)).encode() + b"X"
#: A sequence of this kind, and the name of one of its letters.
_WORDS: Final[dict[Kind, tuple[str, str]]] = {
    "protein": ("a protein", "amino acid"),
    "DNA": ("a DNA sequence", "base"),
    "RNA": ("an RNA sequence", "base"),
}


def read_entry(record: Record, options: ReadOptions) -> Document:
    """One entry as a document.

    Raises RecordUnreadable for what is no entry, has no letters or has letters of no sequence, and
    RecordDropped for a part of a chromosome that nobody has sequenced.
    """
    entry = cast(Entry, record.payload)
    if entry.fault is not None:
        raise RecordUnreadable(entry.fault[0], clean(entry.fault[1]))
    header = described(entry.header)
    kind, letters, number = _checked(entry, header)
    title = header.title or header.identifier or f"{kind[:1].upper()}{kind[1:]} sequence"
    if entry.is_part:
        last = entry.first + len(letters) - 1
        title += f", {_WORDS[kind][1]}s {entry.first} to {last}"
    sentences = _sentence(entry, header, kind, len(letters), number)
    if header.facts:
        sentences = " ".join([sentences, *header.facts])
    if kind == "protein":
        sequence = amino(letters)
    elif kind == "RNA" and options.own(FastaOptions).rna_marker:
        sequence = rna(letters)
    else:
        sequence = dna(letters)
    text = f"# {title}\n\n{sentences}\n\n{sequence}"
    return Document(record.record_id, text, _metadata(entry, header, kind, len(letters)), (), {})


def _checked(entry: Entry, header: Described) -> tuple[Kind, str, str]:
    """The kind of the sequence, its letters (`?` written as what stands for any letter) and what
    they come to: a chain's mass or the content of G and C."""
    raw = entry.letters
    if not raw:
        raise RecordUnreadable("no sequence", "no letter follows the header")
    kind = entry.kind or header.kind
    # An accession that looks like a protein's may head its gene.
    if kind == "protein" and raw.strip(b"ACGTUN"):
        return _protein(entry)
    others = sequences.beside_bases(raw) if entry.others is None else entry.others
    if kind is None or kind == "protein":
        kind = sequences.kind_of(raw, others)
        if kind == "protein":
            return _protein(entry)
    if others:
        raw, others = raw.replace(b"?", b"N"), others.replace(b"?", b"N")
    if b"U" in raw and b"T" in raw:
        raise RecordUnreadable("not a sequence", "both T and U: neither DNA nor RNA")
    if others and (strangers := others.translate(None, _BASES)):
        raise _stranger(entry, raw, strangers, kind)
    if entry.is_part and not raw.strip(b"N"):
        raise RecordDropped("only unknown bases")
    share = sequences.strong_share(raw, others)
    number = "" if share is None else f"; its G+C content is {100 * share:.1f}%"
    return kind, raw.decode("ascii"), number


def _protein(entry: Entry) -> tuple[Kind, str, str]:
    raw = entry.letters.replace(b"?", b"X").removesuffix(b"*")
    strangers = raw.translate(None, _RESIDUES)
    if strangers or not raw:
        raise _stranger(entry, raw, strangers, "protein")
    mass = sequences.chain_mass(raw)
    return "protein", raw.decode("ascii"), "" if mass is None else f"; its mass is {mass:.0f} Da"


def _stranger(entry: Entry, raw: bytes, strangers: bytes, kind: Kind) -> RecordUnreadable:
    position = entry.first + raw.find(strangers[:1])
    letter = clean(strangers[:1].decode("latin-1"))
    return RecordUnreadable("not a sequence", f"{letter!r} at {position} is no {kind} letter")


def _sentence(entry: Entry, header: Described, kind: Kind, length: int, number: str) -> str:
    what, unit = _WORDS[kind]
    if length != 1:
        unit += "s"
    identifier, database = header.identifier, header.database
    # A cluster's name says its database itself: UniRef90_P01501.
    if not database or identifier.startswith(database):
        named = identifier or "This sequence"
    else:
        named = f"{database} {identifier}" if identifier else database
    source = ""
    if header.organism:
        source = f" from {header.organism}"
        if header.taxonomy_id is not None:
            source += f" (NCBI taxonomy ID {header.taxonomy_id})"
    if header.gene:
        source += f", gene {header.gene}"
    if entry.is_part:
        last = entry.first + length - 1
        return f"This part of {named}{source} has the {unit} {entry.first} to {last}{number}."
    return f"{named} is {what} of {length} {unit}{source}{number}."


def _metadata(entry: Entry, header: Described, kind: Kind, length: int) -> dict[str, JSON]:
    metadata: dict[str, JSON] = {"identifier": header.identifier, "kind": kind, "length": length}
    if entry.is_part:
        metadata["first"] = entry.first
    if header.database:
        metadata["database"] = header.database
    if header.organism:
        metadata["organism"] = header.organism
    if header.taxonomy_id:
        metadata["taxonomy_id"] = header.taxonomy_id
    if header.gene:
        metadata["gene"] = header.gene
    if entry.is_masked:
        metadata["soft_masked"] = True
    return metadata
