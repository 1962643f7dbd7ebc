r"""Algorithms of the packages algorithmic, algpseudocode and algorithm2e, as nested lists."""

import re
from typing import Final

from corpora.documents import RecordUnreadable
from corpora.latex.cursor import Cursor, Range
from corpora.latex.lists import indented
from corpora.latex.references.reference_names import Target
from corpora.latex.tokens import BLANK, PARAGRAPH, untokenize, words
from corpora.latex.writer import TOO_DEEP, EnvironmentHandler, Handler, Sink, Writer

# Command in lower case -> words before its argument, words after it, and what it does to the depth
# of the lines that follow (and, where negative, of its own).
_OPENING: Final = {
    "if": ("if", "then"), "for": ("for", "do"), "forall": ("for all",
    "do"), "foreach": ("for each", "do"),
    "while": ("while", "do"), "loop": ("loop", ""), "repeat": ("repeat", ""),
    "function": ("function", ""), "procedure": ("procedure", ""), "parfor": ("parallel for", "do"),
}  # fmt: skip
_MIDDLE: Final = {"else": ("else", ""), "elsif": ("else if", "then"), "elseif": ("else if", "then")}
_DEPTH_LIMIT: Final = 40
_CLOSING: Final = frozenset(
    words("""
    endif endfor endwhile endloop endfunction endprocedure endforall endforeach
    endparfor
""")
)
_LINES: Final = {
    "state": "", "statex": "", "require": "Require: ", "ensure": "Ensure: ", "return": "return ",
    "print": "print ", "input": "Input: ", "output": "Output: ", "globals": "Globals: ",
}  # fmt: skip
_ARGUMENT_LINES: Final = {
    "kwin": "Input: ", "kwout": "Output: ", "kwdata": "Data: ", "kwresult": "Result: ",
    "kwret": "return ", "kwinput": "Input: ", "kwoutput": "Output: ", "return": "return ",
    "inparam": "Input: ", "outparam": "Output: ", "kwinit": "Initialize: ",
}  # fmt: skip
_COMMENTS: Final = frozenset(["comment", "tcp", "tcc", "tcp*", "tcc*", "lcomment"])


class _Listing:
    """Lines with their depth; the open line is a sink's paragraph."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.lines: list[tuple[int, str]] = []
        self.sink = Sink(breaks=False)
        self.depth = 0

    def line(self) -> None:
        self.sink.paragraph()
        text = " ".join(self.sink.blocks)
        self.sink.blocks.clear()
        if text.strip(" ;"):
            self.lines.append((min(self.depth, 12), text))
            number = str(len(self.lines))
            self.writer.numbering.current = Target("line", number)


def _render(listing: _Listing, where: Range) -> None:
    if listing.depth > _DEPTH_LIMIT:
        raise RecordUnreadable(TOO_DEEP, f"over {_DEPTH_LIMIT} levels in an algorithm")
    writer, cursor = listing.writer, Cursor(listing.writer.structure, where.start, where.end)
    run = cursor.at
    while cursor.at < cursor.end:
        token = writer.tokens[cursor.at]
        name = token[1:].lower() if token[0] == "\\" and token[1:].isalpha() else ""
        if token in ("\\;", "\\\\", PARAGRAPH, "\\BlankLine") or (name and _is_algorithmic(name)):
            writer.render(run, cursor.at, listing.sink)
            cursor.at += 1
            if name:
                _command(listing, cursor, token, name)
            else:
                listing.line()
            run = cursor.at
        elif token == "{":
            cursor.at += 1
        elif token.startswith("\\begin{"):
            end = writer.structure.environments[cursor.at]
            cursor.at = end + 1 if cursor.at < end < cursor.end else cursor.at + 1
        elif token in ("$", "\\("):
            cursor.at = max(cursor.at, writer.structure.formulas.get(cursor.at, -1)) + 1
        else:
            cursor.at += 1
    writer.render(run, cursor.end, listing.sink)


def _is_algorithmic(name: str) -> bool:
    return (
        name in _OPENING
        or name in _MIDDLE
        or name in _CLOSING
        or name in _LINES
        or name in _ARGUMENT_LINES
        or name in _COMMENTS
        or name
        in words("""
    uif eif lif lelse uelse until elif elseif uelseif lfor item
""")
        or name in ("lforeach", "lwhile", "algorithmiccomment")
    )


def _command(listing: _Listing, cursor: Cursor, token: str, name: str) -> None:
    writer, sink = listing.writer, listing.sink
    star = cursor.star()
    if name in _COMMENTS or name == "algorithmiccomment":
        if cursor.peek().startswith("("):
            cursor.at += 1
        text = writer.inline(cursor.argument())
        open_line = "".join(sink.parts).strip()
        if open_line or not listing.lines:
            sink.text(f" // {text} ")
        else:
            depth, line = listing.lines[-1]
            listing.lines[-1] = (depth, f"{line} // {text}")
        return
    listing.line()
    if name == "lcomment" or (star and name in _COMMENTS):
        return
    if name in _LINES and not (name in _ARGUMENT_LINES and cursor.peek() == "{"):
        cursor.optional()
        sink.text(_own_word(writer, name) or _LINES[name])
        return
    if name == "item":
        sink.text(f"{writer.inline(cursor.optional())} ")
        return
    if name in _ARGUMENT_LINES:
        sink.text(_ARGUMENT_LINES[name] + writer.inline(cursor.argument()))
        listing.line()
        return
    if name in _CLOSING:
        listing.depth = max(listing.depth - 1, 0)
        return
    if name == "until":
        listing.depth = max(listing.depth - 1, 0)
        sink.text("until " + writer.inline(cursor.argument()))
        listing.line()
        return
    _statement(listing, cursor, name)


def _own_word(writer: Writer, name: str) -> str:
    r"""What a paper prints for `\Require`: `\renewcommand{\algorithmicrequire}{Input:}`."""
    macro = writer.definitions.macros.get(f"\\algorithmic{name}")
    if macro is None:
        return ""
    text = re.sub(r"\\[a-zA-Z]+\s*|[{}$]", "", untokenize(macro.body)).strip()
    return f"{text} " if text else ""


def _statement(listing: _Listing, cursor: Cursor, name: str) -> None:
    """An `if`, `for`, ...: with its block in braces (algorithm2e) or up to its `\\End...`."""
    writer, sink = listing.writer, listing.sink
    base = (
        name
        if name in _OPENING or name in _MIDDLE
        else name.lstrip("ul")
        if name != "eif"
        else "if"
    )
    middle = base in _MIDDLE
    before, after = _MIDDLE[base] if middle else _OPENING.get(base, (base, ""))
    cursor.optional()
    condition = ""
    if base not in ("else", "loop", "repeat"):
        condition = writer.inline(cursor.argument())
        if base in ("function", "procedure") and cursor.peek() == "{":
            condition += f"({writer.inline(cursor.argument())})"
    saved = cursor.at
    cursor.blanks()
    block = cursor.group() if cursor.peek() == "{" else None
    if block is None:
        cursor.at = saved
    if base == "repeat" and block is not None and cursor.peek() == "{":
        condition, block = writer.inline(block), cursor.group()
        after = ""
        before = "repeat until"
    if middle and block is None:
        listing.depth = max(listing.depth - 1, 0)
    sink.text(" ".join(part for part in (before, condition, after) if part))
    listing.line()
    listing.depth += 1
    if block is None:
        return
    _render(listing, block)
    listing.line()
    listing.depth -= 1
    if name == "eif":
        other = cursor.group()
        if other is not None:
            sink.text("else")
            listing.line()
            listing.depth += 1
            _render(listing, other)
            listing.line()
            listing.depth -= 1


def _put(writer: Writer, sink: Sink, where: Range) -> None:
    listing = _Listing(writer)
    outer = writer.numbering.current
    _render(listing, where)
    listing.line()
    writer.numbering.current = outer
    if not listing.lines:
        return
    sink.block("\n".join(indented(f"- {text}", 2 * depth) for depth, text in listing.lines))


def _algorithmic(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.optional()
    _put(writer, sink, Range(cursor.at, cursor.end))


def _algorithm(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    """The float: of algorithm2e its body is the listing; else an environment inside is."""
    inside = writer.tokens[cursor.at : cursor.end]
    listed = any(t.startswith(("\\begin{algorithmic", "\\begin{algpseudo")) for t in inside)
    code = not any(t[0] == "\x02" for t in inside)
    if (
        listed
        or not code
        or ("\\;" not in inside and not any(t.startswith("\\Kw") for t in inside))
    ):
        writer.environments["*float"](writer, sink, cursor, "algorithm")
        return
    cursor.optional()
    captions: list[str] = []
    for at in writer.ranges_at_level(Range(cursor.at, cursor.end)):
        token = writer.tokens[at]
        if token not in ("\\caption", "\\label"):
            continue
        here = Cursor(writer.structure, at + 1, cursor.end)
        here.optional()
        if token == "\\label":
            writer.numbering.label(writer.source(here.argument()))
        else:
            number = writer.numbering.step("algorithm", "algorithm")
            captions.append(f"Algorithm {number}: {writer.inline(here.argument())}")
        for index in range(at, here.at):
            writer.tokens[index] = BLANK
    for caption in captions:
        sink.block(caption)
    _put(writer, sink, Range(cursor.at, cursor.end))


def _comment_in_text(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.star()
    sink.text(f" // {writer.inline(cursor.argument())} ")


def _call(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    sink.text(writer.inline(cursor.argument()))
    sink.text(f"({writer.inline(cursor.argument())})")


COMMANDS: Final[dict[str, Handler]] = {
    "\\Call": _call,
    "\\tcp": _comment_in_text,
    "\\tcc": _comment_in_text,
}
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    **dict.fromkeys(("algorithmic", "algpseudocode", "algorithmicx"), _algorithmic),
    **dict.fromkeys(
        ("algorithm", "algorithm*", "algorithm2e", "procedure", "function"), _algorithm
    ),
}
