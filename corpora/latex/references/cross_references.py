r"""What `\ref` and its kin print, and what is left of a sentence where nothing can be printed.

Text is rendered in one pass, before every label is known: a reference is left as a slot, a
C0-delimited string no file can spell, and `fill` puts the number in at the end.
"""

import re
from typing import Final

from corpora.latex.references.numbering import REFERENCE_OPEN, SLOT_CLOSE, UNCITED, VANISHED
from corpora.latex.references.reference_names import (
    OwnNames,
    Target,
    automatic,
    joined,
    name_of,
    named,
    number_of,
)


def slot(command: str, keys: str) -> str:
    r"""The slot of a reference: `command` is `ref`, `eqref`, `autoref`, `cref`, ...

    >>> from corpora.latex.references.numbering import Numbering
    >>> numbering = Numbering()
    >>> _ = numbering.step("figure", "figure"); numbering.label("fig:a")
    >>> fill("see Fig. " + slot("ref", "fig:a") + ", " + slot("Cref", "fig:a"), numbering.labels)
    'see Fig. 1, Figure 1'
    """
    return f"{REFERENCE_OPEN}{command}\x08{keys}{SLOT_CLOSE}"


_SLOT: Final = re.compile(
    f"{REFERENCE_OPEN}([^{SLOT_CLOSE}\x08]*)\x08([^{SLOT_CLOSE}]*){SLOT_CLOSE}"
)


#: "See page 5 for more": the sentence needs a place, so it names what stands there.
_PAGE_ALONE: Final = re.compile(
    rf"(\b(?:[Ss]ee|[Cc]onsult|In|On)\s+)(?:on\s+)?(?:[Pp]ages?|pp?\.)\s*{REFERENCE_OPEN}page(ref\x08)"
)
#: "Page 5 shows how": a subject, which is never left out.
_PAGE_FIRST: Final = re.compile(
    rf"((?:^|[.!?]\s)\s*)Pages?\s*{REFERENCE_OPEN}pageref\x08([^{SLOT_CLOSE}]*){SLOT_CLOSE}"
    r"(?=\s+[a-z])",
    re.MULTILINE,
)


def fill(text: str, labels: dict[str, Target], own: OwnNames | None = None) -> str:
    r"""The text with every reference slot filled, and what vanished tidied away.

    `own` are the names that the paper has given with `\crefname` and its kin.
    """
    names = own or OwnNames()
    if f"{REFERENCE_OPEN}pageref" in text:
        text = _PAGE_ALONE.sub(
            lambda m: f"{'In ' if m[1][:2] == 'On' else m[1]}{REFERENCE_OPEN}c{m[2]}", text
        )
        text = _PAGE_FIRST.sub(
            lambda m: m[1] + (_words("Cref", m[2], labels, names).strip(VANISHED) or "The page"),
            text,
        )
    text = _SLOT.sub(lambda match: _words(match.group(1), match.group(2), labels, names), text)
    if VANISHED not in text and UNCITED not in text:
        return text
    lines = text.split("\n")
    return "\n".join(
        tidy_vanished(line) if VANISHED in line or UNCITED in line else line for line in lines
    )


_PLACE: Final = (
    r"(?:[Ss]ections?|[Ss]ecs?\.|[Ss]ects?\.|[Ff]igures?|[Ff]igs?\.?|[Tt]ables?|[Tt]abs?\.|[Ee]quations?"
    r"|[Ee]qns?\.?|[Ee]qs?\.?|§+|[Aa]ppendi(?:x|ces)|[Aa]pp\.|[Cc]hapters?|[Cc]hap\.|[Tt]heorems?|[Tt]hm\.?"
    r"|[Ll]emmas?|[Ll]emmata|[Pp]ropositions?|[Pp]rop\.|[Cc]orollar(?:y|ies)|[Cc]or\.|[Dd]efinitions?"
    r"|[Aa]lgorithms?|[Aa]lg\.|[Ll]istings?|[Ee]xamples?|[Rr]emarks?|[Pp]arts?|[Ss]teps?|[Ii]tems?)"
)
_FULL_WORDS: Final = {
    "sec": "section", "sect": "section", "fig": "figure", "tab": "table", "eq": "equation",
    "eqn": "equation", "§": "section", "app": "appendix", "chap": "chapter", "thm": "theorem",
    "prop": "proposition", "cor": "corollary", "alg": "algorithm",
}  # fmt: skip
_GONE: Final = rf"(?:\({VANISHED}\)|{VANISHED})"
_GONE_TWICE: Final = re.compile(
    rf"{_GONE}(?:\s*(?:--|[-–—,/&]|and|or|to|through)(?:\s*and)?\s*{_GONE})+"
)
_ON_PAGES: Final = re.compile(
    rf"(?<=[.!?])\s+Pages?\s*{VANISHED}\s*\."
    rf"|(?:(?<=\S)\s*)?[(\[](?:[^()\[\]\n]{{0,30}}\s)?(?:[Pp]ages?|pp?\.)\s*{VANISHED}\s*[)\]]"
    rf"|(?:(?<=\S)\s*[,;]?\s*)?(?:\b(?:see|cf\.)\s+(?:also\s+)?)?(?:\b(?:(?:starting|beginning|found|listed|given|shown|located)\s+)?"
    rf"(?:on|at|from|in)\s+)?(?:the\s+)?\b(?:[Pp]ages?|pp?\.)\s*{VANISHED}"
)
_LED_BY: Final = r"(?:(?:see|cf\.|e\.g\.,?|also|and|in|,)\s+)*"
_IN_BRACKETS: Final = re.compile(
    rf"\s*[(\[]{_LED_BY}{_PLACE}\s*{_GONE}\s*[)\]]|\s*[(\[]see\s+{VANISHED}\s*[)\]]"
)
_BRACKETS_ALONE: Final = re.compile(rf"\s*[(\[]{_LED_BY}{VANISHED}\s*[)\]]")
_ADVICE: Final = re.compile(
    rf"\s*[,;]\s*(?:see|cf\.)\s+(?:also\s+)?{VANISHED}(?=\s*(?:[.,;:)]|\Z))"
)
_FIRST_WORDS: Final = re.compile(rf"(^|\n|[.!?]\s)(?:In|On|From|By)\s+{VANISHED}\s*,?\s*(\w)")
_NAMED: Final = re.compile(rf"(?<![\w.])(?:the\s+)?({_PLACE})\s*{_GONE}[a-z]?(?![\w])")


def tidy_vanished(text: str) -> str:
    """Removes the places where nothing could be printed, and mends the words around them.

    >>> tidy_vanished("as shown (Section " + VANISHED + ") on page " + VANISHED + ".")
    'as shown.'
    >>> tidy_vanished("Fig. " + VANISHED + " shows advice starting on page " + VANISHED)
    'The figure shows advice'
    """
    gone = VANISHED
    text = _GONE_TWICE.sub(gone, text)
    text = _ON_PAGES.sub("", text)
    text = _IN_BRACKETS.sub("", text)
    text = _NAMED.sub(_without_number, text)
    if UNCITED in text:
        text = _GONE_TWICE.sub(gone, text.replace(UNCITED, gone))
    text = _BRACKETS_ALONE.sub("", text)
    text = _ADVICE.sub("", text)
    text = _FIRST_WORDS.sub(lambda match: match.group(1) + match.group(2).upper(), text)
    text = re.sub(rf"\.\s*{gone}\s*(?=\.(?!\.))", "", text)
    text = re.sub(rf"(?<!\s)\s*{gone}(?=\s*[.,;:)\]])", "", text)
    return re.sub(rf"(?<!\s)\s*{gone}[ \t]*(\n?)", lambda match: match.group(1) or " ", text)


def _without_number(match: re.Match[str]) -> str:
    """`Fig.` whose number is not known as "the figure"."""
    word = match.group(1)
    stem = word.rstrip(".").lower()
    plural = stem.endswith("s") and stem != "appendices"
    stem = stem[:-1] if plural else stem.replace("§§", "§")
    name = _FULL_WORDS.get(stem, stem) + ("s" if plural else "")
    before = match.string[max(0, match.start() - 3) : match.start()].rstrip(" ")
    starts = not before or before[-1] in ".\n!?:" or match.start() == 0
    return f"{'The' if starts else 'the'} {name}"


def _words(command: str, keys: str, labels: dict[str, Target], own: OwnNames) -> str:
    targets = [labels.get(key.strip()) for key in keys.split(",") if key.strip()]
    known = [target for target in targets if target is not None]
    capital = command[0] == "C"
    if command in ("namecref", "nameCref"):
        return name_of(known[0].kind, own, capital=command == "nameCref") if known else VANISHED
    if command == "nameref":
        return known[0].title if known and known[0].title else VANISHED
    known = [target for target in known if target.number]
    if not known or command == "pageref":
        return VANISHED
    if command == "ref":
        return joined([target.number for target in known])
    if command == "eqref":
        return joined([f"({target.number})" for target in known])
    if command == "autoref":
        return automatic(known[0], own)
    if command == "labelcref":
        return joined([number_of(target) for target in known])
    if command.endswith("range"):
        ends = list(dict.fromkeys(number_of(target) for target in known))
        name = name_of(known[0].kind, own, capital=capital, plural=len(ends) > 1)
        return f"{name} {' to '.join(ends)}"
    # `\\cref{eq:a,eq:b,fig:c}` names each kind once, and only the first at a sentence's start.
    groups: dict[str, list[str]] = {}
    for target in known:
        groups.setdefault(target.kind, []).append(number_of(target))
    return joined(
        [
            named(kind, numbers, own, capital=capital and not place)
            for place, (kind, numbers) in enumerate(groups.items())
        ]
    )
