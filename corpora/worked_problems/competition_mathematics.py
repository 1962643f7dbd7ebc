r"""MATH and the sets in its form: a problem of mathematics, its worked solution, its answer.

MATH (Hendrycks et al. 2021, arXiv:2103.03874) is one JSON object a problem: `problem`, `level`,
`type`, `solution` with its answer in `\boxed{}`. MATH-500 and PRM800K's splits are lines of JSON
with `answer`, `subject` and `unique_id` beside. AMPS, of the same paper, has the hints of Khan
Academy's exercises (`problem`, `hints`) and Mathematica's solutions as text (`Problem:`,
`Answer:`). The document: the question, the steps in `<work>` markers, the answer (Galactica,
sections 3.1.2 and A.1.6, where Khan's problems are among the reasoning sets).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpora import json_records
from corpora.compressed_streams import Stream, find_streamed, open_streams, stem_of
from corpora.documents import (
    JSON,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.worked_problems.boxed_answers import boxed_answer, stated_answer
from corpora.worked_problems.tex_prose import marked_prose
from tokenization.marked_text import clean
from tokenization.wrappers import work

SUFFIXES: Final = (*json_records.SUFFIXES, ".txt")
#: The longest worked solution of AMPS has some 100 kB.
MAX_TEXT_BYTES: Final = 4 * 1024 * 1024

# The names that a field has in MATH and AMPS first, then those of sets in their form.
_PROBLEM: Final = ("problem", "question", "query", "instruction")
_SOLUTION: Final = ("solution", "generated_solution", "rationale", "response", "output")
_ANSWER: Final = ("answer", "expected_answer", "final_answer", "ground_truth_answer")
_SUBJECT: Final = ("type", "subject")

_TEXT_NAME: Final = re.compile(r"\.txt(?:\.\w{2,4})?\Z", re.IGNORECASE)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PART: Final = re.compile(r"^(Problem|Answer):[ \t]*$", re.MULTILINE)
#: GSM8K's `<<48/2=24>>`.
_CALCULATOR: Final = re.compile(r"<<[-+*/().\d\s]{1,100}=[-.\d\s]{1,50}>>")
#: How Mathematica's solutions end: a box with a table in it, `Answer:` and below it the result.
_MATHEMATICA_ANSWER: Final = re.compile(
    r"\\text\{Answer:\s?\}\$?\}?\s*&\s*\\\\\s*(?:\\text\{\s?\})?\s*&\s*"
    r"((?:(?!\\text\{Answer:)[^&])+?)\s*(?:\\\\)?\s*\\end\{array\}\s*\$?\s*\}"
)
_PARAGRAPH: Final = re.compile(r"\n[ \t]*\n\s*")
_NUMBER: Final = re.compile(r"[-−]?[$€£]?[-−]?\d[\d,]*(?:\.\d+)?%?|[-−]?\.\d+")
_NUMBER_SPACE: Final = re.compile(r"\\[!,]|\{,\}(?=\d)|(?<=\d)\\ (?=\d{3})")
_ONLY_TEXT: Final = re.compile(r"\\(?:text\w*|mbox|mathrm)\s*\{([^{}$\\]*)\}")
_COMMAND: Final = re.compile(r"\\[A-Za-z]+")
_WORD: Final = re.compile(r"[A-Za-z]{3,}")
_ONLY_FORMULA: Final = re.compile(r"\$\$?((?:\\.|[^$\\])+)\$\$?\.?", re.DOTALL)
_ANSWER_LINE: Final = re.compile(r"(?:^|\n)(?:#### |The answer is: )[^\n]{0,300}\Z")
_CONNECTIVE: Final = re.compile(r"\A(?:So|Thus|Therefore|Hence),? (?=\S)")
_EQUALS: Final = re.compile(r"\A(\$\$?|\\\(|\\\[)\s*(?:\\qquad|\\quad|&)?\s*=\s*")


@dataclass(frozen=True, slots=True)
class _TextFile:
    """The bytes of a file of text, which are no JSON."""

    data: bytes


@dataclass(frozen=True, slots=True)
class _Worked:
    """A problem, the paragraphs of its solution, and its answer where the record has one."""

    problem: str
    steps: list[str]
    answer: str | None
    metadata: dict[str, JSON]


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record an object of JSON or a file of text. The id is the file's stem and a number."""
    streams = open_streams(path, *SUFFIXES)
    while True:
        try:
            stream = next(streams, None)
        except RecordUnreadable as fault:
            yield Record(f"{path.name}:1", f"{path.name}: file 1", fault, 0)
            return
        if stream is None:
            return
        if _TEXT_NAME.search(stream.name):
            yield _text_record(stream)
            continue
        for piece in json_records.pieces_of(stream):
            yield json_records.raw_record(f"{stem_of(stream.name)}:{piece.number}", piece)


def _text_record(stream: Stream) -> Record:
    """A file of text as one record; one past the limit, or that breaks off, is its fault."""
    payload: _TextFile | RecordUnreadable
    size = 0
    try:
        data = stream.file.read(MAX_TEXT_BYTES + 1)
        size = len(data)
        payload = _TextFile(data)
        if size > MAX_TEXT_BYTES:
            payload = RecordUnreadable("record too large", f"more than {MAX_TEXT_BYTES} bytes")
    except RecordUnreadable as fault:
        payload = fault
    return Record(stem_of(stream.name), stream.name, payload, size)


def read(record: Record, options: ReadOptions) -> Document:
    """One problem. Metadata: `level` and `subject` where they are given.

    Raises RecordUnreadable for what has no problem or no solution, and RecordDropped where the
    solution states no answer.
    """
    if isinstance(record.payload, RecordUnreadable):
        raise record.payload
    cleaned: Counter[str] = Counter()
    if isinstance(record.payload, _TextFile):
        worked = _of_text(record.payload.data, record.position, cleaned)
    else:
        fields = json_records.parse_object(record.payload, record.position)
        worked = _of_fields(fields, record.position, cleaned)
    if not worked.problem:
        raise RecordUnreadable("empty problem", record.position)

    steps, answer = worked.steps, worked.answer
    blocks = [f"Question: {marked_prose(worked.problem, options)}"]
    if answer is None:
        solution = "\n\n".join(steps)
        answer = boxed_answer(solution) or stated_answer(solution)
    if answer is None:
        raise RecordDropped("no final answer")
    if steps:
        # What the document ends with anyway.
        steps = [*steps[:-1], _ANSWER_LINE.sub("", steps[-1])]
    marked = [words for step in steps if (words := marked_prose(step, options))]
    if marked:
        blocks.append(work("\n" + "\n\n".join(marked) + "\n", marked=True))
    blocks.append(f"Answer: {_printed_answer(answer, options)}")
    return Document(record.record_id, "\n\n".join(blocks), worked.metadata, cleaned=cleaned)


def _of_fields(fields: Mapping[str, JSON], position: str, cleaned: Counter[str]) -> _Worked:
    problem = _first_given(fields, _PROBLEM)
    if not isinstance(problem, str):
        raise RecordUnreadable("missing field", f"{position}: {' or '.join(_PROBLEM)}")
    hints = _texts(fields.get("hints"), position, cleaned)
    # Of several solutions, which are other ways to the same answer, the first.
    solutions = _texts(_first_given(fields, _SOLUTION), position, cleaned)
    steps = solutions[:1] or hints
    answers = _texts(_first_given(fields, _ANSWER), position, cleaned)
    if not steps and not answers:
        raise RecordUnreadable("missing field", f"{position}: {' or '.join(_SOLUTION)}")
    if any(map(_CALCULATOR.search, [*steps, *answers])):
        raise RecordUnreadable("calculator annotations", f"{position}: the format gsm8k reads them")
    given = ", ".join(answers) or None
    if given is None and not solutions and boxed_answer("\n\n".join(steps)) is None:
        # The last hint of Khan Academy is the answer.
        last = steps.pop()
        given = stated_answer(last) or _CONNECTIVE.sub("", last)
    metadata: dict[str, JSON] = {}
    level = fields.get("level")
    if isinstance(level, str | int) and (found := re.search(r"\d", str(level))):
        metadata["level"] = int(found.group())
    subject = _first_given(fields, _SUBJECT)
    if isinstance(subject, str):
        metadata["subject"] = _tidy(subject, cleaned)
    return _Worked(_tidy(problem, cleaned), steps, given, metadata)


def _texts(value: JSON, position: str, cleaned: Counter[str]) -> list[str]:
    """A text, a number or a list of them as texts that are not blank."""
    found = []
    for item in value if isinstance(value, list) else [value]:
        if item is None:
            continue
        if isinstance(item, bool | dict | list):
            raise RecordUnreadable("wrong type", f"{position}: a solution or answer is no text")
        whole = isinstance(item, float) and item.is_integer()
        if text := _tidy(str(int(item) if whole else item), cleaned):
            found.append(text)
    return found


def _of_text(data: bytes, position: str, cleaned: Counter[str]) -> _Worked:
    """A file of AMPS: parts under `Problem:` and `Answer:`, or paragraphs, the last the answer."""
    try:
        text = _tidy(data.decode("utf-8-sig"), cleaned)
    except UnicodeDecodeError as error:
        raise RecordUnreadable("not UTF-8", f"{position}: byte {error.start}") from None
    if not text:
        raise RecordUnreadable("empty file")
    parts = _PART.split(text)
    if len(parts) == 1:
        problem, *steps = _PARAGRAPH.split(text)
        if not steps:
            raise RecordUnreadable("no solution", f"{position}: a problem alone")
        return _Worked(problem, steps[:-1], steps[-1], {})
    named = dict(zip(reversed(parts[1::2]), reversed(parts[2::2]), strict=True))
    if "Problem" not in named or not named.get("Answer", "").strip():
        raise RecordUnreadable("no solution", f"{position}: no part 'Problem:' or 'Answer:'")
    # Of several answers, which are forms of one, the first; its last paragraph is the result.
    solution = named["Answer"].strip()
    *steps, answer = _PARAGRAPH.split(solution)
    if (boxed := _MATHEMATICA_ANSWER.search(solution)) is not None:
        steps, answer = [solution], f"${boxed[1]}$"
    return _Worked(named["Problem"].strip(), steps, answer, {})


def _first_given(fields: Mapping[str, JSON], names: tuple[str, ...]) -> JSON:
    return next((value for name in names if (value := fields.get(name)) not in (None, "")), None)


def _tidy(text: str, cleaned: Counter[str]) -> str:
    """Decoded text, safe for markers, one line feed a line end."""
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n"), cleaned)
    return _CONTROLS.sub("", text).strip()


def _printed_answer(answer: str, options: ReadOptions) -> str:
    r"""An answer as it is read: a number or words as they are, what is mathematics as a formula.

    >>> [_printed_answer(a, ReadOptions()) for a in (r"$\$ 32,\!348$", r"$= \text{East}$")]
    ['$32,348', 'East']
    """
    answer = _EQUALS.sub(r"\1", answer)
    alone = _ONLY_FORMULA.fullmatch(answer)
    bare = (alone[1] if alone else answer).strip()
    number = _NUMBER_SPACE.sub(lambda match: "," if "," in match.group() else "", bare)
    number = re.sub(r"\\([$%])\s?", r"\1", number).replace(",,", ",")
    if _NUMBER.fullmatch(number):
        return number
    text = _ONLY_TEXT.fullmatch(bare)
    if text is not None:
        return marked_prose(text[1], options)
    if alone is None and ("$" in bare or _WORD.search(_COMMAND.sub(" ", bare))):
        return marked_prose(answer, options)
    return marked_prose(f"${bare}$", options)


FORMAT: Final = Format(
    name="math",
    summary="MATH, AMPS and sets in their form (JSON, text): problem, worked solution, answer",
    find=find_streamed(*SUFFIXES),
    records=records,
    read=read,
)
