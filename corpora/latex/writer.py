r"""The core of rendering: a walk over the tokens that sends each command to its handler.

Handlers live in `inline`, `blocks`, `tables`, `displays`, `citing`, `front_matter` and
`algorithms`; each gets the writer, the sink to write to, a cursor just after its command, and the
command's name. Text comes out as marked text with slots for citations and references.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from corpora.documents import Citation, ReadOptions, RecordUnreadable
from corpora.latex.bibliography.databases import Entry
from corpora.latex.cursor import Cursor, Range
from corpora.latex.expansion.definitions import Definitions
from corpora.latex.references.numbering import Numbering
from corpora.latex.signatures import ACCENTS, LAYOUT, MATH_ACCENTS, SYMBOLS
from corpora.latex.structure import Structure
from corpora.latex.tokens import (
    ADDRESS,
    BLANK,
    CODE_BLOCK,
    INLINE_CODE,
    PARAGRAPH,
    untokenize,
    words,
)
from corpora.latex.typesetting import accented, german, typeset, typographic
from tokenization.marked_text import clean

_FONTS: Final = frozenset(
    words(r"""
    \textbf \textit \emph \textsc \textrm \textsf \textsl \textup \textmd \textnormal
    \underline \bf \it \em \rm \sf \sc \sl \tt \small \footnotesize \scriptsize \tiny \large
    \Large \LARGE \huge \Huge \normalsize \bfseries \itshape \scshape \noindent \centering
""")
)
#: What is given to a register: `\\titlepgskip=-15pt`.
_ASSIGNED: Final = re.compile(
    r"\s*=\s*[-+]?(?:\d+\.?\d*|\.\d+)\s*(?:pt|em|ex|mm|cm|in|pc|bp|sp|mu)(?![a-z])"
)
_DEPTH_LIMIT: Final = 60
TOO_DEEP: Final = "nested too deeply"


@dataclass
class Sink:
    """Where text goes: finished blocks, and the pieces of the open paragraph.

    `breaks` false makes one run of text of everything (a caption, a cell, a footnote).
    """

    breaks: bool = True
    blocks: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def text(self, text: str) -> None:
        """Adds text to the open paragraph."""
        self.parts.append(text)

    def paragraph(self) -> None:
        """Ends the open paragraph."""
        if self.parts:
            text = typographic("".join(self.parts))
            self.parts.clear()
            if text:
                self.blocks.append(text)

    def block(self, block: str) -> None:
        """Adds a finished block (a heading, a table, a display) as a paragraph of its own."""
        if not self.breaks:
            self.parts.append(f" {block} ")
            return
        self.paragraph()
        if block:
            self.blocks.append(block)

    def joined(self) -> str:
        """Everything as one run of text."""
        self.paragraph()
        return " ".join(self.blocks)


Handler = Callable[["Writer", Sink, Cursor, str], None]
#: An environment's handler gets the cursor of the inside of the environment.
EnvironmentHandler = Callable[["Writer", Sink, Cursor, str], None]


@dataclass
class Float:
    """The float being read: what was seen in it."""

    kind: str
    image: bool = False
    captions: list[str] = field(default_factory=list)
    whole_captions: int = 0
    parts: int = 0
    number: str = ""


class Writer:
    """Renders a range of tokens to a sink. One writer renders one document."""

    def __init__(
        self,
        structure: Structure,
        definitions: Definitions,
        options: ReadOptions,
        commands: Mapping[str, Handler],
        environments: Mapping[str, EnvironmentHandler],
    ) -> None:
        self.structure = structure
        self.tokens = structure.tokens
        self.definitions = definitions
        self.options = options
        self.commands = commands
        self.environments = environments
        self.numbering = Numbering()
        self.cleaned: Counter[str] = Counter()
        self.entry_of: Callable[[str], Entry | None] = lambda _: None
        self.front: dict[str, list[Range]] = {}
        self.front_text: dict[str, str] = {}
        self.acronyms: dict[str, Any] = {}
        self.acronym_lists = 0
        self.acronyms_used: set[str] = set()
        self.citation_aliases: dict[str, str] = {}
        self.author_year = False
        self.citations: list[Citation] = []
        self.missing_citations = 0
        self.floats: list[Float] = []
        #: Footnotes met in a formula, printed after it.
        self.formula_notes: list[Range] = []
        self.list_depth = 0
        self.quotations = 0
        #: Commands that print a statement again, and variables of loops.
        self.restated: dict[str, Handler] = {}
        #: Tokens that loops have rendered, which is bounded.
        self.looped_tokens = 0
        #: Plain TeX's registers of this paper's own, `\\newcount\\n`.
        self.registers: set[str] = set()
        #: babel's shorthands of German: `"a` is ä.
        self.german = False
        self.in_abstract = False
        self.in_preamble = False
        self._depth = 0

    def render(self, start: int, end: int, sink: Sink) -> None:
        """Renders a stretch of tokens. Raises RecordUnreadable beyond the limit of nesting."""
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise RecordUnreadable(TOO_DEEP, f"over {_DEPTH_LIMIT} levels of arguments")
        cursor = Cursor(self.structure, start, end)
        tokens, commands, put = self.tokens, self.commands, sink.text
        while cursor.at < end:
            token = tokens[cursor.at]
            cursor.at += 1
            first = token[0]
            if first.isalnum():
                put(typeset(german(token) if self.german and '"' in token else token))
            elif first == BLANK or first == "~":
                put(" ")
            elif first == "\\":
                handler = commands.get(token)
                if handler is not None:
                    handler(self, sink, cursor, token)
                elif token.startswith("\\begin{"):
                    self._environment(sink, cursor, token[7:-1])
                else:
                    self._plain_command(sink, cursor, token)
            elif first == PARAGRAPH:
                sink.paragraph() if sink.breaks else put(" ")
            elif first == "$":
                commands["$"](self, sink, cursor, token)
            elif first == INLINE_CODE:
                sink.text(f"`{token[1:]}`" if "`" not in token else f"`` {token[1:]} ``")
            elif first == CODE_BLOCK:
                commands[CODE_BLOCK](self, sink, cursor, token)
            elif first == ADDRESS:
                sink.text(token[1:])
            elif first not in "{}&\x0b":
                sink.text(typeset(german(token) if self.german and '"' in token else token))
        self._depth -= 1

    def inline(self, where: Range | None) -> str:
        """A range as one run of text."""
        if where is None or where.start >= where.end:
            return ""
        sink = Sink(breaks=False)
        self.render(where.start, where.end, sink)
        return sink.joined()

    def blocks(self, where: Range) -> list[str]:
        """A range as paragraphs."""
        sink = Sink()
        self.render(where.start, where.end, sink)
        sink.paragraph()
        return sink.blocks

    def source(self, where: Range | None) -> str:
        """The source of a range, for keys, names and numbers."""
        return untokenize(self.tokens[where.start : where.end]).strip() if where else ""

    def ranges_at_level(self, where: Range) -> Iterator[int]:
        """The indices of a range's tokens outside its braces and inner environments."""
        position = where.start
        while position < where.end:
            yield position
            token = self.tokens[position]
            if token == "{":
                position = max(position, min(self.structure.braces[position], where.end))
            elif token.startswith("\\begin{"):
                position = max(position, min(self.structure.environments[position], where.end))
            position += 1

    def _environment(self, sink: Sink, cursor: Cursor, name: str) -> None:
        closing = self.structure.environments[cursor.at - 1]
        if closing >= cursor.end:
            closing = -1
        handler = self.environments.get(name)
        if handler is None and name.endswith("*"):
            handler = self.environments.get(name[:-1])
        theorems = self.definitions.theorems
        if name in theorems or (handler is None and name.rstrip("*") in theorems):
            handler = self.environments.get("*theorem")
        if handler is None or (closing < 0 and name != "thebibliography"):
            # An unknown environment is passed through, one that never ends is not opened.
            if handler is None:
                cursor.optional()
            elif name in ("equation", "align", "eqnarray", "equation*", "align*", "gather"):
                end = min(cursor.end, self.structure.paragraph_end(cursor.at))
                handler(self, sink, Cursor(self.structure, cursor.at, end), name)
                cursor.at = end
            return
        end = closing if closing >= 0 else cursor.end
        self._depth += 1
        if self._depth > _DEPTH_LIMIT:
            raise RecordUnreadable(TOO_DEEP, f"over {_DEPTH_LIMIT} levels of environments")
        outer = self.numbering.current
        handler(self, sink, Cursor(self.structure, cursor.at, end), name)
        # An environment is a group of TeX's: a label after it names what is around it.
        self.numbering.current = outer
        self._depth -= 1
        cursor.at = end + 1

    def _plain_command(self, sink: Sink, cursor: Cursor, token: str) -> None:
        """A command with no handler: an accent, a symbol, layout, or an unknown one."""
        restated = self.restated.get(token)
        if restated is not None:
            restated(self, sink, cursor, token)
            return
        accent = ACCENTS.get(token) or MATH_ACCENTS.get(token)
        if accent is not None:
            sink.text(accented(self.inline(cursor.argument()), accent))
            return
        symbol = SYMBOLS.get(token)
        layout = LAYOUT.get(token)
        if layout is not None:
            signature, kept = layout
            taken = cursor.signature(signature)
            if kept == 9:
                for where in taken:
                    if where is not None:
                        self.render(where.start, where.end, sink)
            elif kept >= 0:
                where = taken[kept]
                if where is not None:
                    self.render(where.start, where.end, sink)
        elif symbol is not None:
            sink.text(symbol)
            if symbol and token[1:].isalpha() and cursor.peek() == "{":
                # The empty group of `\LaTeX{}` holds nothing; anything else is text.
                return
        elif token not in _FONTS and cursor.peek() == "{" and self._is_formula(cursor):
            # The one meaning of `\\unknown{a_i \\in B}` that TeX allows.
            where = cursor.argument()
            self.commands["*formula"](self, sink, Cursor(self.structure, *where), token)
        elif cursor.peek()[0] == "=" and _ASSIGNED.match("".join(cursor.ahead(4))):
            # A length that a class or a style has declared.
            self.commands["\\vskip"](self, sink, cursor, token)
        elif token in self.registers:
            self.commands["\\count"](self, sink, cursor, token)
        elif token[1:].isalpha() and cursor.peek() == "[" and not sink.breaks:
            cursor.optional()

    def _is_formula(self, cursor: Cursor) -> bool:
        """Whether the group that comes next holds scripts and signs of mathematics, no dollar."""
        closing = self.structure.braces[cursor.at]
        if not cursor.at < closing < cursor.at + 400:
            return False
        inside = self.tokens[cursor.at : closing]
        if "$" in inside or "\\(" in inside or not ("_" in inside or "^" in inside):
            return False
        return any(
            t[0] == "\\"
            and (
                t.startswith("\\math")
                or unicodedata.category(SYMBOLS.get(t, " ")[:1] or " ") == "Sm"
            )
            for t in inside
        )

    def latin(self, code: int) -> str:
        r"""The cleaned character of a code given in digits (`\char`, `\symbol`)."""
        if not 32 <= code < 0x110000:
            return ""
        return clean(chr(code), self.cleaned)
