r"""Lists: itemize, enumerate and description, their packages' kin, and those within a line."""

import re
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.references.numbering import styled
from corpora.latex.references.reference_names import Target
from corpora.latex.tokens import words
from corpora.latex.writer import EnvironmentHandler, Sink, Writer


def _items(writer: Writer, where: Range) -> list[tuple[Range | None, Range]]:
    """Label and content of each item of a list."""
    found: list[tuple[Range | None, Range]] = []
    label: Range | None = None
    start = -1
    for at in writer.ranges_at_level(where):
        if writer.tokens[at] in ("\\item",):
            if start >= 0:
                found.append((label, Range(start, at)))
            cursor = Cursor(writer.structure, at + 1, where.end)
            label = cursor.optional()
            start = cursor.at
    if start >= 0:
        found.append((label, Range(start, where.end)))
    return found


def indented(block: str, width: int) -> str:
    """A block moved right, for the inside of a list item."""
    pad = " " * width
    return "\n".join(pad + line if line else line for line in block.split("\n"))


_ORDERED: Final = frozenset(
    words("enumerate compactenum inparaenum asparaenum Enumerate steps enumerate*")
)
_INLINE: Final = frozenset(
    words("inparaenum inparaitem inparadesc enumerate* itemize* description*")
)
_SIGNATURES: Final = {"list": "{{", "labeling": "[{", "basedescript": "{"}
_LEVELS: Final = ("enumi", "enumii", "enumiii", "enumiv")
_STYLES: Final = ("arabic", "alph", "roman", "Alph")
_COUNTER: Final = re.compile(r"\\(arabic|alph|Alph|roman|Roman)\s*\*?(?:\s*\{[a-z]+\})?")
_SHORT: Final = {"1": "arabic", "a": "alph", "A": "Alph", "i": "roman", "I": "Roman"}


def _label_pattern(writer: Writer, options: str, level: str) -> str:
    r"""What prints the label of an item, where the paper says it; else nothing.

    `label=(\alph*)` of enumitem, `[(i)]` of enumerate, `\renewcommand{\labelenumi}{...}`.
    """
    said = re.search(r"label\*?\s*=\s*(\{(?:[^{}]|\{[^{}]*\})*\}|[^,]*)", options)
    pattern = said.group(1) if said is not None else ""
    if not pattern and options and "=" not in options:
        short = re.match(r"((?:[^{}\\1aAiI]|\{[^{}]*\})*)([1aAiI])(?![a-zA-Z])(.{0,8})$", options)
        if short is not None:
            pattern = f"{short.group(1)}\\{_SHORT[short.group(2)]}*{short.group(3)}"
    return pattern or writer.numbering.formats.get(f"label{level}", "")


def _plain(source: str) -> str:
    return " ".join(re.sub(r"\\[a-zA-Z]+\*?\s*|[{}$\\]", "", source.replace("~", " ")).split(" "))


def _list(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    option = cursor.optional()
    cursor.signature(_SIGNATURES.get(name, ""))
    items = _items(writer, Range(cursor.at, cursor.end))
    if not items:
        writer.render(cursor.at, cursor.end, sink)
        return
    ordered = name in _ORDERED or name.rstrip("*") in _ORDERED
    counters, options = writer.numbering.counters, writer.source(option)
    level = _LEVELS[min(writer.list_depth, 3)] if ordered else ""
    if ordered:
        start = re.search(r"start\s*=\s*(\d{1,4})", options)
        if start is not None or "resume" not in options:
            counters[level] = int(start.group(1)) - 1 if start is not None else 0
    before = _before_items(writer, Range(cursor.at, cursor.end))
    if before:
        sink.text(f" {before} ")
    pattern = _label_pattern(writer, options, level) if ordered else ""
    writer.list_depth += ordered
    written: list[str] = []
    inline = not sink.breaks or name in _INLINE
    loose = False
    for label, where in items:
        head = writer.inline(label)
        mark = "- "
        if ordered and label is None:
            counters[level] = counters.get(level, 0) + 1
            mark, head = _numbered(writer, pattern, level)
        if ordered:
            target = head.strip("().") if label is not None or "=" not in options else head.strip()
            printed = target or _reference(writer, level)
            writer.numbering.current = Target("item", printed)
        if inline:
            shown = head or (f"({counters.get(level, 0)})" if ordered else "")
            sink.text(f" {shown} {writer.inline(where)}")
            continue
        blocks = writer.blocks(where)
        if head and re.search(r"\w", head):
            join = " " if ordered or head[-1] in ":.)]" or not blocks else ": "
            blocks = [head + join + blocks[0] if blocks else head, *blocks[1:]]
        if not blocks:
            continue
        rest = [indented(block, len(mark)) for block in blocks[1:]]
        first = indented(blocks[0], len(mark))[len(mark) :]
        loose = loose or any(not _is_list(block) for block in rest)
        separator = "\n" if rest and all(_is_list(block) for block in rest) else "\n\n"
        written.append(separator.join([mark + first, *rest]))
    writer.list_depth -= ordered
    if written:
        sink.block(("\n\n" if loose else "\n").join(written))


def _is_list(block: str) -> bool:
    return block.lstrip().startswith(("- ", "1. "))


def _before_items(writer: Writer, where: Range) -> str:
    """What stands before the first item: settings of counters, and perhaps text."""
    for at in writer.ranges_at_level(where):
        if writer.tokens[at] == "\\item":
            return writer.inline(Range(where.start, at))
    return ""


def _numbered(writer: Writer, pattern: str, level: str) -> tuple[str, str]:
    """The mark of an item in Markdown, and the words of its label where it has its own."""
    number = writer.numbering.counters[level]
    style = _COUNTER.search(pattern)
    if style is None:
        return (f"{number}. ", "") if not pattern else ("- ", _plain(pattern))
    before, after = _plain(pattern[: style.start()]), _plain(pattern[style.end() :])
    if style.group(1) == "arabic" and not before.strip() and after.strip() in ("", "."):
        return f"{number}. ", ""
    return "- ", f"{before}{styled(style.group(1), number)}{after}"


def _reference(writer: Writer, level: str) -> str:
    """The number that a reference to an item prints: `2`, `2a`, `2(a)i`."""
    counters = writer.numbering.counters
    at = _LEVELS.index(level)
    if at > 1:
        return styled(_STYLES[at], counters.get(level, 0))
    outer = str(counters.get("enumi", 0)) if at else ""
    return outer + styled(_STYLES[at], counters.get(level, 0))


ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = dict.fromkeys(
    words("""
    itemize enumerate description compactitem compactenum list trivlist tablenotes
    inparaenum inparaitem inparadesc asparaenum asparaitem compactdesc labeling deflist
    basedescript Itemize Enumerate steps itemize* enumerate* description* asparadesc
"""),
    _list,
)
