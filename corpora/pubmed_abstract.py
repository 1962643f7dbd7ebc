"""Title and abstract of a PubMed record: what NLM's conventions mean, and what is not text."""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from corpora.documents import ReadOptions
from corpora.pubmed_text import line

#: Titles that stand for none, and NLM's notes in a title.
_NO_TITLE: Final = frozenset(("not available", "in process citation", "no title available"))
_TITLE_NOTE: Final = re.compile(r"\s*\(?(?:proceedings|author's transl)\)\.?$", re.IGNORECASE)
#: MEDLINE kept 250 words of an abstract until 1996.
_TRUNCATED: Final = re.compile(r"\s*\(?ABSTRACT TRUNCATED(?: AT \d+ WORDS)?\)?\.?\s*$")
_COPYRIGHT: Final = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?] ))\s*(?:Copyright\s+)?(?:©|\(c\)|\([cC]\)|Copyright)\s*(?:19|20)\d\d"
    r"[^\n]{0,160}$"
)
#: Who keeps the record, and the address of the article, after the last sentence.
_AFTER_TEXT: Final = re.compile(
    r"(?:\s*\(PsycInfo Database Record[^()]{0,40}(?:\(c\))?[^()]{0,80}\)\.?"
    r"|(?<=[.!?]) https?://(?:dx\.)?doi\.org/\S{6,80})$",
    re.IGNORECASE,
)
#: `was found.Main results. They`: sentences of a structured abstract that lost their lines.
_JOINED: Final = re.compile(r"\.(?=[A-Z][a-z]+[ .])(?<=[a-z]{3}\.)")
_MAY_BE_COPYRIGHT: Final = re.compile(r"©|\([cC]\)|Copyright")
_ABSENT: Final = frozenset(
    ("no abstract available", "abstract not available", "not available", "[abstract not available]")
)
_LABELS_LEFT_OUT: Final = frozenset(("UNLABELLED", "UNLABELED", "UNASSIGNED", "ABSTRACT"))
#: Words that labels in capitals are made of; a label of other words (`MRI`) keeps its capitals.
_LABEL_WORDS: Final = frozenset(
    """ABSTRACT AIM AIMS ANALYSES ANALYSIS AND ANIMALS APPLICATIONS APPROACH ARTICLE ASSESSMENT
    BACKGROUND CASE CHARACTERISTICS CLINICAL COLLECTION CONCLUSION CONCLUSIONS CONTENT CONTEXT
    COUNSELING COUNSELLING CRITERIA DATA DESCRIPTION DESIGN DIAGNOSIS DIRECTIONS DISCUSSION DURATION
    EVALUATION EVIDENCE EXPERIMENTAL EXTRACTION FINDINGS FOR FROM FUTURE GENERAL GENETIC HYPOTHESIS
    IMPACT IMPLICATIONS IMPORTANCE IN INTERPRETATION INTERVENTION INTERVENTIONS INTRODUCTION KEY
    KNOWLEDGE LEARNING LEVEL LIMITATIONS MAIN MANAGEMENT MATERIAL MATERIALS MEASURE MEASUREMENT
    MEASUREMENTS MEASURES METHOD METHODOLOGY METHODS OBJECTIVE OBJECTIVES OF OR ORIGINALITY OUTCOME
    OUTCOMES OUTLOOK OVERVIEW PARTICIPANTS PATIENT PATIENTS PERSPECTIVE PERSPECTIVES POINTS
    POPULATION PRACTICAL PRACTICE PRESENTATION PRIMARY PROCEDURE PROCEDURES PURPOSE QUESTION
    RATIONALE RECENT RECOMMENDATION RECOMMENDATIONS REGISTRATION RELEVANCE REPORT RESEARCH RESULT
    RESULTS REVIEW SAMPLE SEARCH SECONDARY SELECTION SETTING SETTINGS SIGNIFICANCE SOURCE SOURCES
    SPECIMEN STATEMENT STATISTICAL STUDY SUBJECTS SUMMARY SYNTHESIS TECHNIQUE TESTING THE
    THERAPEUTIC TO TREATMENT TRIAL UNDERSTANDING VALUE WHAT WITH""".split()
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_OTHER_TITLES: Final = {"plain-language-summary": "Plain Language Summary"}


def title_words(words: str) -> str:
    """A title without its full stop and, where it is a translated one, its brackets.

    >>> title_words("[On the nature of [18F]things (author's transl)].")
    'On the nature of [18F]things'
    >>> title_words("[18F]FDG and [11C]acetate.")
    '[18F]FDG and [11C]acetate'
    """
    words = words.strip()
    bare = words.rstrip(". ")
    if bare.startswith("[") and _closes_at_end(bare):
        words = bare[1:-1].strip()
        words = _TITLE_NOTE.sub("", words)
    if words.lower().strip(" .[]") in _NO_TITLE:
        return ""
    return words.removesuffix(".").rstrip() if not words.endswith("..") else words


def _closes_at_end(words: str) -> bool:
    """Whether the bracket that opens `words` is the one that ends it."""
    depth = 0
    for position, character in enumerate(words):
        depth += {"[": 1, "]": -1}.get(character, 0)
        if depth == 0:
            return position == len(words) - 1
    return False


def abstract_blocks(
    citation: etree._Element, article: etree._Element, options: ReadOptions
) -> list[str]:
    """The abstract as headings and paragraphs, and the plain-language summary where there is one.

    Without an abstract of the article's own, another one stands for it, an English one first.
    """
    others = citation.findall("OtherAbstract")
    blocks = _titled("Abstract", article.find("Abstract"), options)
    for english in (True, False):
        for other in others if not blocks else ():
            if (other.get("Language", "eng") == "eng") is english and not blocks:
                blocks = _titled("Abstract", other, options)
                others = [found for found in others if found is not other]
    for other in others:
        title = _OTHER_TITLES.get(other.get("Type", "").lower())
        if blocks and title and other.get("Language", "eng") == "eng":
            blocks += _titled(title, other, options)
    return blocks


def truncated(article: etree._Element) -> bool:
    """Whether MEDLINE cut the abstract off."""
    return any(
        "TRUNCATED" in (element.text or "") and _TRUNCATED.search(element.text or "")
        for element in article.iterfind("Abstract/AbstractText")
    )


def _titled(title: str, abstract: etree._Element | None, options: ReadOptions) -> list[str]:
    if abstract is None:
        return []
    content = list(_parts(abstract, options))
    return [f"# {title}", *content] if content else []


def _parts(abstract: etree._Element, options: ReadOptions) -> Iterator[str]:
    parts = abstract.findall("AbstractText")
    if not parts and (abstract.text or "").strip():
        parts = [abstract]
    said: frozenset[str] = frozenset()
    for part in parts:
        words = line(part, options)
        if "TRUNCATED" in words:
            words = _TRUNCATED.sub("", words)
        words = _JOINED.sub(". ", words)
        if part is parts[-1] and (words.endswith((")", ").")) or "doi.org/" in words[-100:]):
            words = _AFTER_TEXT.sub("", words)
        if part is parts[-1] and _MAY_BE_COPYRIGHT.search(words):
            words = _COPYRIGHT.sub("", words).rstrip()
        if not words or words.lower().rstrip(".") in _ABSENT:
            continue
        label = label_words(part.get("Label") or part.get("NlmCategory") or "")
        if label.isupper():
            said = said or frozenset(_WORD.findall(" ".join(map(str, abstract.itertext()))))
            label = _in_small_letters(label, said)
        if label:
            yield f"## {label}"
        yield words


def _in_small_letters(label: str, said: frozenset[str]) -> str:
    """A label in capitals as a heading, where its words are the abstract's or usual ones."""
    known = all(
        word in _LABEL_WORDS or (word.lower() in said and word not in said)
        for word in _WORD.findall(label)
    )
    return label.capitalize() if known else label


def label_words(label: str) -> str:
    """The heading of a label: "" for the label of what has none.

    >>> label_words("DIAGNOSIS/TESTING"), label_words("MRI FINDINGS"), label_words("UNLABELLED")
    ('Diagnosis/testing', 'MRI FINDINGS', '')
    """
    words = " ".join(label.split()).rstrip(": .")
    if words.upper() in _LABELS_LEFT_OUT:
        return ""
    if words.isupper() and _LABEL_WORDS.issuperset(_WORD.findall(words)):
        return words.capitalize()
    return words
