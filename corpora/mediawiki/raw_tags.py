"""What wikitext keeps from its parser: comments, nowiki, formulas, code.

The first step on a page. MediaWiki takes the content of these extension tags as it is, up to the
first closing tag (https://www.mediawiki.org/wiki/Parser_extension_tags); a tag that is never
closed is left out alone, so that it swallows nothing.
"""

import re
from typing import Final

from corpora.fences import fenced
from corpora.mathml.pieces import balanced
from corpora.mediawiki.characters import decoded, shielded
from corpora.mediawiki.state import PageState
from corpora.tex_bodies import without_numbering
from tokenization.marked_text import clean
from tokenization.wrappers import latex

_RAW: Final = re.compile(
    r"<!--|<(nowiki|pre|math|chem|ce|syntaxhighlight|source|gallery|imagemap|timeline|graph|score|"
    r"hiero|mapframe|maplink|templatedata|templatestyles|inputbox|poem|includeonly)"
    r"(\s[^<>]*)?>",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(r"""([\w-]{1,30})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>/]+))""")
#: Pictures, data or widgets, without words of the article.
_PICTURES: Final = frozenset(("timeline", "graph", "score", "hiero", "mapframe"))
_FILE_LINE: Final = re.compile(r"\s*(?:[^\W\d_][\w ]{0,30}:)?([^|\n]*\.\w{2,5})\s*(?:\|(.*))?$")
_GALLERY_OPTION: Final = re.compile(r"\s*(?:alt|link|page|lang|class)\s*=", re.IGNORECASE)
#: What stands in a page and in no formula.
_NO_FORMULA: Final = re.compile(r"<(?:ref|br|math)\b|\n==[^\n]*==[ \t]*(?=\n|$)|\{\{[Cc]ite")
#: A link; on the last line of a formula it is an ion, `[[Co(H_2O)_6]]^{3+}`.
_NO_ION: Final = re.compile(r"\[\[[^\[\]\n]*[|\]]\]?")
#: What a formula may end in that prints nothing: spacing, a line break, a blank's backslash.
_START_SPACING: Final = re.compile(r"\A(?:\s|~|\\[ ,;:!]|\\q?quad(?![A-Za-z]))+")
_SPACE_FIRST: Final = re.compile(r"\s*(?:~|\\[ ,;:]|\\q?quad(?![A-Za-z]))")
_SPACE_LAST: Final = re.compile(r"(?:~|(?<!\\)\\(?:[ ,;:]|q?quad))\s*$")
_END_SPACING: Final = re.compile(r"(\\+)(q?quad|[,;:!]|)$")
#: Environments that open display mathematics themselves, and what they are inside a formula.
_INNER: Final = {"align": "aligned", "eqnarray": "aligned", "gather": "gathered",
                 "multline": "gathered", "flalign": "aligned", "alignat": "alignedat"}  # fmt: skip
_ENVIRONMENT: Final = re.compile(rf"\\(begin|end)\{{({'|'.join(_INNER)})\*?\}}")
_PERCENT: Final = re.compile(r"(?<!\\)%")
_LINES: Final = re.compile(r"\\begin\{(?:aligned|gathered|alignedat)\}")
_BAR: Final = re.compile(r"(?<!\\)\|")


def attributes(written: str | None) -> dict[str, str]:
    """The attributes of a tag, their names in lower case.

    >>> attributes(' name="a b" group=note /')
    {'name': 'a b', 'group': 'note'}
    """
    return {
        match.group(1).lower(): decoded(match.group(2) or match.group(3) or match.group(4) or "")
        for match in _ATTRIBUTE.finditer(written or "")
    }


def without_raw(text: str, state: PageState) -> str:
    """The page with each raw tag replaced: by a placeholder, by shielded text, or by nothing."""
    parts: list[str] = []
    # Where the next closing tag of each name stands, found once; -1 where none follows.
    closings: dict[str, tuple[int, int]] = {}
    at = 0
    while tag := _RAW.search(text, at):
        parts.append(text[at : tag.start()])
        name = (tag.group(1) or "!--").lower()
        written = tag.group(2) or ""
        at = tag.end()
        if written.endswith("/"):
            continue
        start, end = closings.get(name, (0, 0))
        if 0 <= start < at:
            start, end = closings[name] = _closing(name, text, at)
        if start < 0 or _belongs_to_another(name, text, at, start):
            continue
        content, at = text[at:start], end
        words = _replacement(name, written, content, state)
        if name == "math":
            # `<math>~n~</math>photon`: its blanks are those of the sentence.
            before, after = text[max(0, tag.start() - 1) : tag.start()], text[at : at + 1]
            if before.isalnum() and _SPACE_FIRST.match(content):
                words = " " + words
            if after.isalnum() and _SPACE_LAST.search(content[-40:]):
                words += " "
        parts.append(words)
    parts.append(text[at:])
    return "".join(parts)


_CLOSINGS: Final[dict[str, re.Pattern[str]]] = {
    name: re.compile(rf"</{name}\s*>", re.IGNORECASE)
    for name in (
        "nowiki pre math chem ce syntaxhighlight source gallery imagemap timeline graph score "
        "hiero mapframe maplink templatedata templatestyles inputbox poem includeonly"
    ).split()
} | {"!--": re.compile("-->")}


def _closing(name: str, text: str, at: int) -> tuple[int, int]:
    found = _CLOSINGS[name].search(text, at)
    return found.span() if found else (-1, -1)


def _belongs_to_another(name: str, text: str, at: int, end: int) -> bool:
    """Whether the closing tag found is not this one's, which was left open.

    MediaWiki would take all up to there for code or a formula.
    """
    if name == "!--":
        return text.find("<!--", at, end) >= 0 and text.find("\n==", at, end) >= 0
    if text.find(f"<{name}>", at, end) >= 0:
        return True
    if name not in ("math", "chem", "ce"):
        return False
    last_line = max(text.rfind("\n", at, end), at)
    return bool(_NO_FORMULA.search(text, at, end) or _NO_ION.search(text, at, last_line))


def _replacement(name: str, written: str, content: str, state: PageState) -> str:
    match name:
        case "nowiki":
            return shielded_entities(content)
        case "math":
            return formula(content, state, attributes(written).get("display", ""))
        case "chem" | "ce":
            return formula(rf"\ce{{{content.strip()}}}", state)
        case "pre" | "syntaxhighlight" | "source":
            return _code(name, written, content, state)
        case "gallery":
            return _gallery(without_raw(content, state))
        case "imagemap":
            first = content.strip().partition("\n")[0]
            return f"[[{first}]]" if _FILE_LINE.match(first.partition("|")[0]) else ""
        case "poem":
            words = without_raw(content.strip("\n"), state)
            return "\n" + re.sub(r"(?<=\S)\n", "<br>\n", words) + "\n"
        case _:
            if name in _PICTURES:
                state.counts[f"<{name}> left out"] += 1
            return ""


def shielded_entities(content: str) -> str:
    """Text of a `nowiki`: its markup is none, its character references are read."""
    return shielded(decoded(clean(content)))


def formula(source: str, state: PageState, display: str = "") -> str:
    """A placeholder for a formula; one whose braces do not balance stays readable as code."""
    # There are no comments: `%` is the sign.
    body = _PERCENT.sub(r"\\%", without_numbering(clean(" ".join(decoded(source).split()))))
    body = _START_SPACING.sub("", _without_end_spacing(body))
    if not body:
        return ""
    body = _ENVIRONMENT.sub(lambda match: f"\\{match[1]}{{{_INNER[match[2]]}}}", body)
    if not balanced(body):
        state.counts["formulas whose braces do not balance"] += 1
        return state.hold(f"`{body}`")
    placeholder = state.hold(latex(body, markers=state.options.latex_markers, marked=True))
    state.formulas[len(state.held) - 1] = body
    if display.strip().lower() == "block" or _LINES.match(body):
        state.displayed.add(len(state.held) - 1)
    return placeholder


def _without_end_spacing(body: str) -> str:
    r"""A formula without blanks at its end, whose backslash would escape the closing delimiter.

    >>> _without_end_spacing(r"x^2 \quad \ ~"), _without_end_spacing(r"a \\")
    ('x^2', 'a')
    """
    while True:
        body = body.rstrip(" ~")
        found = _END_SPACING.search(body[-40:])
        if found is None:
            return body
        slashes, name = found.groups()
        if name and len(slashes) % 2 == 0:
            return body  # `\\\\,`: a comma after a line break
        body = body[: -1 - len(name)] if name else body.rstrip("\\")


def cell_formula(body: str, state: PageState) -> str:
    """A formula in a table, where a bar would end the cell."""
    body = _BAR.sub(r"\\vert ", body.replace(r"\|", r"\Vert "))
    return latex(body, markers=state.options.latex_markers, marked=True)


def _code(name: str, written: str, content: str, state: PageState) -> str:
    given = attributes(written)
    words = clean(decoded(content) if name == "pre" else content)
    if name != "pre" and ("inline" in given or re.search(r"\binline\b", written)):
        return state.hold(f"`{' '.join(words.split())}`")
    if name == "pre":
        words = re.sub(r"</?nowiki\s*/?>", "", words)
    language = given.get("lang", "") if name != "pre" else ""
    language = language.lower() if re.fullmatch(r"[\w+#.-]{1,30}", language) else ""
    lines = [line.rstrip() for line in words.strip("\n").split("\n")]
    if not any(lines):
        return ""
    placeholder = state.hold(fenced("\n".join(lines), language))
    state.fences.add(len(state.held) - 1)
    return f"\n{placeholder}\n"


def _gallery(content: str) -> str:
    """Each picture as a file link, which the expansion of links reads."""
    links: list[str] = []
    for row in content.split("\n"):
        found = _FILE_LINE.match(row)
        if not found:
            continue
        options = (found.group(2) or "").split("|")
        caption = "|".join(part for part in options if not _GALLERY_OPTION.match(part))
        links.append(f"[[File:{found.group(1).strip()}|thumb|{caption}]]\n")
    return "\n" + "".join(links)
