"""How faithfully and how fast the readers read real files: one table, a row a format.

    python benchmarks/corpora_fidelity.py --data FOLDER... [--format NAME=PATH] [--worst N]

A folder of `--data` holds a folder for each format, called by its name (`latex`, `jats`, ...).
Every record goes through its reader as in a build; its text is then compared with what the source
itself says it holds (`fidelity_sources.py`) and with pandoc where that is installed and reads the
format. No document can end the run: one that cannot be read is counted, with its reason.

Speeds are bytes of records by CPU second, framing and reading together, beside the peer on the
same files in the same run. The first record is read once beforehand, and a start of pandoc (for an
empty file) is no part of its CPU time. Pandoc as users run it, a process a paper that writes plain
text, is timed by the clock, and held against the readers by the clock.
"""

import argparse
import gc
import heapq
import itertools
import json
import logging
import multiprocessing
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import fidelity_pandoc as pandoc
from fidelity_alignment import missing_stretches, words
from fidelity_peers import Timing, is_well_formed, peers_of, time_peer
from fidelity_report import OURS_BY_CLOCK, OURS_BY_CPU, print_report
from fidelity_sources import Source, source_of
from fidelity_text import (
    formula_fault,
    formulas,
    formulas_lost,
    leaks,
    parse_error,
    prose,
    repeated_passages,
)

from corpora.catalogue import READERS, load_format
from corpora.citations import NO_TITLE, resolve
from corpora.documents import Document, Format, ReadOptions, Record
from pipelines.reading import Refusal, frame_records, read_record

#: A stretch of so many words that is nowhere in the document is a swallowed passage.
SWALLOWED_WORDS: Final = 20
#: A pass that takes longer is not repeated.
_LONG_SECONDS: Final = 60.0
_SHOWN_STRETCHES: Final = 5
_SHOWN_WORDS: Final = 14


@dataclass
class Tally:
    """Everything counted of a format."""

    counts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    leaks: Counter[str] = field(default_factory=Counter)
    #: By reference: words, found in order, found elsewhere.
    words: dict[str, Counter[str]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    cpu_seconds: float = 0.0
    clock_seconds: float = 0.0
    peers: dict[str, Timing] = field(default_factory=dict)
    worst: list[tuple[float, int, dict[str, Any]]] = field(default_factory=list)


class Spent(NamedTuple):
    """Seconds of this process, and by the clock."""

    cpu: float
    clock: float


def _spent_since(before: Spent) -> Spent:
    return Spent(time.process_time() - before.cpu, time.perf_counter() - before.clock)


def _now() -> Spent:
    return _spent_since(Spent(0.0, 0.0))


def measure_format(name: str, roots: Sequence[Path], options: argparse.Namespace) -> Tally:
    """Every record of a format under these paths, read and compared."""
    reader = load_format(name)
    tally = Tally()
    inputs = list(dict.fromkeys(path for root in roots for path in reader.find(root)))
    passes = _timed_passes(reader, inputs, options)
    with_pandoc = name in pandoc.READS and pandoc.available() and not options.no_pandoc
    start_up = pandoc.start_up_seconds(name) if with_pandoc else 0.0
    pandoc_bytes = 0
    seconds_there: dict[str, float] = defaultdict(float)
    for number, path, record, document, _ in itertools.islice(
        _read(reader, inputs, options.seconds), options.limit
    ):
        spent = passes[number]
        tally.counts["records"] += 1
        tally.cpu_seconds += spent.cpu
        tally.clock_seconds += spent.clock
        position = document.position if isinstance(document, Refusal) else record.position
        found: dict[str, Any] = {"record": f"{name}: {position}"}
        source, ran = Source(), None
        if record is not None:
            tally.counts["bytes"] += record.num_bytes
            if with_pandoc:
                ran = pandoc.run_pandoc(name, record)
                if ran.fault is None:
                    pandoc_bytes += record.num_bytes
                    seconds_there[pandoc.BY_CPU] += max(ran.cpu_seconds - start_up, 0.001)
                    seconds_there[pandoc.AS_RUN] += ran.clock_seconds
                    seconds_there[OURS_BY_CPU] += spent.cpu
                    seconds_there[OURS_BY_CLOCK] += spent.clock
                    tally.counts["pandoc reads"] += 1
                else:
                    kind, _, said = ran.fault.partition(": ")
                    tally.notes[kind] += 1
                    found[kind] = said
        if isinstance(document, Refusal):
            kind = tally.quarantined if document.quarantined else tally.dropped
            kind[document.reason] += 1
            if document.quarantined:
                found["refused"] = f"{document.reason}: {document.detail}"
                if not is_well_formed(name, record, path):
                    tally.counts["malformed"] += 1
                if ran is not None and ran.fault is None:
                    tally.counts["refused where pandoc reads"] += 1
        else:
            source = source_of(name, record)
            if ran is not None and ran.fault is None:
                source.references |= ran.source.references
                if name == "latex":
                    source.cited, source.formulas = ran.source.cited, ran.source.formulas
            tally.counts["read"] += 1
            compare(document, source, tally, found)
            tally.notes.update(source.notes if ran is None or ran.fault is not None else ())
        heapq.heappush(tally.worst, (badness(found), -number, found))
        if len(tally.worst) > max(options.worst, 1):
            heapq.heappop(tally.worst)
    if name in pandoc.READS:
        reason = None if pandoc_bytes else _why_no_pandoc(with_pandoc, options)
        tally.counts["bytes beside pandoc"] = pandoc_bytes
        for peer in (pandoc.BY_CPU, pandoc.AS_RUN, OURS_BY_CPU, OURS_BY_CLOCK):
            tally.peers[peer] = Timing(pandoc_bytes, seconds_there[peer], reason)
    for peer, run in peers_of(name).items():
        tally.peers[peer] = time_peer(run, inputs)
    tally.worst.sort(key=lambda entry: (-entry[0], -entry[1]))
    return tally


def _timed_passes(
    reader: Format, inputs: Sequence[Path], options: argparse.Namespace
) -> list[Spent]:
    """What framing and reading took, record by record, in passes that do nothing else, as a build.

    The least of some passes for each record, as of pandoc; a format that takes long is read once.
    Each pass has a process of its own: what a reader remembers of the one before helps no other.
    """
    best: list[Spent] = []
    # Else the collector looks at the parent's objects too, and each look copies their page.
    gc.freeze()
    for _ in range(pandoc.REPETITIONS):
        with multiprocessing.get_context("fork").Pool(1) as process:
            spent = process.apply(_one_pass, (reader.name, inputs, options.seconds, options.limit))
        best = [
            Spent(min(a.cpu, b.cpu), min(a.clock, b.clock))
            for a, b in zip(best or spent, spent, strict=True)
        ]
        if sum(each.clock for each in spent) > _LONG_SECONDS:
            break
    return best


def _one_pass(
    format_name: str, inputs: Sequence[Path], limit_seconds: int, limit: int | None
) -> list[Spent]:
    read = _read(load_format(format_name), inputs, limit_seconds)
    return [each[-1] for each in itertools.islice(read, limit)]


def _why_no_pandoc(with_pandoc: bool, options: argparse.Namespace) -> str:
    if with_pandoc:
        return "it reads none of the records"
    return "--no-pandoc" if options.no_pandoc else "pandoc is not installed"


def _read(
    reader: Format, inputs: Sequence[Path], limit_seconds: int
) -> Iterator[tuple[int, Path, Any, Document | Refusal, Spent]]:
    """Every record with its document and the time that framing and reading it took."""
    options = ReadOptions()
    number = 0
    for path in inputs[:1]:
        # What is imported and compiled once is in no speed.
        for record in itertools.islice(frame_records(reader, path, path.name, options), 1):
            if isinstance(record, Record):
                read_record(reader, record, options, limit_seconds)
    for path in inputs:
        framed = frame_records(reader, path, path.name, options)
        while True:
            before = _now()
            record = next(framed, None)
            if record is None:
                break
            if isinstance(record, Refusal):
                yield number, path, None, record, _spent_since(before)
            else:
                document = read_record(reader, record, options, limit_seconds)
                yield number, path, record, document, _spent_since(before)
            number += 1


def compare(document: Document, source: Source, tally: Tally, found: dict[str, Any]) -> None:
    """Measure one document against its source: into the tally, and what is wrong into `found`."""
    document, _ = resolve(document)
    text = document.text
    shown = words(prose(text))
    tally.counts["words"] += len(shown)
    _compare_citations(document, source, tally, found)
    _compare_formulas(text, source, tally, found)
    for reference, written in source.references.items():
        wanted = words(written)
        stretches = missing_stretches(wanted, shown)
        count = tally.words.setdefault(reference, Counter())
        count["words"] += len(wanted)
        gone = [s for s in stretches if not s.elsewhere]
        missing = sum(s.size for s in gone)
        count["missing"] += missing
        count["elsewhere"] += sum(s.size for s in stretches if s.elsewhere)
        swallowed = [s for s in gone if s.size >= SWALLOWED_WORDS]
        count["swallowed"] += len(swallowed)
        if stretches:
            found[f"words of {reference}"] = {
                "words": len(wanted),
                "missing": missing,
                "elsewhere": sum(s.size for s in stretches if s.elsewhere),
                "swallowed": len(swallowed),
                "longest": [
                    f"{s.size}: {_excerpt(wanted, s.start, s.end)}"
                    for s in sorted(gone, key=lambda s: -s.size)[:_SHOWN_STRETCHES]
                ],
            }
    out = leaks(text, source.references, source.own_tex)
    tally.leaks.update(leak.kind for leak in out)
    if out:
        found["leaks"] = [f"{leak.kind}  …{leak.context}…" for leak in out]
    twice = repeated_passages(text, " ".join(source.references.values()) or None)
    tally.counts["duplicated"] += len(twice)
    if twice:
        found["duplicated"] = [passage[:120] for passage in twice]


def _excerpt(wanted: Sequence[str], start: int, end: int) -> str:
    before = " ".join(wanted[max(0, start - 4) : start])
    if end - start <= _SHOWN_WORDS:
        return f"({before}) {' '.join(wanted[start:end])}"
    half = _SHOWN_WORDS // 2
    middle = " ".join(wanted[start : start + half]), " ".join(wanted[end - half : end])
    return f"({before}) {middle[0]} … {middle[1]}"


def _compare_citations(
    document: Document, source: Source, tally: Tally, found: dict[str, Any]
) -> None:
    unresolved = document.metadata.get("citations_unresolved")
    reasons = unresolved if isinstance(unresolved, dict) else {}
    resolved = len(document.citations)
    tally.counts["citations resolved"] += resolved
    for reason, count in reasons.items():
        tally.counts[f"citations without: {reason}"] += int(str(count))
    # Without an account of its own, what the reader found is all that there is to count: of works
    # that the file describes, where its list prints titles.
    expected = resolved + (int(str(reasons.get(NO_TITLE, 0))) if source.prints_titles else 0)
    expected = expected if source.cited is None else source.cited
    tally.counts["citations expected"] += expected
    tally.counts["citations found"] += min(resolved, expected)
    if resolved < expected:
        found["citations"] = f"{resolved} of {expected} have a title; {dict(reasons)}"


def _compare_formulas(text: str, source: Source, tally: Tally, found: dict[str, Any]) -> None:
    have = formulas(text)
    tally.counts["formulas"] += len(have)
    bad = []
    for formula in have:
        fault = formula_fault(formula)
        error = parse_error(formula)
        tally.counts["formulas balanced"] += fault is None
        tally.counts["formulas parsed"] += error is None
        if fault or error:
            tally.faults[fault or "parser"] += 1
            bad.append(f"{fault or error}: {' '.join(formula.split())[:100]}")
    if bad:
        found["formulas"] = bad
    if source.formulas is not None:
        wanted = [each for each in source.formulas if each]
        lost = formulas_lost(wanted, text)
        tally.counts["formulas expected"] += len(wanted)
        tally.counts["formulas kept"] += len(wanted) - len(lost)
        if lost:
            found["formulas lost"] = ["".join(sorted(each.elements()))[:60] for each in lost]


def badness(found: dict[str, Any]) -> float:
    """How much is wrong with a document, in missing words, for the list of the worst."""
    score = 1000.0 if "refused" in found else 0.0
    for reference, entry in found.items():
        if reference.startswith("words of"):
            score += entry["missing"] + entry["elsewhere"] / 4
    score += 20 * len(found.get("leaks", ())) + 20 * len(found.get("formulas", ()))
    return score + 10 * len(found.get("formulas lost", ())) + 100 * len(found.get("duplicated", ()))


def find_roots(folders: Sequence[Path], given: Sequence[str]) -> dict[str, list[Path]]:
    """The paths of each format: folders called by its name, and those given as NAME=PATH."""
    roots: dict[str, list[Path]] = {name: [] for name in READERS}
    for folder in folders:
        for name in READERS:
            if (folder / name).exists():
                roots[name].append(folder / name)
            elif folder.name == name:
                roots[name].append(folder)
    for entry in given:
        name, _, path = entry.partition("=")
        if name not in READERS or not path:
            raise SystemExit(f"--format {entry}: NAME=PATH, NAME one of {', '.join(READERS)}")
        roots[name].append(Path(path))
    return {name: paths for name, paths in roots.items() if paths}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data", type=Path, nargs="*", default=[], metavar="FOLDER")
    add("--format", action="append", default=[], metavar="NAME=PATH", help="files of a format")
    add("--only", nargs="*", choices=sorted(READERS), help="only these formats")
    add("--worst", type=int, default=0, metavar="N", help="show the N worst documents a format")
    add("--limit", type=int, help="at most so many records a format")
    add("--seconds", type=int, default=60, help="a record that takes longer is quarantined")
    add("--no-pandoc", action="store_true")
    add("--json", type=Path, help="write every number there")
    options = parser.parse_args()
    logging.disable(logging.WARNING)

    roots = find_roots(options.data, options.format)
    if not roots:
        raise SystemExit(f"no folder named as a format ({', '.join(READERS)}) in --data")
    tallies: dict[str, Tally] = {}
    for name in roots:
        if not options.only or name in options.only:
            try:
                tallies[name] = measure_format(name, roots[name], options)
            except (OSError, ValueError) as error:
                print(f"{name} not run: {error}")
    report = print_report(tallies, options.worst)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
