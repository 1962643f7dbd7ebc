"""What the parts of the reader share while one article is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from corpora.documents import ReadOptions
from corpora.jats.marks import Mark
from corpora.jats.references import Bibliography

#: What makes Markdown paragraphs of an element, given the level of headings in it.
Handler = Callable[[etree._Element, "ArticleState", int], list[str]]


@dataclass(slots=True)
class ArticleState:
    """One article being read.

    `blocks` are the handlers of block elements by their names.
    `marks` are the citations met so far; `notes` the footnotes by id and `placed` those already in
    the text; `labels` what figures, tables and formulas are called, by their id; `floats` the
    figures and tables that stand apart in `floats-group`, by id, and `inner_floats` the groups of
    those inside a group, and `mentioned` the ids that the current paragraph refers to; `placing`
    while such a float is read. `notes_open` counts the footnotes being read inside each other.
    Inside a table formulas are never displayed.
    """

    options: ReadOptions
    bibliography: Bibliography
    blocks: Mapping[str, Handler]
    notes: dict[str, etree._Element] = field(default_factory=dict)
    labels: dict[str, etree._Element] = field(default_factory=dict)
    floats: dict[str, etree._Element] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    placed: set[str] = field(default_factory=set)
    inner_floats: dict[str, str] = field(default_factory=dict)
    mentioned: list[str] = field(default_factory=list)
    placing: bool = False
    notes_open: int = 0
    formula_images: int = 0
    inside_table: bool = False
