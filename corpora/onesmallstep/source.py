"""Records and documents of generated problems: which template, which number, which seed.

The n-th problem of a template depends on the seed, the template and n alone, so that more problems
or other templates change none of them. The seed is the recipe's, else the file's, else made from
the build's and the file's name.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpora.compressed_streams import open_streams, stem_of
from corpora.documents import Document, ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.fences import fenced
from corpora.onesmallstep.amounts import Amount
from corpora.onesmallstep.problems import Draw, Problem, agrees, fill
from corpora.onesmallstep.sandbox import ProgramFailed, run_program
from corpora.onesmallstep.specification import (
    MAX_FILE_BYTES,
    Options,
    chosen_templates,
    read_specification,
)
from corpora.onesmallstep.templates import SUBJECTS, TEMPLATES
from corpora.worked_problems.tex_prose import marked_prose
from tokenization.wrappers import work

SUFFIXES: Final = (".yaml", ".yml", ".json")
#: Problems where neither the file nor the recipe says how many.
DEFAULT_PROBLEMS: Final = 1000

#: Draws before a template counts as having no further problem.
_MOST_DRAWS: Final = 200
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Numbered:
    """The n-th problem of a template: made again from this by whoever reads it.

    `draw` counts the draws before it that gave a problem again, or one whose printed steps do not
    lead to the last digit of its answer; None where none was left.
    """

    template: str
    number: int
    seed: int
    draw: int | None


def problem_records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a problem; the templates take turns. The id: the file's stem, template, number.

    Memory: some 100 bytes of each problem given so far, by which no problem is given twice.
    """
    stem, specified = path.name, Options()
    try:
        for stream in open_streams(path, *SUFFIXES):
            stem = stem_of(stream.name)
            specified = read_specification(stream.file.read(MAX_FILE_BYTES + 1))
            break
        else:
            raise RecordUnreadable("empty file")
        own = options.own(Options)
        names = chosen_templates(own.templates or specified.templates, SUBJECTS)
    except RecordUnreadable as fault:
        yield Record(f"{stem}:1", path.name, fault, 0)
        return
    seed = own.seed if own.seed is not None else specified.seed
    if seed is None:
        # Two files that say no seed hold different problems.
        seed = _hashed(options.seed, stem)
    count = own.problems or specified.problems or DEFAULT_PROBLEMS
    given: set[bytes] = set()
    exhausted: set[str] = set()
    for index in range(count):
        name, number = names[index % len(names)], index // len(names) + 1
        payload = Numbered(name, number, seed, None)
        if name not in exhausted:
            payload = _numbered(name, number, seed, given)
        if payload.draw is None:
            # Looking for each of its further problems would take as long again.
            exhausted.add(name)
        yield Record(f"{stem}:{name}:{number}", f"{path.name}: {name} {number}", payload, 0)


def _numbered(template: str, number: int, seed: int, given: set[bytes]) -> Numbered:
    for attempt in range(_MOST_DRAWS):
        drawn = Draw(_seed(template, number, seed, attempt))
        problem = TEMPLATES[template](drawn)
        variables = "\n".join([template, *drawn.drawn])
        key = hashlib.blake2b(variables.encode(), digest_size=8).digest()
        if key not in given and agrees(problem):
            given.add(key)
            return Numbered(template, number, seed, attempt)
    return Numbered(template, number, seed, None)


def _seed(template: str, number: int, seed: int, attempt: int) -> int:
    return _hashed(seed, template, number, attempt)


def _hashed(*parts: int | str) -> int:
    written = "\n".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(written, digest_size=16).digest(), "little")


def read_problem(record: Record, options: ReadOptions) -> Document:
    """One problem as question, work and answer. Metadata: `template`, `subject`.

    Raises RecordDropped where the template has no problem left that was not given, and
    RecordUnreadable for a specification that is none.
    """
    if isinstance(record.payload, RecordUnreadable):
        raise record.payload
    payload: Numbered = record.payload
    if payload.draw is None:
        raise RecordDropped("no further problem of the template")
    seed = _seed(payload.template, payload.number, payload.seed, payload.draw)
    problem = TEMPLATES[payload.template](Draw(seed))
    subject = next(name for name, group in SUBJECTS.items() if payload.template in group)
    return Document(
        record.record_id,
        document_text(problem, options),
        {"template": payload.template, "subject": subject},
    )


def document_text(problem: Problem, options: ReadOptions) -> str:
    """Question, work and answer of a problem; its program is run for what it prints."""
    question, *steps = (
        marked_prose(fill(text, problem.values), options)
        for text in (problem.question, *problem.steps)
    )
    if problem.program:
        output = checked_output(problem)
        steps += [fenced(problem.program.strip(), "python"), "Output:", fenced(output)]
    answer = marked_prose(fill(problem.answer, problem.values), options)
    worked = work("\n" + "\n\n".join(steps) + "\n", marked=True)
    return f"Question: {question}\n\n{worked}\n\nAnswer: {answer}"


def checked_output(problem: Problem) -> str:
    """What a problem's program prints. Raises RecordUnreadable where that is not its answer."""
    try:
        output = run_program(problem.program.strip() + "\n").rstrip("\n")
    except ProgramFailed as error:
        raise RecordUnreadable("its program fails", str(error)) from None
    printed = _NUMBER.findall(output)
    for result, _ in problem.checks:
        expected = result.number if isinstance(result, Amount) else str(result)
        if expected not in printed:
            raise RecordUnreadable("its program disagrees", f"{output!r}, not {expected}")
    return output
