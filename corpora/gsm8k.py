"""GSM8K: word problems with worked answers, one JSON object a line.

An answer is steps of prose with calculator annotations, `48/2 = <<48/2=24>>24 clips`, and a last
line `#### 72` (Cobbe et al. 2021, arXiv:2110.14168, section 2). The document is the question, the
steps without annotations and the same calculation as a Python program with its output, both in
`<work>` markers, and the answer (Galactica, section 3.1.2).
"""

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from corpora.documents import (
    JSON,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordUnreadable,
    find_files,
)
from corpora.fences import fenced
from corpora.reasoning import NoStep, Step, program, step
from tokenization.marked_text import clean
from tokenization.wrappers import work

MAX_LINE_BYTES: Final = 10_000_000

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


@dataclass(frozen=True, slots=True)
class _Unframed:
    """The payload of a record whose bytes could not be cut out of the file."""

    reason: str
    detail: str


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a line that is not blank. The id is the file's stem and the line's number."""
    stem = path.name.removesuffix(".gz").removesuffix(".jsonl")
    number = 0
    try:
        with _opened(path) as file:
            for number, (line, size) in enumerate(_lines(file), start=1):
                if line is not None and not line.strip():
                    continue
                payload = line or _Unframed("line too long", f"{size} bytes")
                yield Record(f"{stem}:{number}", f"{path.name}: line {number}", payload, size)
    except (OSError, EOFError, zlib.error) as error:
        number += 1
        yield Record(
            f"{stem}:{number}",
            f"{path.name}: line {number}",
            _Unframed("file cannot be read to its end", str(error)),
            0,
        )


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _lines(file: BinaryIO) -> Iterator[tuple[bytes | None, int]]:
    """Each line and its size in bytes; None in place of a line over the limit."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        size = len(line)
        if size <= MAX_LINE_BYTES:
            yield line, size
            continue
        while not line.endswith(b"\n") and (line := file.readline(MAX_LINE_BYTES)):
            size += len(line)
        yield None, size


def read(record: Record, options: ReadOptions) -> Document:
    """One problem. Metadata: `annotations`, `program_steps`, and for each reason the number of
    `annotations_kept_as_prose`.

    Raises RecordUnreadable for a line that is no problem of this format.
    """
    if isinstance(record.payload, _Unframed):
        raise RecordUnreadable(record.payload.reason, f"{record.position}: {record.payload.detail}")
    cleaned: Counter[str] = Counter()
    fields = _fields(record)
    question = _tidy(_text_field(fields, "question", record), cleaned)
    answer = _tidy(_text_field(fields, "answer", record), cleaned)
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


def _fields(record: Record) -> dict[str, object]:
    try:
        fields = json.loads(record.payload.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RecordUnreadable("not UTF-8", f"{record.position}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise RecordUnreadable("not JSON", f"{record.position}: {error}") from error
    if not isinstance(fields, dict):
        raise RecordUnreadable("not a JSON object", f"{record.position}: {type(fields).__name__}")
    return fields


def _text_field(fields: dict[str, object], name: str, record: Record) -> str:
    if name not in fields:
        raise RecordUnreadable("missing field", f"{record.position}: {name}")
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
        pieces = _ANNOTATION.split(line)
        texts, annotations = pieces[::2], pieces[1::2]
        words = [texts[0]]
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
    summary="GSM8K word problems (JSON lines): question, worked steps as text and program, answer",
    find=find_files(".jsonl", ".jsonl.gz"),
    records=records,
    read=read,
)
