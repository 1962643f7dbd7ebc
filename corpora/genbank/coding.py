"""Coding regions: the bases of a `CDS` feature, its protein, and whether the two agree.

INSDC feature table: `/codon_start`, `/transl_table`, `/transl_except`, `/pseudo`,
`/ribosomal_slippage` (whose slip is in the location), `/exception` (RNA editing and the like, after
which the protein is not what the bases say).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from corpora.genbank.flat_file import Feature
from corpora.genbank.locations import Location, Segment
from corpora.translation import agrees, coded_protein, genetic_code, reverse_complement, translated

AGREE: Final = "agree"
DISAGREE: Final = "disagree"
#: The region has bases in another record, an exception, or ends that are not known.
UNCHECKED: Final = "not checked"
#: The record states no protein; the one told is computed.
COMPUTED: Final = "computed"

_EXCEPTION: Final = re.compile(
    r"\(pos:(?:complement\()?(?:join\()?<?(\d+)[^,]*(?:,(\d+))?[^,]*,aa:([A-Za-z]+)\)"
)
_RESIDUES: Final = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G",
    "His": "H", "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Pyl": "O",
    "Sec": "U", "Ser": "S", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V", "TERM": "*",
}  # fmt: skip
_PROTEIN: Final = re.compile(r"[A-Za-z*]+")


@dataclass(frozen=True, slots=True)
class Coding:
    """A coding region. `bases` are those of the whole feature in reading direction, None where the
    record has not all of them; `protein` is empty for a pseudogene, and where nobody knows it."""

    bases: bytes | None
    protein: str
    code: int
    frame: int
    outcome: str


def is_pseudogene(feature: Feature) -> bool:
    """Whether a feature is marked as one of no function."""
    return "pseudo" in feature.qualifiers or "pseudogene" in feature.qualifiers


def coding_region(feature: Feature, bases_of: Callable[[Segment], bytes | None]) -> Coding:
    """What a `CDS` feature says, checked against the bases that `bases_of` gives for a segment."""
    code = _number(feature.first("transl_table"), 1)
    frame = min(max(_number(feature.first("codon_start"), 1), 1), 3)
    stated = _stated(feature.first("translation"))
    bases = _bases(feature.location, bases_of)
    if is_pseudogene(feature):
        return Coding(bases, "", code, frame, UNCHECKED)
    computed = _computed(feature, bases, code, frame)
    if not stated:
        whole = computed.removesuffix("*") if computed else ""
        known = whole and "*" not in whole and whole.strip("X")
        return Coding(bases, whole if known else "", code, frame, COMPUTED if known else UNCHECKED)
    if computed is None or "exception" in feature.qualifiers:
        outcome = AGREE if computed is not None and agrees(computed, stated) else UNCHECKED
        return Coding(bases, stated, code, frame, outcome)
    right = agrees(computed, stated)
    if not right and bases:
        # Some programs translate the start codon like any other.
        first = translated(bases[frame - 1 : frame + 2], code)
        right = agrees(first + computed[1:], stated)
    return Coding(bases, stated, code, frame, AGREE if right else DISAGREE)


def _stated(translation: str) -> str:
    translation = translation.removesuffix("*")
    return translation.upper() if _PROTEIN.fullmatch(translation) else ""


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else default


def _bases(location: Location | None, bases_of: Callable[[Segment], bytes | None]) -> bytes | None:
    if location is None or not location.is_local or location.operator in ("order", "bond"):
        return None
    pieces = []
    for segment in location.segments:
        piece = bases_of(segment)
        if piece is None:
            return None
        pieces.append(piece if segment.strand > 0 else reverse_complement(piece))
    return b"".join(pieces)


def _computed(feature: Feature, bases: bytes | None, code: int, frame: int) -> str | None:
    if bases is None or feature.location is None or len(bases) < frame + 2:
        return None
    try:
        genetic_code(code)
    except ValueError:
        return None
    exceptions = []
    for written in feature.qualifiers.get("transl_except", ()):
        match = _EXCEPTION.search(written.replace(" ", ""))
        at = _codon_of(int(match[1]), feature.location, frame) if match else None
        if match and at is not None:
            exceptions.append((at, _RESIDUES.get(match[3], "X")))
    return coded_protein(
        bases[frame - 1 :],
        code,
        begins_before=feature.location.begins_before or frame > 1,
        exceptions=tuple(exceptions),
    )


def _codon_of(base: int, location: Location, frame: int) -> int | None:
    """The number from 0 of the codon that a base of the record is in."""
    before = 0
    for segment in location.segments:
        if segment.start <= base <= segment.end:
            inside = base - segment.start if segment.strand > 0 else segment.end - base
            return (before + inside - (frame - 1)) // 3
        before += segment.end - segment.start + 1
    return None


def exceptions_in_words(feature: Feature) -> list[str]:
    """What is unusual about a translation, a sentence each."""
    sentences = []
    if "ribosomal_slippage" in feature.qualifiers:
        sentences.append("Its translation involves a ribosomal frameshift.")
    if "trans_splicing" in feature.qualifiers:
        sentences.append("Its transcript is joined from several by trans-splicing.")
    for exception in feature.qualifiers.get("exception", ()):
        if exception:
            sentences.append(f"Its translation is exceptional: {exception}.")
    for written in feature.qualifiers.get("transl_except", ()):
        match = _EXCEPTION.search(written.replace(" ", ""))
        if match:
            residue = _RESIDUE_NAMES.get(match[3], match[3])
            sentences.append(f"The codon at base {match[1]} is read as {residue}.")
    return sentences


_RESIDUE_NAMES: Final = {
    "Sec": "selenocysteine", "Pyl": "pyrrolysine", "TERM": "a stop", "OTHER": "another residue",
    "Met": "methionine", "Trp": "tryptophan", "Gln": "glutamine", "Glu": "glutamic acid",
    "Ala": "alanine", "Arg": "arginine", "Asn": "asparagine", "Asp": "aspartic acid",
    "Cys": "cysteine", "Gly": "glycine", "His": "histidine", "Ile": "isoleucine", "Leu": "leucine",
    "Lys": "lysine", "Phe": "phenylalanine", "Pro": "proline", "Ser": "serine",
    "Thr": "threonine", "Tyr": "tyrosine", "Val": "valine",
}  # fmt: skip
