"""Lines to blocks: headings, paragraphs, lists, tables, figures, quotations as Markdown.

A page is read line by line, as MediaWiki's block pass does. Only a table or a heading looks at more
than the line at hand, so that nothing that is left open reaches over its section.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from corpora.fences import fenced
from corpora.mediawiki.block_tags import QUOTE_END, QUOTE_START, without_block_tags
from corpora.mediawiki.inline import line, without_marks
from corpora.mediawiki.lists import markdown_list
from corpora.mediawiki.raw_tags import cell_formula
from corpora.mediawiki.state import FIGURE_END, FIGURE_START, PageState
from corpora.mediawiki.tables import Table, content, markdown, read_table
from tokenization.wrappers import image, latex

_FIGURE: Final = re.compile(f"{FIGURE_START}([=-])([^{FIGURE_END}]*){FIGURE_END}")
_FIGURE_MARK: Final = re.compile(f"{FIGURE_START}(\\d+){FIGURE_END}")
_DISPLAY: Final = re.compile(
    r"\x01(\d+)\x02\s*([.,;:]?)\s*(?:[.\s…·]*\(\s*(?:Eq\. ?)?[\w.*′'-]{1,10}\s*\))?"
    r"\s*([.,;:]?)"
)
#: The number of a formula that is displayed, alone after it.
_NUMBERED: Final = re.compile(r"[.\s…·]*\(\s*(?:Eq\. ?)?[\w.*′'-]{1,10}\s*\)")
_LONGEST_NUMBER: Final = 60
_HELD: Final = re.compile("\x01(\\d+)\x02")
_LIST: Final = re.compile(r"[*#:;]+")
_STRAY: Final = re.compile(r"\s*(?:\|[}+-]|\}\}|!|\|).*")
_RULE: Final = re.compile(r"-{4,}")
_LONGEST_CODE_LINE: Final = 110
_DEEPEST_QUOTE: Final = 3
#: Tables inside the cells of tables that only place them.
_DEEPEST_TABLE: Final = 3
#: How often all lines may be read again, as what follows a table that is left open is: were there
#: no limit, a page of such tables would take quadratic time.
_MOST_READINGS: Final = 30
_INNER_TABLE_LINE: Final = re.compile(
    rf"(?P<figures>(?:\s*{_FIGURE_MARK.pattern})*)\s*"
    r"(?:(?P<bracket>\{\||\|\}|\|-)|\|\+|\||!)"
)


@dataclass(slots=True)
class Section:
    """A heading, its level (0 before the first), and the blocks under it."""

    level: int
    title: str
    blocks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Gathered:
    """Lines that wait for the end of their paragraph or list, and the figures among them."""

    kind: str = ""
    lines: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


def sections(text: str, state: PageState) -> list[Section]:
    """The page's sections in order; figures beside the text stand next to their paragraphs."""
    figures: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        if match.group(1) == "-":
            # A picture without frame or caption is a figure only on a line of its own.
            figures.append("")
            return f"{FIGURE_START}{len(figures) - 1}{FIGURE_END}"
        figures.append(match.group(2) or " ")
        return f"{FIGURE_START}{len(figures) - 1}{FIGURE_END}"

    text = _FIGURE.sub(numbered, text).replace("\r", "")
    lines = without_block_tags(text).split("\n")
    return _Blocks(state, figures).read(lines)


class _Blocks:
    """The pass over the lines of a page."""

    def __init__(self, state: PageState, figures: list[str], depth: int = 0) -> None:
        self.state = state
        self.figures = figures
        self.depth = depth
        self.sections = [Section(0, "")]
        self.quotes = 0
        self.gathered = _Gathered()

    def read(self, lines: list[str]) -> list[Section]:
        at = 0
        spare = _MOST_READINGS * len(lines)
        while at < len(lines):
            words = lines[at]
            at += 1
            first = words[:1]
            if first == FIGURE_START or FIGURE_START in words:
                indented = first in (":", "*", "#")
                words = self._take_figures(words)
                # A blank after a picture begins no line of code.
                words = words.lstrip(" ") if first == FIGURE_START else words
                first = words[:1]
                if not words.strip():
                    if indented:
                        self._end()
                    continue
            if not words or words.isspace():
                self._end()
            elif first == "=" and (heading := _heading(words)):
                self._end()
                self.quotes = 0
                level, title = heading
                self.sections.append(Section(max(1, level - 1), line(title, breaks=" ")))
            elif words.lstrip(" \t:*#").startswith("{|"):
                self._end()
                table, at, given_back = read_table(lines, at - 1, spare)
                spare -= given_back
                self._table(table)
            elif first in "*#:;" and first:
                self._gather("list", words)
            elif first in (QUOTE_START, QUOTE_END):
                self._end()
                self.quotes += 1 if first == QUOTE_START else -1
                self.quotes = min(max(self.quotes, 0), _DEEPEST_QUOTE)
            elif first == " " and self.gathered.kind != "paragraph" and words.strip():
                self._gather("code", words[1:])
            elif first == "-" and _RULE.match(words):
                self._end()
                if rest := words.lstrip("-").strip():
                    self._gather("paragraph", rest)
            elif first in "|!}" and _STRAY.match(words) and not self.gathered.lines:
                self._end()
            else:
                self._gather("paragraph", words)
        self._end()
        return self.sections

    def _gather(self, kind: str, words: str) -> None:
        if self.gathered.kind not in ("", kind):
            self._end()
        self.gathered.kind = kind
        self.gathered.lines.append(words)

    def _take_figures(self, words: str) -> str:
        """A line without its figures, which go before or after its paragraph."""
        alone = _FIGURE_MARK.fullmatch(words.strip(" \t:*#;")) is not None
        starts, at = not self.gathered.lines, 0
        for mark in _FIGURE_MARK.finditer(words):
            caption = self.figures[int(mark.group(1))]
            starts = starts and not words[at : mark.start()].strip()
            at = mark.end()
            if not caption and not alone:
                continue
            place = self.gathered.before if starts else self.gathered.after
            place.append(image())
            if shown := line(" ".join(caption.split())):
                place.append(shown)
        return "" if alone else _FIGURE_MARK.sub("", words)

    def _end(self) -> None:
        """The paragraph, list or code that was gathered becomes a block."""
        gathered = self.gathered
        if not gathered.kind and not gathered.before and not gathered.after:
            return
        self.gathered = _Gathered()
        for figure in gathered.before:
            self._put(figure)
        match gathered.kind:
            case "paragraph":
                self._paragraph("\n".join(gathered.lines))
            case "list":
                self._list(gathered.lines)
            case "code":
                self._code(gathered.lines)
        for figure in gathered.after:
            self._put(figure)

    def _put(self, block: str) -> None:
        if not block:
            return
        if self.quotes:
            sign = "> " * self.quotes
            block = sign + block.replace("\n", "\n" + sign)
        self.sections[-1].blocks.append(block)

    def _paragraph(self, words: str) -> None:
        """A paragraph; code and displayed formulas inside it are blocks of their own."""
        at = 0
        for held in _HELD.finditer(words):
            number = int(held.group(1))
            if number in self.state.fences or number in self.state.displayed:
                self._plain_paragraph(words[at : held.start()])
                at = held.end()
                if number in self.state.fences:
                    self._put(held.group())
                else:
                    point = re.match(r"[ ]?([.,;:])(?=\s|$)", words[at:])
                    at += point.end() if point else 0
                    alone = len(words) - at < _LONGEST_NUMBER and words[at:].strip()
                    if alone and _NUMBERED.fullmatch(line(words[at:])):
                        at = len(words)
                    self._display(number, point.group(1) if point else "")
        self._plain_paragraph(words[at:])

    def _plain_paragraph(self, words: str) -> None:
        shown = line(words)
        display = _DISPLAY.fullmatch(shown)
        if display and int(display.group(1)) in self.state.formulas:
            self._display(int(display.group(1)), display.group(2) or display.group(3))
        else:
            self._put(shown)

    def _display(self, number: int, point: str) -> None:
        body = self.state.formulas[number]
        shown = latex(body, display=True, markers=self.state.options.latex_markers, marked=True)
        self._put(self.state.hold(shown) + point)

    def _list(self, lines: list[str]) -> None:
        """Lists; lines that are only indented are paragraphs, most often formulas."""
        run: list[tuple[str, str]] = []
        for words in lines:
            signs = _LIST.match(words)
            prefix = signs.group() if signs else ""
            content = words[len(prefix) :].strip()
            if not run and set(prefix) == {":"}:
                self._paragraph(content)
                continue
            if (
                run
                and prefix.startswith(":")
                and ";" not in run[-1][0][:1]
                and ":" not in run[-1][0][:1]
            ):
                self._put_list(run)
                run = []
                if set(prefix) == {":"}:
                    self._paragraph(content)
                    continue
            run.append((prefix, content))
        self._put_list(run)

    def _put_list(self, run: list[tuple[str, str]]) -> None:
        if run:
            self._put(markdown_list(run))

    def _code(self, lines: list[str]) -> None:
        """Lines that begin with a blank, unless they are prose that slipped."""
        together = "".join(lines)
        prose = any(len(words) > _LONGEST_CODE_LINE for words in lines)
        if prose or "\x01" in together or "\x03" in together:
            for words in lines:
                self._paragraph(words)
            return
        shown = [line(words, spaces=True).rstrip() for words in lines]
        if any(words.strip() for words in shown):
            self._put(self.state.hold(fenced("\n".join(shown))))

    def _table(self, table: Table) -> None:
        loose = [self._take_figures(words) for words in _flat(table.loose)]
        table.caption = [self._take_figures(words) for words in table.caption]
        self._end()
        if words := "\n".join(words for words in loose if words.strip()):
            self._paragraph(words)
        if table.box:
            return
        caption = line(" ".join(table.caption), breaks=" ")
        if self._is_layout(table):
            if caption:
                self._put(caption)
            for row in table.rows:
                for cell in row:
                    # The cells of a page's layout hold its paragraphs, and tables of their own.
                    inside = _Blocks(self.state, self.figures, self.depth + 1)
                    inside.quotes = _DEEPEST_QUOTE
                    for section in inside.read_cell(cell.lines):
                        self.sections[-1].blocks.extend(section.blocks)
            return
        shown = markdown(table, self._cell)
        if shown and caption:
            self._put(caption)
        self._put(shown)

    def read_cell(self, lines: list[str]) -> list[Section]:
        """The blocks of a cell."""
        self.quotes = 0
        return self.read(lines if self.depth < _DEEPEST_TABLE else _flat(lines))

    def _is_layout(self, table: Table) -> bool:
        """Whether a table only places lists or paragraphs beside each other."""
        cells = [cell for row in table.rows for cell in row]
        if not cells or any(cell.header for cell in cells) or len(cells) > 12:
            return False
        return any(
            sum(words[:1] in ("*", "#", ":") and words[:1] != "" for words in cell.lines) >= 2
            or any(not words.strip() for words in cell.lines[1:-1])
            or sum(words.startswith("|-") for words in cell.lines) >= 2
            for cell in cells
        )

    def _cell(self, words: str) -> str:
        """The text of a cell, on one line."""
        if "{|" in words:
            words = "\n".join(_flat(words.split("\n")))
        words = _FIGURE_MARK.sub(self._cell_figure, words)
        words = re.sub(r"(?m)^[*#:;]+\s*", "", words)
        words = re.sub(r"[\x0e\x0f]", " ", words)
        words = line(words, breaks=" ").replace("|", r"\|")
        return _HELD.sub(self._cell_held, words)

    def _cell_figure(self, mark: re.Match[str]) -> str:
        caption = self.figures[int(mark.group(1))].strip()
        return f" {image()} {caption} " if caption else " "

    def _cell_held(self, held: re.Match[str]) -> str:
        number = int(held.group(1))
        body = self.state.formulas.get(number)
        if body is not None:
            return self.state.hold(cell_formula(body, self.state))
        words = self.state.held[number]
        if number in self.state.fences:
            words = f"`{' '.join(words.strip('`').split())}`"
        return self.state.hold(words.replace("|", r"\|"))


def _flat(lines: list[str]) -> list[str]:
    """Lines whose tables are taken apart: a line for each cell, without brackets and attributes."""
    flat: list[str] = []
    for words in lines:
        mark = _INNER_TABLE_LINE.match(words)
        if mark is None:
            flat.append(words)
            continue
        if mark["figures"]:
            flat.append(mark["figures"])
        if not mark["bracket"]:
            cells = re.split(r"\|\||!!", words[mark.end() :])
            flat.extend(content(cell)[1] for cell in cells)
    return flat


def _heading(words: str) -> tuple[int, str] | None:
    """The level and the words of a heading, `== Uses ==`; None where a line is none."""
    words = without_marks(words).strip()
    if not words.endswith("="):
        return None
    inside = words.strip("=")
    level = min(len(words) - len(words.lstrip("=")), len(words) - len(words.rstrip("=")), 6)
    return (level, words[level:-level].strip()) if inside.strip() else None
