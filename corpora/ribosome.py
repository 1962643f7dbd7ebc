"""Ribosome: coding nucleotides and the protein that they are translated to, both ways round.

In: GenBank, RefSeq or EMBL flat files, one document a coding region (`CDS`), or FASTA files of
coding sequences (NCBI's `*_cds_from_genomic.fna`, Ensembl's `*.cds.all.fa`). Out: the bases and
then the protein, or the protein and then the bases, by seed, in one of several phrasings, some as
a question. Translated by NCBI's genetic codes as Biopython has them; what the record states
differently, breaks off or has a stop inside is left out, with its reason.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, NamedTuple, cast

from pydantic import AfterValidator, BaseModel, ConfigDict

from corpora import fasta, genbank
from corpora.compressed_streams import find_streamed, open_streams
from corpora.documents import (
    JSON,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.fasta.framing import SUFFIXES as FASTA_FILES
from corpora.fasta.framing import Entry
from corpora.fasta.headers import described
from corpora.genbank.coding import AGREE, COMPUTED, DISAGREE, coding_region, is_pseudogene
from corpora.genbank.document import checked_heading, decoded
from corpora.genbank.flat_file import features
from corpora.genbank.framing import SUFFIXES as FLAT_FILES
from corpora.genbank.locations import parse_location
from corpora.genbank.regions import Region, unbroken
from corpora.seeded_choices import choice
from corpora.sequences import NUCLEOTIDE_LETTERS
from corpora.translation import coded_protein, genetic_code
from tokenization.marked_text import clean
from tokenization.wrappers import amino, dna

_SUFFIXES: Final = tuple(dict.fromkeys((*FLAT_FILES, *FASTA_FILES)))
_CDS: Final = re.compile(rb"^(?:  |FT)   CDS .*\n(?:(?:  |FT)    .*\n?)*", re.MULTILINE)
_LETTERS: Final = "".join(sorted(NUCLEOTIDE_LETTERS)).encode()
#: More unknown residues than one in ten tell nothing of a protein.
_MOST_UNKNOWN: Final = 0.1
_PARTIAL: Final = re.compile(r"5'")


def _known_code(number: int) -> int:
    genetic_code(number)
    return number


class RibosomeOptions(BaseModel):
    """`genetic_code`: NCBI's number of the code for FASTA files, whose headers do not say it.
    11, of bacteria, archaea and plastids, is the standard one with more start codons."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    genetic_code: Annotated[int, AfterValidator(_known_code)] = 11


class Pair(NamedTuple):
    """A coding sequence with its protein, and what is known of them."""

    bases: str
    protein: str
    code: int
    gene: str
    product: str
    organism: str
    identifier: str


def coding_records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a coding region; its id is that of its record with the region's number."""
    for stream in open_streams(path, *_SUFFIXES):
        beginning = stream.file.peek(512)[:512]  # type: ignore[attr-defined]  # always buffered
        break
    else:
        return
    if re.search(rb"^[>;]", beginning.lstrip(b"\xef\xbb\xbf \r\n"), re.MULTILINE):
        yield from fasta.FORMAT.records(path, options)
        return
    for record in genbank.FORMAT.records(path, ReadOptions()):
        region = cast(Region, record.payload)
        if region.fault is not None:
            yield record
            continue
        number = 0
        for number, match in enumerate(_CDS.finditer(region.features), start=1):
            position = f"{record.position}, coding region {number}"
            payload = _alone(region, match[0])
            yield Record(f"{record.record_id}/{number}", position, payload, len(match[0]))
        if not number and not region.is_part:
            yield record


def _alone(region: Region, lines: bytes) -> Region:
    """One coding region with its own bases, and no others."""
    place = unbroken(lines[len("     CDS") :].partition(b"/")[0])
    location = parse_location(place.decode("latin-1"))
    bases_of = region.bases_of(region.letters)
    pieces: dict[tuple[int, int], bytes] = {}
    for segment in location.segments if location else ():
        bases = None if segment.source else bases_of(segment)
        if bases is not None:
            pieces[segment.start, segment.end] = bases
    return Region(region.head, lines, b"", beyond=pieces)


def read_pair(record: Record, options: ReadOptions) -> Document:
    """A coding region as a document.

    Raises RecordUnreadable for what is no such record, and RecordDropped for a region whose bases
    and protein do not belong together.
    """
    if isinstance(record.payload, Entry):
        pair = _of_entry(record.payload, options.own(RibosomeOptions).genetic_code)
    else:
        pair = _of_feature(cast(Region, record.payload))
    unknown = pair.protein.count("X")
    if unknown > _MOST_UNKNOWN * len(pair.protein):
        raise RecordDropped("unknown residues")
    metadata: dict[str, JSON] = {
        "identifier": pair.identifier,
        "organism": pair.organism,
        "gene": pair.gene,
        "genetic_code": pair.code,
        "bases": len(pair.bases),
        "residues": len(pair.protein),
    }
    return Document(record.record_id, _text(pair, options.seed, record.record_id), metadata)


def _of_feature(region: Region) -> Pair:
    about = checked_heading(region)
    if region.fault is not None:
        raise RecordUnreadable(*region.fault)
    if about.is_protein:
        raise RecordDropped("a protein record")
    feature = next((f for f in features(clean(decoded(region.features))) if f.key == "CDS"), None)
    if feature is None:
        raise RecordDropped("no coding region")
    exceptions = feature.qualifiers.get("transl_except", ())
    if any("TERM" not in written for written in exceptions):
        # Selenocysteine, for one: no genetic code says where it is.
        raise RecordDropped("exceptional translation")
    found = coding_region(feature, region.bases_of(region.letters.upper()))
    if is_pseudogene(feature):
        raise RecordDropped("pseudogene")
    if found.bases is None:
        raise RecordDropped("bases in another record")
    if found.outcome == DISAGREE:
        raise RecordDropped("translation disagrees with the bases")
    if found.outcome not in (AGREE, COMPUTED) or not found.protein:
        raise RecordDropped("no translation")
    return Pair(
        _checked(found.bases[found.frame - 1 :]),
        found.protein,
        found.code,
        feature.first("gene") or feature.first("locus_tag"),
        feature.first("product"),
        about.organism,
        feature.first("protein_id") or about.accession,
    )


def _of_entry(entry: Entry, code: int) -> Pair:
    if entry.fault is not None:
        raise RecordUnreadable(entry.fault[0], clean(entry.fault[1]))
    if entry.is_part:
        raise RecordDropped("too long for a coding sequence")
    header = described(entry.header)
    said = header.metadata
    if said.get("pseudo") == "true":
        raise RecordDropped("pseudogene")
    if "exception" in said or "transl_except" in said:
        raise RecordDropped("exceptional translation")
    frame = said.get("frame", "1")
    bases = entry.letters.replace(b"U", b"T")[int(frame) - 1 if frame in ("2", "3") else 0 :]
    written = _checked(bases)
    partial = said.get("partial", "")
    # Ensembl does not say which regions are incomplete: only methionine's own codon is a start.
    begins_before = bool(_PARTIAL.search(partial)) or (
        header.database == "Ensembl" and not bases.startswith(b"ATG")
    )
    if len(bases) % 3 and not partial:
        raise RecordDropped("not a multiple of three bases")
    protein = coded_protein(bases, code, begins_before=begins_before).removesuffix("*")
    if "*" in protein:
        raise RecordDropped("a stop codon inside")
    if not protein:
        raise RecordDropped("no translation")
    title = header.title.removeprefix("Coding sequence of ")
    return Pair(
        written,
        protein,
        code,
        header.gene,
        title if title != "Coding sequence" else "",
        header.organism,
        said.get("protein_id") or header.identifier,
    )


def _checked(bases: bytes) -> str:
    strangers = bases.translate(None, _LETTERS)
    if strangers or not bases:
        letter = clean(strangers[:1].decode("latin-1"))
        raise RecordUnreadable("not a nucleotide sequence", f"{letter!r} is no base")
    return bases.decode("ascii")


_TO_PROTEIN: Final = (
    "The coding sequence of {name} has {bases} bases.\n\n{dna}\n\nTranslated by {code}, it gives a "
    "protein of {residues} amino acids.\n\n{amino}",
    "Question: Which protein does this coding sequence of {name} encode?\n\n{dna}\n\n"
    "Answer: By {code}, it encodes this protein of {residues} amino acids.\n\n{amino}",
    "## Nucleotides\n\n{dna}\n\n## Protein\n\nThese {bases} bases encode {name}, {residues} amino "
    "acids by {code}.\n\n{amino}",
)
_TO_NUCLEOTIDES: Final = (
    "{Name} is a protein of {residues} amino acids.\n\n{amino}\n\nIt is encoded by this sequence "
    "of {bases} bases, which is read by {code}.\n\n{dna}",
    "Question: Which coding sequence is this protein, {name}, translated from?\n\n{amino}\n\n"
    "Answer: From these {bases} bases, by {code}.\n\n{dna}",
    "## Protein\n\n{amino}\n\n## Nucleotides\n\n{Name}, {residues} amino acids, is encoded by "
    "these {bases} bases, read by {code}.\n\n{dna}",
)


#: As often the one way round as the other.
_PHRASINGS: Final = [*_TO_PROTEIN, *_TO_NUCLEOTIDES]


def _text(pair: Pair, seed: int, record_id: str) -> str:
    template = choice(_PHRASINGS, seed, record_id, "ribosome: phrasing")
    name = _name(pair)
    code = f"genetic code {pair.code} ({genetic_code(pair.code).name.lower()})"
    body = template.format(
        name=name,
        Name=name[:1].upper() + name[1:],
        bases=len(pair.bases),
        residues=len(pair.protein),
        code=code,
        dna=dna(pair.bases),
        amino=amino(pair.protein),
    )
    title = pair.product or pair.gene or pair.identifier
    return f"# {title[:1].upper()}{title[1:]}\n\n{body}"


def _name(pair: Pair) -> str:
    name = pair.product or "the protein"
    if pair.gene:
        name += f" (gene {pair.gene})" if pair.product else f" of gene {pair.gene}"
    elif not pair.product:
        name += f" {pair.identifier}"
    return f"{name} from {pair.organism}" if pair.organism else name


FORMAT: Final = Format(
    name="ribosome",
    summary="coding nucleotides and their proteins, from GenBank or FASTA files",
    find=find_streamed(*_SUFFIXES),
    records=coding_records,
    read=read_pair,
    options=RibosomeOptions,
)
