"""Phrasings: text with `{field}` in it, and `{field|wrapper}` for what stands in markers.

The language is this and no more. `{field?}` may be empty: then its block, the lines between blank
lines, is left out. `{{` and `}}` are braces. A wrapper may have an argument, `{title|cite author}`
or `{solution|code python}`. What a field holds is never read as a phrasing.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from corpora import molecules
from corpora.citations import span
from corpora.documents import Citation, RecordUnreadable
from corpora.fences import fenced
from corpora.sequences import nucleotides, protein, ribonucleotides
from tokenization.wrappers import (
    amino,
    dna,
    isomeric_smiles,
    latex,
    material,
    rna,
    selfies,
    smiles,
    subscript,
    superscript,
    work,
)

_PLACE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_INSIDE: Final = re.compile(r"(\w+)(\?)?(?:\|([a-z_]+)(?: ([\w.+-]+))?)?")


@dataclass(frozen=True, slots=True)
class Place:
    """One `{field|wrapper argument}` of a phrasing."""

    field: str
    optional: bool = False
    wrapper: str = ""
    argument: str = ""

    def fields(self) -> tuple[str, ...]:
        """The fields that it takes."""
        return (
            (self.field, self.argument)
            if self.wrapper == "cite" and self.argument
            else (self.field,)
        )


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A phrasing as its blocks; a block as texts and places."""

    blocks: tuple[tuple[str | Place, ...], ...]

    def fields(self) -> set[str]:
        """Every field that it takes."""
        return {name for place in self.places() for name in place.fields()}

    def places(self) -> list[Place]:
        """Its places, in order."""
        return [part for block in self.blocks for part in block if isinstance(part, Place)]


def parse_phrasing(written: str) -> Phrasing:
    """The phrasing that is written. Raises ValueError for a brace or wrapper that is none.

    >>> parse_phrasing("Question: {question}").fields()
    {'question'}
    >>> parse_phrasing("{x|python}")
    Traceback (most recent call last):
    ...
    ValueError: no wrapper 'python'; there are: amino, cite, code, ...
    """
    blocks = re.split(r"\n(?:[ \t]*\n)+", written.strip())
    return Phrasing(tuple(tuple(_parts(block)) for block in blocks))


def _parts(block: str) -> list[str | Place]:
    parts: list[str | Place] = []
    done = 0
    for match in _PLACE.finditer(block):
        parts.append(block[done : match.start()])
        done = match.end()
        if match.group() in ("{{", "}}"):
            parts.append(match.group()[0])
            continue
        inside = _INSIDE.fullmatch(match[1] or "")
        if inside is None:
            raise ValueError(
                f"{match.group()!r} is no field; write {{field}}, {{field?}}, {{field|wrapper}} or "
                "{{ for a brace"
            )
        wrapper = inside[3] or ""
        if wrapper and wrapper not in WRAPPERS and wrapper != "cite":
            raise ValueError(f"no wrapper {wrapper!r}; there are: {', '.join(WRAPPER_NAMES)}")
        parts.append(Place(inside[1], bool(inside[2]), wrapper, inside[4] or ""))
    return [part for part in (*parts, block[done:]) if part]


def render(
    phrasing: Phrasing, values: Mapping[str, str], latex_markers: bool
) -> tuple[str, tuple[Citation, ...]]:
    """The text of a phrasing and the works it cites; `values` are clean text.

    Raises RecordUnreadable where a value does not fit its wrapper, KeyError for a field that
    `values` lack: the caller has checked.
    """
    citations: list[Citation] = []
    blocks = []
    for block in phrasing.blocks:
        places = [part for part in block if isinstance(part, Place)]
        if any(place.optional and not values.get(place.field) for place in places):
            continue
        pieces = []
        for part in block:
            if isinstance(part, str):
                pieces.append(part)
            elif part.wrapper == "cite":
                surname = values.get(part.argument) or None
                title = values[part.field]
                citation = Citation(as_written=title, title=title, surname=surname)
                citations.append(citation)
                pieces.append(span(citation))
            else:
                pieces.append(_wrapped(part, values[part.field], latex_markers))
        text = "".join(pieces).strip("\n")
        if text.strip():
            blocks.append(text)
    return "\n\n".join(blocks), tuple(citations)


def _wrapped(place: Place, value: str, latex_markers: bool) -> str:
    if not place.wrapper:
        return value
    try:
        return WRAPPERS[place.wrapper](value, place.argument, latex_markers)
    except ValueError as error:
        detail = f"{place.field} as {place.wrapper}: {error}"
        raise RecordUnreadable("value does not fit its wrapper", detail) from None


def _smiles_pair(value: str) -> tuple[str, str]:
    molecule = molecules.from_smiles(value)
    if not molecule.GetNumAtoms():
        raise ValueError("no atom")
    return molecules.smiles_pair(molecule)


def _formula(value: str, markers: bool, *, display: bool = False) -> str:
    bare = value.strip()
    for start, end in (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]")):
        if bare.startswith(start) and bare.endswith(end) and len(bare) > len(start + end):
            bare = bare[len(start) : -len(end)]
            break
    return latex(bare, display=display, markers=markers)


def _sentence(value: str) -> str:
    return value if value.endswith((".", "?", "!")) else f"{value}."


_Wrapper = Callable[[str, str, bool], str]
#: Structures are kekulized by RDKit, as in every document.
WRAPPERS: Final[Mapping[str, _Wrapper]] = {
    "smiles": lambda value, _, __: smiles(_smiles_pair(value)[1]),
    "isomeric_smiles": lambda value, _, __: isomeric_smiles(_smiles_pair(value)[0]),
    "amino": lambda value, _, __: amino(str(protein(value))),
    "dna": lambda value, _, __: dna(str(nucleotides(value))),
    "rna": lambda value, _, __: rna(str(ribonucleotides(value))),
    "selfies": lambda value, _, __: selfies(value),
    "material": lambda value, _, __: material(value),
    "latex": lambda value, _, markers: _formula(value, markers),
    "latex_display": lambda value, _, markers: _formula(value, markers, display=True),
    "superscript": lambda value, _, __: superscript(value),
    "subscript": lambda value, _, __: subscript(value),
    "work": lambda value, _, __: work(f"\n{value}\n"),
    "code": lambda value, language, __: fenced(value, language),
    "list": lambda value, _, __: "\n".join(f"- {line}" for line in value.split("\n") if line),
    "lower": lambda value, _, __: value[:1].lower() + value[1:],
    "question": lambda value, _, __: value[:1].upper() + value[1:].rstrip("? ") + "?",
    "sentence": lambda value, _, __: _sentence(value),
}
WRAPPER_NAMES: Final[Collection[str]] = tuple(sorted([*WRAPPERS, "cite"]))
