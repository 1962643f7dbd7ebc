"""Lists of wikitext as nested Markdown lists (https://www.mediawiki.org/wiki/Help:Lists)."""

import re
from typing import Final

from corpora.mediawiki.inline import line

_DEEPEST: Final = 8
#: How far the text of an item stands in; `:` under an item goes on with it.
_INDENTS: Final = {"#": "   ", ":": ""}
_TERM: Final = re.compile(r"(.*?\S)\s+:\s+(.*)", re.DOTALL)


def markdown_list(items: list[tuple[str, str]]) -> str:
    """Items, each with its signs (`*`, `#`, `:`, `;`), as a Markdown list.

    `;` is a term and `:` after it what it means; `:` after an item goes on with it.

    >>> print(markdown_list([("*", "a"), ("**", "b"), ("#", "c"), ("#", "d")]))
    - a
      - b
    1. c
    2. d
    >>> print(markdown_list([(";", "Ion"), (":", "a charged atom")]))
    - Ion: a charged atom
    """
    lines: list[str] = []
    counters: list[int] = []
    last = ""
    for signs, content in items:
        signs = signs[:_DEEPEST]
        words = line(content)
        if not words:
            continue
        own = signs.lstrip(":") or signs
        shared = _shared(last, own)
        counters = counters[: max(shared, len(own) - 1)][: len(own)]
        indent = "".join(_INDENTS.get(sign, "  ") for sign in own[:-1])
        kind = own[-1]
        if kind == ":" and lines:
            _go_on(lines, last, own, words, indent)
            # Further meanings of a term are lines under it.
            last = own if last.endswith(";") else last
            continue
        counters += [0] * (len(own) - len(counters))
        if kind == "#":
            counters[-1] += 1
            bullet, under = f"{counters[-1]}. ", "   "
        else:
            bullet, under = "- ", "  "
        if kind == ";" and (term := _TERM.fullmatch(words)):
            words = f"{term.group(1)}: {term.group(2)}"
            own = own[:-1] + ":"
        lines.append(indent + bullet + words.replace("\n", f"\n{indent}{under}"))
        last = own
    return "\n".join(lines)


def _shared(before: str, signs: str) -> int:
    """How many levels two items share; `;` and `:` are one kind of list."""
    same = 0
    for one, other in zip(before.replace(":", ";"), signs.replace(":", ";"), strict=False):
        if one != other:
            break
        same += 1
    return same


def _go_on(lines: list[str], last: str, signs: str, words: str, indent: str) -> None:
    """Adds a `:` item to the entry before it: the meaning of a term, or another paragraph."""
    if last.endswith(";") and len(last) == len(signs):
        lines[-1] = f"{lines[-1].rstrip(':')}: {words}"
    else:
        lines.append(f"{indent or '  '}{words}")
