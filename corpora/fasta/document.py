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
from corpora.fasta.headers import Described, described
from corpora.sequences import Kind
from tokenization.marked_text import clean
from tokenization.wrappers import amino, dna, rna

_LETTERS: Final[dict[Kind, bytes]] = {
    "protein": "".join(sorted(sequences.PROTEIN_LETTERS)).encode(),
    "DNA": "".join(sorted(sequences.NUCLEOTIDE_LETTERS)).encode() + b"X",
    "RNA": "".join(sorted(sequences.NUCLEOTIDE_LETTERS)).encode() + b"X",
}
_UNITS: Final[dict[Kind, tuple[str, str]]] = {
    "protein": ("amino acid", "amino acids"),
    "DNA": ("base", "bases"),
    "RNA": ("base", "bases"),
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
    kind, letters = _checked(entry, header)
    title = header.title or header.identifier or f"{kind[:1].upper()}{kind[1:]} sequence"
    last = entry.first + len(letters) - 1
    if entry.is_part:
        title += f", {_UNITS[kind][1]} {entry.first} to {last}"
    sentences = [_sentence(entry, header, kind, letters), *header.facts]
    wrapper = amino if kind == "protein" else dna
    if kind == "RNA" and options.own(FastaOptions).rna_marker:
        wrapper = rna
    text = f"# {title}\n\n{' '.join(sentences)}\n\n{wrapper(letters)}"
    return Document(record.record_id, text, _metadata(entry, header, kind, letters), cleaned={})


def _checked(entry: Entry, header: Described) -> tuple[Kind, str]:
    """The kind of the sequence and its letters, `?` written as what stands for any letter."""
    raw = entry.letters
    if not raw:
        raise RecordUnreadable("no sequence", "no letter follows the header")
    kind = entry.kind or header.kind
    if kind is None or (kind == "protein" and not raw.strip(b"ACGTUN")):
        # An accession that looks like a protein's may head its gene.
        kind = sequences.kind_of(raw)
    raw = raw.replace(b"?", b"X" if kind == "protein" else b"N")
    if kind == "protein":
        raw = raw.removesuffix(b"*")
    elif b"U" in raw and b"T" in raw:
        raise RecordUnreadable("not a sequence", "both T and U: neither DNA nor RNA")
    strangers = raw.translate(None, _LETTERS[kind])
    if strangers or not raw:
        position = entry.first + raw.find(strangers[:1])
        letter = clean(strangers[:1].decode("latin-1"))
        raise RecordUnreadable("not a sequence", f"{letter!r} at {position} is no {kind} letter")
    if kind != "protein" and entry.is_part and not raw.strip(b"N"):
        raise RecordDropped("only unknown bases")
    return kind, raw.decode("ascii")


def _sentence(entry: Entry, header: Described, kind: Kind, letters: str) -> str:
    length = len(letters)
    unit = _UNITS[kind][length != 1]
    # A cluster's name says its database itself: UniRef90_P01501.
    said = header.database and header.identifier.startswith(header.database)
    database = "" if said else header.database
    named = " ".join(filter(None, [database, header.identifier])) or "This sequence"
    source = ""
    if header.organism:
        source = f" from {header.organism}"
        if header.taxonomy_id is not None:
            source += f" (NCBI taxonomy ID {header.taxonomy_id})"
    if header.gene:
        source += f", gene {header.gene}"
    what = f"{_a(kind)} of {length} {unit}"
    if entry.is_part:
        last = entry.first + length - 1
        span = f"the {unit} {entry.first} to {last}"
        return f"This part of {named}{source} has {span}{_number(kind, letters)}."
    return f"{named} is {what}{source}{_number(kind, letters)}."


def _a(kind: Kind) -> str:
    return {"protein": "a protein", "DNA": "a DNA sequence", "RNA": "an RNA sequence"}[kind]


def _number(kind: Kind, letters: str) -> str:
    """`; its mass is 2847 Da`, or the G+C content of a nucleotide sequence."""
    if kind == "protein":
        mass = sequences.protein_mass(letters)
        return "" if mass is None else f"; its mass is {mass:.0f} Da"
    share = sequences.strong_share(letters.encode("ascii"))
    return "" if share is None else f"; its G+C content is {100 * share:.1f}%"


def _metadata(entry: Entry, header: Described, kind: Kind, letters: str) -> dict[str, JSON]:
    metadata: dict[str, JSON] = {
        "identifier": header.identifier,
        "kind": kind,
        "length": len(letters),
    }
    if entry.is_part:
        metadata["first"] = entry.first
    found: dict[str, JSON] = {
        "database": header.database,
        "organism": header.organism,
        "taxonomy_id": header.taxonomy_id,
        "gene": header.gene,
        "soft_masked": entry.is_masked,
    }
    metadata.update({key: value for key, value in found.items() if value})
    return metadata
