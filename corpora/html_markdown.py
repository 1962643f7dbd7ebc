"""Bodies of HTML as Markdown blocks in marked text, with the formulas that MathJax would set.

Paragraphs, headings, lists, quotations, code, tables and images have their form in Markdown; links
are their labels, emphasis is plain text, superscripts and subscripts keep their markers. Formulas
are looked for in prose and never in code. The parser is libxml2's, which mends what is broken.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from lxml import etree

from corpora.documents import ReadOptions
from corpora.fences import fenced
from corpora.html_images import description
from corpora.html_parsing import CONTROLS, outside_code, parsed_body
from corpora.jats.tables import markdown_table
from corpora.mathjax import (
    Formula,
    is_mathematical,
    numbers_of_labels,
    split_formulas,
    whole_formula,
    with_numbers,
)
from corpora.mathjax_macros import Macro, expanded
from tokenization.marked_text import clean
from tokenization.wrappers import image, latex, subscript, superscript

# Inside a paragraph: `\x01n\x02` holds the place of what is finished text, `\x03` of a line break,
# `\x04n\x05` of a formula that the page marks as one.
_PLACE: Final = re.compile("\x01([0-9]+)\x02")
_GIVEN: Final = re.compile("\x04([0-9]+)\x05")
_EMPTY_FORMULA: Final = re.compile(r"(?<!\\)\$\$\s*\$\$")
_UNSEEN: Final = {0x00AD: None, 0x200B: None, 0xFEFF: None}
_SPACES: Final = re.compile(r"[ \t\r\n\f\u00a0]+")
_BREAK: Final = re.compile(r" ?\x03[ \x03]*")
_POINT_AFTER: Final = re.compile(r"[.,;:]+(?=\s|$)")
_PLAIN_RAISED: Final = frozenset(("st", "nd", "rd", "th", "®", "™", "©"))
_CODE_CLASS: Final = re.compile(r"(?:^|\s)(?:lang|language)-([A-Za-z0-9+#-]{1,20})(?:\s|$)")
#: Names of google-code-prettify and highlight.js that are shorter than the language's.
_LANGUAGES: Final = {
    "py": "python", "js": "javascript", "rb": "ruby", "pl": "perl", "hs": "haskell",
    "cs": "csharp", "tex": "latex", "mma": "mathematica", "sh": "bash", "ts": "typescript",
    "none": "", "default": "",
}  # fmt: skip
_IMAGES: Final = re.compile("(?:\x01[0-9]+\x02[ \x03]*)+")
_SILENT: Final = frozenset(
    ("script", "style", "head", "title", "template", "iframe", "object", "embed", "noscript",
     "svg", "canvas", "audio", "video", "button", "input", "select", "textarea", "form-control")
)  # fmt: skip


@dataclass(slots=True)
class _Body:
    """One body being read: finished pieces by their place, elements that hold blocks."""

    options: ReadOptions
    level: int
    mathematical: bool = False
    finished: list[str] = field(default_factory=list)
    holders: set[etree._Element] = field(default_factory=set)
    numbers: dict[str, str] = field(default_factory=dict)
    macros: dict[str, Macro] = field(default_factory=dict)
    inside_table: bool = False
    formulas: list[Formula] = field(default_factory=list)
    #: Place of an image -> what its author says it shows; perhaps nothing.
    captions: dict[str, str] = field(default_factory=dict)

    def keep(self, text: str) -> str:
        """The place holder of a finished piece: no white space of it is touched any more."""
        self.finished.append(text)
        return f"\x01{len(self.finished) - 1}\x02"

    def restore(self, text: str) -> str:
        """The text with every finished piece in its place."""
        return _PLACE.sub(lambda match: self.finished[int(match.group(1))], text)


def html_to_markdown(
    html: str,
    options: ReadOptions,
    cleaned: Counter[str],
    *,
    level: int = 1,
    macros: dict[str, Macro] | None = None,
) -> list[str]:
    """The blocks of a body of HTML, to be joined by blank lines; `level` is that of an `h1`.

    `macros` are those of the page so far; what this body defines is added to them.

    Raises RecordUnreadable where elements are nested deeper than `MAX_DEPTH`.

    >>> html_to_markdown("<p>So <em>x</em> &lt; <code>a$b</code></p><ul><li>one</li></ul>",
    ...                  ReadOptions(), Counter())
    ['So x < `a$b`', '- one']
    """
    root = parsed_body(html, cleaned)
    if root is None:
        return []
    text = outside_code(root)
    body = _Body(options, level, is_mathematical(text), numbers=numbers_of_labels(text))
    body.macros = {} if macros is None else macros
    for element in root.iter(*_BLOCKS):
        for holder in element.iterancestors():
            if holder in body.holders:
                break
            body.holders.add(holder)
    return _flow(root, body)


def inline_markdown(text: str, options: ReadOptions) -> str:
    """One line of plain text, already cleaned, with its formulas wrapped: a title."""
    body = _Body(options, 1, inside_table=True)
    return body.restore(_prose(CONTROLS.sub("", text), body)[0]) if text.strip() else ""


# Running text


def _inline(element: etree._Element, body: _Body) -> str:
    """The content of an element as raw text with place holders, white space as in the file."""
    pieces = [element.text or ""]
    for child in element:
        pieces.append(_phrase(child, body))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _phrase(element: etree._Element, body: _Body) -> str:
    tag = element.tag
    if not isinstance(tag, str) or tag in _SILENT:
        return ""
    if tag in ("code", "tt", "samp"):
        return _code_span("".join(map(str, element.itertext())), body)
    if tag in ("sup", "sub"):
        return _script(element, body)
    if tag == "span" and "math-container" in (element.get("class") or ""):
        # Dumps of Stack Exchange since 2019 mark what MathJax typesets.
        text = "".join(map(str, element.itertext()))
        if (found := whole_formula(text)) is not None:
            body.formulas.append(found)
            return f"\x04{len(body.formulas) - 1}\x05"
    if tag == "br":
        return "\x03"
    if tag == "img":
        place = body.keep(image())
        words = description(element.get("alt") or "")
        body.captions[place] = inline_markdown(words, body.options)
        if body.inside_table:
            body.captions[place] = re.sub(r"(?<!\\)\|", r"\\|", body.captions[place])
        return place
    if tag in ("del", "s", "strike"):
        words = _inline(element, body)
        return f"~~{words}~~" if words.strip() and len(words.strip()) == len(words) else words
    words = _inline(element, body)
    return f" {words} " if tag in _BLOCKS else words


def _captioned(words: str, body: _Body) -> list[str]:
    """A paragraph with what its images show: below images alone, in brackets within a line."""
    if _IMAGES.fullmatch(words) and not body.inside_table:
        places = [match.group() for match in _PLACE.finditer(words)]
        if all(place in body.captions for place in places):
            return [part for place in places for part in (place, body.captions[place]) if part]

    def described(match: re.Match[str]) -> str:
        caption = body.captions.get(match.group())
        return f"{match.group()} ({caption})" if caption else match.group()

    return [_PLACE.sub(described, words)]


def _code_span(content: str, body: _Body) -> str:
    """Inline code in as many backticks as it needs (CommonMark, 6.1)."""
    words = _SPACES.sub(" ", content).strip()
    if not words:
        return ""
    longest = max((len(run) for run in re.findall("`+", words)), default=0)
    ticks = "`" * (longest + 1)
    if longest and (words[0] == "`" or words[-1] == "`"):
        words = f" {words} "
    return body.keep(f"{ticks}{words}{ticks}")


def _script(element: etree._Element, body: _Body) -> str:
    outer, body.inside_table = body.inside_table, True
    words = " ".join(body.restore(block) for block in _prose(_inline(element, body), body))
    body.inside_table = outer
    if not words or words in _PLAIN_RAISED or _is_small_print(element, words):
        return words
    wrapper = superscript if element.tag == "sup" else subscript
    return body.keep(wrapper(words, marked=True))


def _is_small_print(element: etree._Element, words: str) -> bool:
    """Whether a script is a remark set small: words that stand on no base."""
    before = element.getprevious()
    parent = element.getparent()
    text = before.tail if before is not None else parent.text if parent is not None else ""
    alone = before is None if not text else text[-1].isspace()
    return alone and " " in words


def _prose(raw: str, body: _Body) -> list[str]:
    """Raw text as paragraphs, place holders left: a displayed formula is one of its own."""
    blocks: list[str] = []
    run: list[str] = []

    def end_of_run() -> None:
        words = _SPACES.sub(" ", "".join(run).translate(_UNSEEN)).strip(" \x03")
        run.clear()
        point = _POINT_AFTER.match(words)
        if point and blocks:
            # The full stop or comma after a displayed formula belongs to it.
            blocks[-1] += point.group()
            words = words[point.end() :].lstrip(" \x03")
        if words:
            for block in _captioned(words, body) if body.captions else [words]:
                blocks.append(_BREAK.sub(" " if body.inside_table else "\n", block))

    for piece in _pieces(raw, body):
        if isinstance(piece, str):
            if body.mathematical and "$" in piece:
                # An empty formula is a gap; `\$` is how MathJax is told that a dollar is money.
                piece = _EMPTY_FORMULA.sub(" ", piece).replace(r"\$", "$")
            run.append(with_numbers(piece, body.numbers) if "ref{" in piece else piece)
            continue
        display = piece.display and not body.inside_table
        source = with_numbers(piece.body.replace("\x03", " "), body.numbers)
        if (expansion := expanded(source, body.macros)) != source:
            # The parts of an expansion may spell what no part of it does.
            source = clean(expansion)
        if not source:
            continue
        if body.inside_table:
            # A bar would end the cell.
            source = source.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
        wrapped = latex(source, display=display, markers=body.options.latex_markers)
        if display:
            end_of_run()
            blocks.append(body.keep(wrapped))
        else:
            run.append(body.keep(wrapped))
    end_of_run()
    return blocks


def _pieces(raw: str, body: _Body) -> Iterator[str | Formula]:
    """Raw text as words and formulas, those that are marked and those that are found."""
    for number, part in enumerate(_GIVEN.split(raw)):
        if number % 2:
            yield body.formulas[int(part)]
        else:
            yield from split_formulas(part, mathematical=body.mathematical)


# Blocks


def _flow(element: etree._Element, body: _Body) -> list[str]:
    """The blocks of a container; its running text becomes paragraphs."""
    blocks: list[str] = []
    run = [element.text or ""]

    def end_of_run() -> None:
        raw = "".join(run)
        run.clear()
        if raw and not raw.isspace():
            blocks.extend(body.restore(block) for block in _prose(raw, body))

    for child in element:
        handler = _BLOCKS.get(str(child.tag)) or (_flow if child in body.holders else None)
        if child.tag in _SILENT:
            pass
        elif handler is None:
            run.append(_phrase(child, body))
        else:
            end_of_run()
            blocks.extend(handler(child, body))
        run.append(child.tail or "")
    end_of_run()
    return [block for block in blocks if block]


def _heading(element: etree._Element, body: _Body) -> list[str]:
    words = " ".join(_flow(element, body)).replace("\n", " ")
    level = min(int(str(element.tag)[1]) + body.level - 1, 6)
    return [f"{'#' * level} {words}"] if words else []


def _list(element: etree._Element, body: _Body) -> list[str]:
    start = element.get("start") or "1"
    number = int(start) if re.fullmatch("[0-9]{1,9}", start) else 1
    items: list[str] = []
    loose = False
    stray = [element.text or "", *(child.tail or "" for child in element)]
    # Text between the items, which no valid list has, is one more item.
    contents = [_flow(child, body) for child in element if child.tag not in _SILENT]
    contents.append([body.restore(block) for block in _prose(" ".join(stray), body)])
    for blocks in contents:
        if not blocks:
            continue
        bullet = f"{number}. " if element.tag == "ol" else "- "
        number += 1
        text = bullet + indented(blocks[0], len(bullet))
        for block, following in pairwise(blocks):
            # A list follows the words that announce it; other blocks are paragraphs.
            tight = _is_list(following) and not _is_list(block)
            loose = loose or not tight
            text += ("\n" if tight else "\n\n") + " " * len(bullet)
            text += indented(following, len(bullet))
        items.append(text)
    return [("\n\n" if loose else "\n").join(items)] if items else []


def _is_list(block: str) -> bool:
    return re.match(r"- |[0-9]{1,9}\. ", block) is not None


def indented(block: str, width: int) -> str:
    """A block whose lines but the first are set in by `width`; empty ones stay empty."""
    return re.sub(r"\n(?=[^\n])", "\n" + " " * width, block)


def _quotation(element: etree._Element, body: _Body) -> list[str]:
    blocks = _flow(element, body)
    lines = "\n\n".join(blocks).split("\n")
    return ["\n".join(f"> {line}" if line else ">" for line in lines)] if blocks else []


def _preformatted(element: etree._Element, body: _Body) -> list[str]:
    inside = element.find("code")
    kinds = " ".join(part.get("class") or "" for part in (element, inside) if part is not None)
    match = _CODE_CLASS.search(kinds)
    language = match.group(1).lower() if match else ""
    for newline in element.iter("br"):
        newline.tail = "\n" + (newline.tail or "")
    content = "".join(map(str, element.itertext())).replace("\r\n", "\n").replace("\r", "\n")
    lines = "\n".join(line.rstrip() for line in content.split("\n")).strip("\n")
    if not lines.strip():
        return []
    return [fenced(lines, _LANGUAGES.get(language, language))]


def _table(element: etree._Element, body: _Body) -> list[str]:
    caption = None if body.inside_table else element.find("caption")
    blocks = _flow(caption, body) if caption is not None else []
    if body.inside_table:
        # A table inside a cell has no form in Markdown: its words are kept.
        return [body.restore(block) for block in _prose(_inline(element, body), body)]
    body.inside_table = True
    text = markdown_table(element, lambda cell: _cell(cell, body))
    body.inside_table = False
    return blocks + ([text] if text else [])


def _cell(cell: etree._Element, body: _Body) -> str:
    words = _SPACES.sub(" ", " ".join(_flow(cell, body))).strip()
    return re.sub(r"(?<!\\)\|", r"\\|", words)


def _definitions(element: etree._Element, body: _Body) -> list[str]:
    entries: list[str] = []
    # A `div` may hold a term with its meanings (HTML, 4.4.9).
    items = [item for child in element for item in (child if child.tag == "div" else [child])]
    for child in items:
        if not isinstance(child.tag, str) or child.tag in _SILENT:
            continue
        words = " ".join(_flow(child, body)).replace("\n", " ")
        if child.tag == "dd" and entries and words:
            entries[-1] += f": {words}" if not entries[-1].endswith(":") else f" {words}"
        elif words:
            entries.append(f"- {words}")
    return ["\n".join(entries)] if entries else []


def _rule(_: etree._Element, body: _Body) -> list[str]:
    return [] if body.inside_table else ["---"]


_BLOCKS: Final[dict[str, Callable[[etree._Element, _Body], list[str]]]] = {
    "p": _flow, "div": _flow, "section": _flow, "article": _flow, "main": _flow, "header": _flow,
    "footer": _flow, "aside": _flow, "center": _flow, "details": _flow, "summary": _flow,
    "figure": _flow, "figcaption": _flow, "address": _flow, "body": _flow, "html": _flow,
    "h1": _heading, "h2": _heading, "h3": _heading, "h4": _heading, "h5": _heading,
    "h6": _heading, "ul": _list, "ol": _list, "li": _flow, "blockquote": _quotation,
    "pre": _preformatted, "table": _table, "dl": _definitions, "dt": _flow, "dd": _flow,
    "hr": _rule, "tr": _flow, "td": _flow, "th": _flow, "caption": _flow,
}  # fmt: skip
