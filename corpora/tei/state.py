"""What the parts of the reader share while one document is read."""

import re
from dataclasses import dataclass, field

from lxml import etree

from corpora.documents import ReadOptions
from corpora.jats.marks import Mark
from corpora.tei.references import References


@dataclass(slots=True)
class TeiState:
    """One document being read.

    `marks` are the citations met so far. `notes` are the footnotes by id and by printed number
    (`#4`), `kept` all of them, `placed` those already in the text (and the figures that are),
    `notes_open` how many are being read inside each other. `floats` are the figures and tables
    that stand apart, by id, and `mentioned` the ids that the text has just referred to;
    `placing` while such a float is read. `appendices` are the letters
    of appendices; `roman`, `letter` and `numbered` are the last section
    numbers of these kinds and their level. Inside a table nothing is displayed. `own_line` finds
    the volume and pages of the article itself.
    """

    options: ReadOptions
    references: References
    marks: list[Mark] = field(default_factory=list)
    notes: dict[str, etree._Element] = field(default_factory=dict)
    kept: set[etree._Element] = field(default_factory=set)
    placed: set[etree._Element] = field(default_factory=set)
    notes_open: int = 0
    floats: dict[str, etree._Element] = field(default_factory=dict)
    mentioned: list[str] = field(default_factory=list)
    placing: bool = False
    appendices: frozenset[str] = frozenset()
    roman: int = 0
    letter: str = ""
    numbered: int = 0
    inside_table: bool = False
    own_line: re.Pattern[str] | None = None
