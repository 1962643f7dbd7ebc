r"""Titles of printed references that no command names, by what stands before and after them.

    O. Catoni, \emph{Challenging the mean}, Ann. Stat. \textbf{48} (2012), 1148--1185.
    Bender, M. L. Oxygen Exchange. \textit{J. Am. Chem. Soc.} \textbf{1951}, \textit{73}, 1626.
    Bryan, G. H., 2012: Effects of surface exchange. \textit{Mon. Wea. Rev.}, \textbf{140}, 1125.
    E. F. Toro, M. Spruce, Restoration of the contact surface, Shock Waves 4 (1) (1994) 25--34.
    D. Knuth. \newblock Fast patterns. \newblock {\em SIAM J. Comput.}, 6:323--350, 1977.
    Smith, J., Jones, K.: On the heat of rain. In: Proc. RAIN (2003)

Untitled styles (APS, AASTeX) print journals in the same places, and titles of books only. So words
are a title where authors were recognized before them and they are unlike a journal. When in doubt
the work has no title: an invented one would be learnt.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from corpora.latex.bibliography.databases import clean_title
from corpora.latex.bibliography.journal_names import looks_like_journal
from corpora.latex.bibliography.printed_names import Names, read_names
from corpora.latex.bibliography.printed_text import (
    BLOCK,
    BOLD,
    HREF,
    LINK,
    MEDIUM,
    SLANT,
    TIE,
    UPRIGHT,
    strip,
)
from corpora.latex.bibliography.title_endings import KIND, TITLE_JOURNAL, tidy
from corpora.latex.front.title_lines import DATE, is_volume, title_of_line


class Printed(NamedTuple):
    """A title, or None; the names before it; the text that holds the names."""

    title: str | None
    names: Names
    head: str


def printed_title(text: str, year: str | None) -> Printed:
    """The title and the names of a marked text of one reference."""
    blocks = [block.strip() for block in text.split(BLOCK)]
    blocks = [block for block in blocks if block.strip(" .,;:")]
    if not blocks:
        return Printed(None, Names(0, (), False), "")
    if blocks[0].startswith(BOLD):
        # Names in bold.
        blocks[0] = blocks[0].replace(BOLD, "", 1).replace(MEDIUM, "", 1)
    head = blocks[0]
    quoted = _quoted(blocks)
    names = read_names(head)
    if quoted is not None:
        title, before = quoted
        return Printed(clean_title(strip(title)), read_names(before or ""), before or "")
    if len(blocks) > 1:
        return _of_blocks(blocks, names, year)
    found, names_text = title_of_line(head, names)
    return Printed(tidy(found, year), names, names_text)


#: Small letters after a quotation that is the whole title: what follows a title, and the numbers of
#: old e-prints, `hep-ph/9501001`.
_GOES_ON: Final = re.compile(
    r"[,;]? (?!in\b|and\b|ed\b|to appear|to be published|submitted|unpublished|arXiv|vol|p|"
    r"e-?print|[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?/\d{7})[a-z]"
)


def _quoted(blocks: Sequence[str]) -> tuple[str, str | None] | None:
    """The quoted title of the first or second block, and what stands before it in the first."""
    for index, block in enumerate(blocks[:3]):
        start = min((at for at in (block.find("“"), block.find('"')) if at >= 0), default=-1)
        if start < 0:
            continue
        before = block[:start]
        if index and re.search(r"\w", before):
            # Quoted words inside a title.
            return None
        if re.search(r"\w$", before.rstrip(f" {TIE}")) and not re.search(r"\bal$", before.rstrip()):
            return None
        end = _closing_quote(block, start)
        follows = strip(block[end + 1 :])
        if end > 0 and _GOES_ON.match(follows):
            # `"Rain!" or, the weather`: the quotation is a part of the title.
            return None
        if end - start > 4:
            return block[start + 1 : end], before if index == 0 else blocks[0]
        return None
    return None


def _closing_quote(block: str, start: int) -> int:
    if block[start] == '"':
        return block.find('"', start + 1)
    depth = 0
    for at in range(start, min(len(block), start + 1000)):
        depth += (block[at] == "“") - (block[at] == "”")
        if depth == 0:
            return at
        # ``Title," of a mixed hand.
        if block[at] == '"':
            return at
    return -1


def _of_blocks(blocks: list[str], names: Names, year: str | None) -> Printed:
    """The title of an item whose style cuts it with `\\newblock`."""
    head = blocks[0]
    rest = head[names.end :] if names.end else ""
    if names.end and (DATE.match(rest) or re.match(r"\s*:|\s*,?\s*" + SLANT, rest)):
        title, _ = title_of_line(head, names)
        if title is not None:
            return Printed(tidy(title, year), names, head[: names.end])
    for block in blocks[1:]:
        if re.fullmatch(r"[\W\d]*(?:(?:18|19|20)\d{2}[a-z]?)?[\W\d]*", strip(block)):
            continue
        title = _of_block(block, last=len(blocks) == 2)
        untitled = title is None and (block.startswith(LINK) or not names.end)
        if untitled and (_is_product(head) or not (names.end or _is_list_of_names(head))):
            # An item without authors: its title stands first.
            return Printed(tidy(strip(head), year), Names(0, (), False), "")
        return Printed(tidy(title, year), names, head)
    if not names.end and not _is_list_of_names(head):
        return Printed(tidy(strip(head), year), names, "")
    if names.end and rest.strip(" .,;:"):
        title, _ = title_of_line(head, names)
        return Printed(tidy(title, year), names, head[: names.end])
    return Printed(None, names, head)


def _is_product(head: str) -> bool:
    """Whether a head that stands before an address alone is one name without initials."""
    return re.fullmatch(r"[^,.&]+\.?", strip(head).strip()) is not None and " and " not in head


def _is_list_of_names(head: str) -> bool:
    """Whether a first block that was not recognized may be names all the same."""
    text = strip(head).strip(" .")
    plain = [word for word in text.split() if len(word) > 3 and word.isalpha() and word.islower()]
    return len(plain) < 2 and bool(re.search(r",| and |&|et al", text))


_NO_TITLE: Final = re.compile(
    r"(?:arXiv\b(?!:? ?[a-z]{3})|doi\b|Available from|Accessed|\[Online|URL\b|https?:|Private comm|"
    r"\[?Online|Retrieved|"
    + LINK
    + r"|[\w ]{0,12}online\b|"
    + HREF
    + r"\s*(?:arXiv|doi|https?:|$))",
    re.IGNORECASE,
)


def _of_block(block: str, *, last: bool) -> str | None:
    """The title that a block is, or None where it is a journal, a collection or an address."""
    if _NO_TITLE.match(block.lstrip(" {")):
        return None
    if re.match(r"[Ii]n[:\s" + TIE + r"]", block) and (
        SLANT in block[:300] or re.search(r"\b(?:[Ee]ditors?|[Ee]ds?\.|Proc\b)", block[:300])
    ):
        return None
    if block.startswith(SLANT) or re.match(r"[“‘(]?" + SLANT, block):
        start = block.index(SLANT)
        end = block.find(UPRIGHT, start)
        title = block[start + 1 : end if end > 0 else len(block)]
        after = block[end + 1 :] if end > 0 else ""
        if last and (looks_like_journal(strip(title)) or is_volume(after)):
            return None
        if looks_like_journal(strip(title)) and is_volume(after):
            return None
        return title
    text = strip(block)
    # elsarticle-num: title, journal, volume and year in one block.
    journal = TITLE_JOURNAL.match(text)
    if journal is not None and last and not looks_like_journal(journal.group(1)):
        return journal.group(1)
    if LINK in block:
        text = strip(block.split(LINK)[0]) if strip(block.split(LINK)[0]).strip() else text
    if last and SLANT in block:
        # elsarticle-harv and others: `Title. {\em Journal} 12, 3.`
        before = strip(block.split(SLANT)[0])
        if len(before.split()) > 1 and not re.search(r"[(,] *$", before):
            return re.sub(r"[.,;]?\s+[Ii]n:?\s*$", "", before)
        if re.search(r", *$", before) and len(before.split()) > 2:
            return before
    kind = KIND.search(text)
    if kind is not None and last:
        return text[: kind.start()]
    if last:
        sentence = re.match(r"(.{8,}?[^A-Z.])[.?!] (?=[A-Z])", text)
        if sentence is not None and _journal_follows(text[sentence.end() :]):
            return text[: sentence.end() - 1]
    return text


def _journal_follows(text: str) -> bool:
    return bool(re.match(r"[A-Z][^.;]{2,80}?[,;:]? ?\(?\d", text))
