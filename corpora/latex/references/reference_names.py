r"""What cleveref and hyperref call the things that labels point at: "equations (1) to (3)"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

#: Kind -> its name within a sentence and at its start.
_NAMES: Final = {
    "figure": ("figure", "Figure"), "table": ("table", "Table"), "equation": ("equation",
    "Equation"),
    "section": ("section", "Section"), "subsection": ("section", "Section"),
    "subsubsection": ("section", "Section"), "chapter": ("chapter", "Chapter"),
    "part": ("part", "Part"), "appendix": ("appendix", "Appendix"), "item": ("item", "Item"),
    "algorithm": ("algorithm", "Algorithm"), "footnote": ("footnote", "Footnote"),
    "listing": ("listing", "Listing"), "subfigure": ("figure", "Figure"), "line": ("line", "Line"),
    "paragraph": ("paragraph", "Paragraph"),
}  # fmt: skip
#: Counters of packages, as `\crefname` has them.
_COUNTERS: Final = {
    "algocf": "algorithm", "algocfline": "line", "ALG@line": "line", "AlgoLine": "line",
    "lstlisting": "listing", "enumi": "item", "eq": "equation", "fig": "figure", "sec": "section",
}  # fmt: skip
#: Names that `\autoref` writes in small letters (hyperref's `\sectionautorefname` and its kin).
_SMALL: Final = re.compile("section|paragraph|chapter|item|footnote|line$")
_LAST_NUMBER: Final = re.compile(r"(.*?)(\d+)(\)?)$")


@dataclass(frozen=True, slots=True)
class Target:
    """What a label points at: its kind, its number as printed, and its title for `\\nameref`."""

    kind: str
    number: str
    title: str = ""


@dataclass
class OwnNames:
    """What a paper calls kinds of things itself."""

    #: (Kind, capital) -> one, several: `\\crefname` and `\\Crefname`.
    clever: dict[tuple[str, bool], tuple[str, str]] = field(default_factory=dict)
    #: Kind -> its name, of `\\sectionautorefname` and its kin.
    automatic: dict[str, str] = field(default_factory=dict)


def kind_of_counter(counter: str) -> str:
    """The kind of thing that a counter numbers.

    >>> kind_of_counter("algocf"), kind_of_counter("lemma")
    ('algorithm', 'lemma')
    """
    return _COUNTERS.get(counter, counter)


def number_of(target: Target) -> str:
    """A target's number as cleveref prints it, an equation's in parentheses."""
    return f"({target.number})" if target.kind == "equation" else target.number


def automatic(target: Target, own: OwnNames) -> str:
    r"""What `\autoref` prints.

    >>> automatic(Target("table", "2"), OwnNames())
    'Table 2'
    >>> automatic(Target("subsection", "2.1"), OwnNames(automatic={"subsection": "Section"}))
    'Section 2.1'
    """
    name = own.automatic.get(target.kind)
    if name:
        return f"{name} {target.number}"
    lower, upper = _NAMES.get(target.kind, (target.kind, target.kind))
    return f"{lower if _SMALL.search(target.kind) else upper} {target.number}"


def name_of(kind: str, own: OwnNames, *, capital: bool, plural: bool = False) -> str:
    """The name of one or several things of a kind, the paper's own name first.

    >>> name_of("Corollary", OwnNames(), capital=True, plural=True)
    'Corollaries'
    """
    for wanted in (capital, not capital):
        found = own.clever.get((kind, wanted))
        if found is not None:
            name = found[plural]
            same = wanted == capital or not name[:1].isalpha()
            return name if same or not capital else name[0].upper() + name[1:]
    name = _NAMES.get(kind, (kind, kind))[capital]
    return _plural(name) if plural else name


def _plural(name: str) -> str:
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    if name.lower().endswith(("appendix", "matrix", "vertex")):
        return f"{name[:-2]}ices"
    if re.search(r"(?:sis|xis)$", name):
        return f"{name[:-2]}es"
    return f"{name}es" if re.search(r"(?:s|x|ch|sh)$", name) else f"{name}s"


def named(kind: str, numbers: Sequence[str], own: OwnNames, *, capital: bool) -> str:
    """Things of one kind by name and number, as cleveref lists them: sorted, runs as ranges.

    >>> named("equation", ["(3)", "(1)", "(2)"], OwnNames(), capital=False)
    'equations (1) to (3)'
    >>> named("figure", ["2", "2"], OwnNames(), capital=True)
    'Figure 2'
    """
    listed = list(dict.fromkeys(numbers))
    name = name_of(kind, own, capital=capital, plural=len(listed) > 1)
    return f"{name} {joined(in_ranges(listed))}"


def in_ranges(numbers: Sequence[str]) -> list[str]:
    """Numbers in order, three or more that follow each other as a range.

    >>> in_ranges(["2.4", "2.1", "2.2", "2.3", "3.1"])
    ['2.1 to 2.4', '3.1']
    """
    parts = [_LAST_NUMBER.fullmatch(number) for number in numbers]
    keys = [(m.group(1), int(m.group(2)[-9:]), m.group(3)) for m in parts if m is not None]
    if len(keys) < len(numbers):
        return [*numbers]
    # Those of one section stay where the first of them stood.
    places = {key[0]: place for place, key in reversed([*enumerate(keys)])}
    order = sorted(range(len(keys)), key=lambda at: (places[keys[at][0]], keys[at][1]))
    runs: list[list[int]] = []
    for at in order:
        before = keys[runs[-1][-1]] if runs else None
        if before is not None and (before[0], before[1] + 1) == keys[at][:2]:
            runs[-1].append(at)
        else:
            runs.append([at])
    found: list[str] = []
    for run in runs:
        printed = [numbers[at] for at in run]
        found += [f"{printed[0]} to {printed[-1]}"] if len(run) > 2 else printed
    return found


def joined(numbers: Sequence[str]) -> str:
    """A list in words.

    >>> joined(["1", "2", "3"])
    '1, 2 and 3'
    """
    if len(numbers) < 3:
        return " and ".join(numbers)
    return ", ".join(numbers[:-1]) + f" and {numbers[-1]}"
