"""Templates, links and references, innermost first, in one pass over a page.

The page is cut at its brackets once; a stack holds the constructs that are open. Each is reduced to
text when it closes, as MediaWiki's preprocessor does
(https://www.mediawiki.org/wiki/Preprocessor_ABNF), but what never closes costs only its own
brackets: its words stay.
"""

import re
from typing import Final

from corpora.mediawiki.arguments import EQUALS
from corpora.mediawiki.cited import read_reference, repeated_reference
from corpora.mediawiki.links import internal_link, is_picture
from corpora.mediawiki.raw_tags import attributes
from corpora.mediawiki.state import PageState
from corpora.mediawiki.template_table import expand_template

_TOKEN: Final = re.compile(
    r"\{{2,}|\}{2,}|\[\[|\]\]|\||\n(?:\s*\n|(?==))|"
    r"<(?:ref(?=[\s>/])[^<>]*|/ref\s{0,9}|references(?=[\s>/])[^<>]*|"
    r"/references\s{0,9})>",
    re.IGNORECASE,
)
#: MediaWiki gives up at 40 levels of templates that call templates (`$wgMaxTemplateDepth` is 100).
_DEEPEST: Final = 40
#: Pieces of a line that are looked at for words.
_MOST_LOOKED_BACK: Final = 20
_TEMPLATE, _PARAMETER, _LINK, _REFERENCE, _LIST = "{{", "{{{", "[[", "<ref>", "<references>"
#: What of a template that was never closed is surely arguments: a short first line with bars, and
#: lines that begin with a bar.
_ARGUMENTS: Final = re.compile(r"[^\n|]{0,80}(?:\|[^\n|]{0,80}){0,5}\n(?:[ \t]*\|[^\n]*\n)+")


class _Open:
    """A construct that is open: its parts between bars, each a list of pieces."""

    __slots__ = ("kind", "parts", "pieces", "tag")

    def __init__(self, kind: str, tag: str = "") -> None:
        self.kind = kind
        self.tag = tag
        self.pieces: list[str] = []
        self.parts: list[list[str]] = [self.pieces]


def expanded(text: str, state: PageState) -> str:
    """The text with every template, internal link and `<ref>` reduced."""
    reader = _Reader(state, _closed_references(text))
    at = 0
    for token in _TOKEN.finditer(text):
        start = token.start()
        if start > at:
            reader.say(text[at:start])
        at = token.end()
        reader.take(token.group(), start)
    reader.say(text[at:])
    return reader.finish()


def _closed_references(text: str) -> set[int]:
    """Where a `<ref>` begins that its own `</ref>` closes, before another begins."""
    closed: set[int] = set()
    last = -1
    for tag in re.finditer(r"<(/?)ref(?=[\s>/])[^<>]*>", text, re.IGNORECASE):
        if tag.group(1):
            if last >= 0:
                closed.add(last)
            last = -1
        elif not tag.group().endswith("/>"):
            last = tag.start()
    return closed


class _Reader:
    """The stack, and what each token does to it."""

    def __init__(self, state: PageState, closed: set[int]) -> None:
        self.state = state
        self.closed = closed
        self.stack: list[_Open] = [_Open("")]
        self.pieces = self.stack[0].pieces
        self.at_start = False

    def say(self, words: str) -> None:
        """Words between tokens."""
        if self.at_start:
            # A blank after a template that vanished begins no line of code.
            self.at_start = False
            words = words.lstrip(" ")
        self.pieces.append(words)

    def take(self, token: str, start: int) -> None:
        self.at_start = False
        first = token[0]
        if first == "|":
            top = self.stack[-1]
            if top.kind in (_TEMPLATE, _PARAMETER, _LINK):
                top.pieces = self.pieces = []
                top.parts.append(top.pieces)
            else:
                self.pieces.append("|")
        elif first == "{":
            self._open_braces(token)
        elif first == "}":
            self._close_braces(len(token))
        elif first == "[":
            self._push(_LINK)
        elif first == "]":
            self._close_link()
        elif first == "\n":
            self._end_of_paragraph(token)
        else:
            self._tag(token, start)

    def finish(self) -> str:
        while len(self.stack) > 1:
            self._give_up()
        return "".join(self.stack[0].pieces).replace(EQUALS, "=")

    def _emit(self, words: str) -> None:
        """What a construct was reduced to; its equals signs name no argument of what holds it."""
        inside = self.stack[-1].kind == _TEMPLATE
        self.pieces.append(words.replace("=", EQUALS) if inside else words)

    def _push(self, kind: str, tag: str = "") -> None:
        if len(self.stack) > _DEEPEST:
            # Deeper than any page: only the brackets are left out.
            return
        self.stack.append(_Open(kind, tag))
        self.pieces = self.stack[-1].pieces

    def _pop(self) -> _Open:
        top = self.stack.pop()
        self.pieces = self.stack[-1].pieces
        return top

    def _give_up(self) -> None:
        """The top was never closed: its words go to what holds it."""
        top = self._pop()
        words = "|".join("".join(part) for part in top.parts)
        if top.kind in (_TEMPLATE, _PARAMETER):
            self.state.counts["templates never closed"] += 1
            arguments = _ARGUMENTS.match(words)
            words = words[arguments.end() :] if arguments else words
        elif top.kind == _LINK:
            words = "".join(top.parts[-1]) if len(top.parts) > 1 else words
        self.pieces.append(words)

    def _open_braces(self, token: str) -> None:
        count = len(token)
        if count == 3 or count % 2:
            # `{{{` is a parameter, and the outermost pair of `{{{{{` a template.
            for _ in range((count - 3) // 2):
                self._push(_TEMPLATE)
            self._push(_PARAMETER)
        else:
            for _ in range(count // 2):
                self._push(_TEMPLATE)

    def _close_braces(self, count: int) -> None:
        while count >= 2:
            at = self._nearest(_TEMPLATE, _PARAMETER)
            if at is None:
                return
            while len(self.stack) - 1 > at:
                self._give_up()
            kind = self.stack[at].kind
            if kind == _PARAMETER and count >= 3:
                count -= 3
                top = self._pop()
                if len(top.parts) > 1:
                    self.pieces.append("".join(top.parts[1]))
                continue
            count -= 2
            top = self._pop()
            if kind == _PARAMETER:
                self.pieces.append("{")
            arguments = ["".join(part) for part in top.parts]
            between = self._after_words()
            words = expand_template(arguments, self.state, between_words=between)
            self.at_start = not words and not between
            self._emit(words)
        if count:
            self.pieces.append("}")

    def _after_words(self) -> bool:
        """Whether what comes next stands after words, or in a cell, of the same line."""
        for piece in self.pieces[: -_MOST_LOOKED_BACK - 1 : -1]:
            _, line_end, words = piece.rpartition("\n")
            if words.strip(" \t*#:;"):
                return True
            if line_end:
                return False
        return len(self.pieces) > _MOST_LOOKED_BACK

    def _nearest(self, *kinds: str) -> int | None:
        """Where the construct stands that a closing bracket closes; a reference bounds it."""
        for at in range(len(self.stack) - 1, 0, -1):
            if self.stack[at].kind in kinds:
                return at
            if self.stack[at].kind in (_REFERENCE, _LIST):
                return None
        return None

    def _close_link(self) -> None:
        top = self.stack[-1]
        if top.kind == _LINK:
            self._pop()
            parts = ["".join(part) for part in top.parts]
            self._emit(internal_link(parts, self.state))
        else:
            self.pieces.append("]]")

    def _end_of_paragraph(self, token: str) -> None:
        """No link goes on after an empty line or before a heading, but for a picture's caption."""
        while (top := self.stack[-1]).kind == _LINK:
            if token.endswith("\n") and len(top.parts) > 1 and is_picture("".join(top.parts[0])):
                break
            self._give_up()
        self.pieces.append(token)

    def _tag(self, token: str, start: int) -> None:
        lower = token.lower()
        if lower.startswith("<references"):
            if not token.endswith("/>"):
                self._push(_LIST)
        elif lower.startswith("</references"):
            self._close_tag(_LIST)
        elif lower.startswith("</ref"):
            self._close_tag(_REFERENCE)
        elif token.endswith("/>"):
            self.pieces.append(repeated_reference(attributes(token[4:-2]), self.state))
        elif start in self.closed:
            self._push(_REFERENCE, token[4:-1])

    def _close_tag(self, kind: str) -> None:
        found = next(
            (n for n in range(len(self.stack) - 1, 0, -1) if self.stack[n].kind == kind), 0
        )
        if not found:
            return
        while len(self.stack) - 1 > found:
            if self.stack[-1].kind == _TEMPLATE:
                # `<ref>{{cite web|title=A}</ref>`: the brace is missing, not the work.
                top = self._pop()
                arguments = ["".join(part) for part in top.parts]
                arguments[-1] = arguments[-1].rstrip("} \n")
                self._emit(expand_template(arguments, self.state))
            else:
                self._give_up()
        top = self._pop()
        if kind == _REFERENCE:
            content = "".join(top.pieces)
            self.pieces.append(read_reference(attributes(top.tag), content, self.state))
