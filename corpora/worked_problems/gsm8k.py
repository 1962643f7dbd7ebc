"""GSM8K: word problems with worked answers, JSON objects of a question and an answer.

An answer is steps of prose with calculator annotations, `48/2 = <<48/2=24>>24 clips`, and a last
line `#### 72` (Cobbe et al. 2021, arXiv:2110.14168, section 2). The document is the question, the
steps without annotations and the same calculation as a Python program with its output, both in
`<work>` markers, and the answer (Galactica, section 3.1.2).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from corpora.compressed_streams import stem_of
from corpora.documents import JSON, Document, Format, ReadOptions, Record, RecordUnreadable
from corpora.fences import fenced
from corpora.json_records import find, parse_object, pieces, raw_record
from corpora.worked_problems.calculator_programs import NoStep, Step, program, step
from tokenization.marked_text import clean
from tokenization.wrappers import work

#: The set's own names, and those of copies of it; an answer of any ends in `#### 72`.
_QUESTION_NAMES: Final = ("question", "problem", "query")
_ANSWER_NAMES: Final = ("answer", "solution", "response")

#: The socratic form of the set asks before each step: `How many in May? ** Natalia sold ...`.
_QUESTION: Final = re.compile(r"(?:How|What|Which|When|Who|Where|Why|Is|Are|Does|Do|Did|Can)\b")
_INSTRUCTION: Final = re.compile(
    r"(?:Define|Write|Simplify|Combine|Multiply|Divide|Add|Subtract|Set|Solve|Find|Express|Let)\b"
    r"[^=*+<>]{0,120}"
)
# Bounded, so that a long line without a closing mark costs no more than its length.
_ANNOTATION: Final = re.compile(r"<<([^<>\n]{1,300})>>")
_RESULT: Final = re.compile(r"\s{0,3}[$€£]?\s?-?[$€£]?(?:[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)%?")
_CLAUSE_END: Final = re.compile(
    r"[.,;:!?()=<>\[\]\"“”#`]|\s[-–—+*/×x]|\b(?:and so|because|since|so|then|which|if|when|while)\b"
)
_CLAUSE_START: Final = re.compile(r"[.,;:!?]\s|\b(?:so|then)\b", re.IGNORECASE)
_UNREADABLE: Final = re.compile(r"[0-9=#`<>\"()]|^\w+$")
_CALCULATION_END: Final = re.compile(r"(?:[\s0-9.,$€£%+*/×÷=()–—-]|\bx\b)+\Z", re.IGNORECASE)
_CONNECTIVE: Final = re.compile(
    r"^(?:(?:thus|therefore|that|hence|now|next|and|but|this|means|is|which|meaning)\b[ ,]*)+",
    re.IGNORECASE,
)
_COPULA: Final = re.compile(r" (?:is|are|was|were|will be|would be|equals)$")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CONTEXT_CHARACTERS: Final = 300
_COMMENT_CHARACTERS: Final = 70
_EMPTY_PHRASES: Final = {"more", "less", "each", "in total", "total", "altogether", "in all"}


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a line or object. The id is the file's stem and the line's or object's number."""
    for piece in pieces(path):
        yield raw_record(f"{stem_of(piece.stream)}:{piece.number}", piece)


def read(record: Record, options: ReadOptions) -> Document:
    """One problem. Metadata: `annotations`, `program_steps`, and for each reason the number of
    `annotations_kept_as_prose`.

    Raises RecordUnreadable for a line that is no problem of this format.
    """
    if isinstance(record.payload, RecordUnreadable):
        raise record.payload
    cleaned: Counter[str] = Counter()
    fields = parse_object(record.payload, record.position)
    question = _tidy(_text_field(fields, _QUESTION_NAMES, record), cleaned)
    answer = _tidy(_text_field(fields, _ANSWER_NAMES, record), cleaned)
    if not question:
        raise RecordUnreadable("empty question", record.position)
    steps_text, _, last_line = answer.rpartition("\n")
    if not last_line.startswith("####") or not (final := last_line.lstrip("#").strip()):
        raise RecordUnreadable("no final answer", f"{record.position}: no last line '#### ...'")

    prose, steps, kept = _worked(steps_text)
    metadata: dict[str, JSON] = {
        "annotations": len(steps) + kept.total(),
        "program_steps": len(steps),
    }
    if kept:
        metadata["annotations_kept_as_prose"] = dict(sorted(kept.items()))
    parts = [prose] if prose else []
    if steps:
        source, output = program(steps, question)
        parts += [fenced(source, "python"), "Output:", fenced(output)]
    blocks = [f"Question: {question}"]
    if parts:
        blocks.append(work("\n" + "\n\n".join(parts) + "\n", marked=True))
    blocks.append(f"Answer: {final}")
    return Document(record.record_id, "\n\n".join(blocks), metadata, cleaned=cleaned)


def _text_field(fields: Mapping[str, JSON], names: Iterable[str], record: Record) -> str:
    name = next((name for name in names if name in fields), None)
    if name is None:
        raise RecordUnreadable("missing field", f"{record.position}: {' or '.join(names)}")
    value = fields[name]
    if not isinstance(value, str):
        raise RecordUnreadable(
            "wrong type", f"{record.position}: {name} is {type(value).__name__}, not a string"
        )
    return value


def _tidy(text: str, cleaned: Counter[str]) -> str:
    """Decoded text, safe for markers, one line feed a line end, no spaces at line ends."""
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"), cleaned)
    lines = (line.rstrip() for line in _CONTROLS.sub("", text).split("\n"))
    return "\n".join(line for line in lines if line).strip()


def _worked(text: str) -> tuple[str, list[Step], Counter[str]]:
    """The prose without annotations, the steps they state, and why the others state none."""
    kept: Counter[str] = Counter()
    steps: list[Step] = []
    prose: list[str] = []
    for line in text.split("\n"):
        parts = _ANNOTATION.split(line)
        texts, annotations = parts[::2], parts[1::2]
        asked, texts[0] = _asked(texts[0])
        words = [asked, texts[0]]
        for before, annotation, after in zip(texts, annotations, texts[1:], strict=False):
            try:
                steps.append(step(annotation, _comment(before, after)))
            except NoStep as error:
                kept[error.reason] += 1
            if not _RESULT.match(after) and before.rstrip(" $€£").endswith("="):
                # Here the annotation alone states the result that the sentence needs.
                words.append(annotation.rpartition("=")[2].strip())
            words.append(after)
        prose.append("".join(words))
    return "\n".join(prose).strip(), steps, kept


def _asked(text: str) -> tuple[str, str]:
    """The question that a step answers or what it is to do, "" where it says none, and the step.

    >>> _asked("How many in May? ** She sold 24."), _asked("Divide by 6 ** x = 4")
    (('How many in May? ', 'She sold 24.'), ('Divide by 6: ', 'x = 4'))
    >>> _asked("How many will she be able ** She sold 24.")
    ('', 'She sold 24.')
    """
    head, mark, rest = text.partition("** ")
    head = head.rstrip()
    if not mark:
        return "", text
    if head.endswith("?"):
        return f"{head} ", rest.lstrip()
    if _QUESTION.match(head):
        # The set has some questions that break off.
        return "", rest.lstrip()
    return (f"{head}: ", rest.lstrip()) if _INSTRUCTION.fullmatch(head) else ("", text)


def _comment(before: str, after: str) -> str:
    """What a result is, in the words around it: what follows the number, else what precedes it.

    >>> _comment("Natalia sold 48/2 = ", "24 clips in May.")
    'clips in May'
    >>> _comment("Weng earns 12/60 = $", "0.2 per minute.")
    'dollars per minute'
    >>> _comment("The clay pot costs $20 + $9 = $", "29.")
    'The clay pot costs, in dollars'
    """
    before, after = before[-_CONTEXT_CHARACTERS:], after[:_CONTEXT_CHARACTERS]
    number = _RESULT.match(after)
    tail = after[number.end() :] if number else after
    dollars = before.rstrip().endswith("$") or bool(number and "$" in number.group())
    phrase = _CLAUSE_END.split(tail, maxsplit=1)[0].strip() if tail[:1] in (" ", "-") else ""
    phrase = " ".join(phrase.split())
    if phrase[:1].isalpha() and phrase.lower() not in _EMPTY_PHRASES:
        comment = f"dollars {phrase}" if dollars else phrase
    else:
        subject = _CLAUSE_START.split(_CALCULATION_END.sub("", before))[-1]
        subject = " ".join(_CONNECTIVE.sub("", subject.strip(" :")).split())
        subject = _COPULA.sub("", subject)
        readable = subject[:1].isalpha() and not _UNREADABLE.search(subject)
        if not readable or len(subject) > _COMMENT_CHARACTERS:
            return "dollars" if dollars else ""
        comment = f"{subject}, in dollars" if dollars else subject
    return comment if len(comment) <= _COMMENT_CHARACTERS else ""


FORMAT: Final = Format(
    name="gsm8k",
    summary="GSM8K word problems (JSON): question, worked steps as text and program, answer",
    find=find,
    records=records,
    read=read,
)
