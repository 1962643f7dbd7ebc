"""How fast text becomes token ids: `tokenizers`, gigatoken and ours in one run on the same text.

    python benchmarks/tokenization_speed.py --data FOLDER...
    python benchmarks/tokenization_speed.py --corpus latex --only ours --work runs/bench

Four corpora (LaTeX, biology with spans, Markdown and Python, spans alone), list of strings in,
arrays out, one core, cold caches: every measurement is a process of its own, the contenders in
turns. The ids of all text are compared with the saved file's; a difference ends in status 1. Then
start-up, and the whole way from Parquet to shards beside other toolkits (`pipeline_speed.py`).

Speeds go by the clock, and so do the goals; `MB/CPU s` says how much of a bad one is the machine's
other work. gigatoken implements no digits-alone, no operator runs and no spans: it runs GPT-2's
scheme, which gives other ids, with a vocabulary trained on the same sample. It is there as the
ceiling.
"""

import argparse
import json
import logging
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import pipeline_speed
from speed_corpora import CORPORA, load, prepare
from speed_once import GPT2_FILE
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

from tokenization import ScienceTokenizer, TokenizerSettings
from tokenization.training import text_pieces, train_tokenizer

CONTENDERS: Final = ("tokenizers", "gigatoken", "ours", "ours, 2 threads")
_HERE: Final = Path(__file__).resolve().parent
#: Two threads must pay where one is slower than this (MB/s), and by how much.
THREADS_BELOW: Final = 150.0
THREADS_RATIO: Final = 1.7
#: The tokenizers are trained on one document of each corpus in so many.
_SAMPLE_STEP: Final = 2


@dataclass(frozen=True, slots=True)
class Goal:
    """At least so many times the speed of `tokenizers`, and of gigatoken's first pass."""

    tokenizers: float
    gigatoken: float


GOALS: Final = {
    "latex": Goal(100, 1.0),
    "biology": Goal(100, 1.0),
    "code": Goal(67, 1 / 1.5),
    "spans": Goal(100, 1.0),
}


def measure(contender: str, corpus: Path, tokenizer: Path, limit_bytes: int) -> dict[str, Any]:
    """The result of `speed_once.py` in a fresh process."""
    program = [sys.executable, str(_HERE / "speed_once.py")]
    arguments = [contender, str(corpus), str(tokenizer), str(limit_bytes)]
    done = subprocess.run(
        [*program, *arguments], env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{contender} on {corpus.name} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _environment() -> dict[str, str]:
    """One thread unless a contender asks for more; this checkout before any installed one."""
    path = os.pathsep.join(filter(None, [str(_HERE.parent), os.environ.get("PYTHONPATH")]))
    single = ("OMP_NUM_THREADS", "RAYON_NUM_THREADS")
    return {**os.environ, "PYTHONPATH": path, **dict.fromkeys(single, "1")}


def train(corpora: Sequence[Path], folder: Path, given: Path | None) -> None:
    """Our tokenizer, unless one is given, and one in GPT-2's scheme, from every second document.

    What was made of the same texts is kept.
    """
    made_of = json.dumps(
        [
            [(corpus / "facts.json").read_text() for corpus in corpora],
            str(given and given.resolve()),
        ]
    )
    record = folder / "made-of.json"
    if not record.exists() or record.read_text() != made_of:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        record.write_text(made_of)
    if given is not None:
        ScienceTokenizer.from_pretrained(given).save_pretrained(folder)

    def sample() -> Iterator[str]:
        for corpus in corpora:
            yield from load(corpus)[::_SAMPLE_STEP]

    settings = TokenizerSettings()
    if not (folder / "tokenizer.json").exists():
        train_tokenizer(sample(), settings, latex_markers=True).save_pretrained(folder)
    if not (folder / GPT2_FILE).exists():
        learner = Tokenizer(BPE())
        learner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        trainer = BpeTrainer(
            vocab_size=settings.vocabulary_size,
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            special_tokens=["<|endoftext|>"],
            show_progress=False,
        )
        learner.train_from_iterator((p for text in sample() for p in text_pieces(text)), trainer)
        learner.save(str(folder / GPT2_FILE))


def run_corpus(
    name: str, corpus: Path, tokenizer: Path, contenders: Sequence[str], options: argparse.Namespace
) -> dict[str, Any]:
    """Every contender in turns, and the comparison of ids; prints the rows of the corpus."""
    results: dict[str, list[dict[str, Any]]] = {contender: [] for contender in contenders}
    for number in range(options.repetitions):
        for contender in contenders:
            if contender == "tokenizers" and number >= options.tokenizers_repetitions:
                continue
            megabytes = options.tokenizers_megabytes if contender == "tokenizers" else 1 << 20
            results[contender].append(
                measure(contender, corpus, tokenizer, int(megabytes * 1_000_000))
            )
    rows: dict[str, Any] = {}
    for contender, measured in results.items():
        if reason := measured[0].get("not_run"):
            rows[contender] = {"not_run": reason}
            continue
        rows[contender] = {
            "bytes": measured[0]["bytes"],
            "tokens": measured[0]["tokens"],
            "first": [each["bytes"] / each["first"] / 1e6 for each in measured],
            "first_per_cpu_second": [each["bytes"] / each["first_cpu"] / 1e6 for each in measured],
            "repeat": [each["bytes"] / each["repeat"] / 1e6 for each in measured],
            "peak_megabytes": max(each["peak_megabytes"] for each in measured),
        }
    for contender, row in rows.items():
        print(_row(contender, row, rows))
    verdicts = _verdicts(name, rows)
    for verdict in verdicts:
        print(f"    goal: {verdict}")
    if any("NOT REACHED" in verdict for verdict in verdicts):
        print(f"    {_profile(corpus, tokenizer)}")
    return {"rows": rows, "goals": verdicts}


def _profile(corpus: Path, tokenizer: Path) -> str:
    """Where the time of our first pass goes, in one more process."""
    parts = measure("profile", corpus, tokenizer, sys.maxsize)
    names = ("as UTF-8", "normalized", "pieces known", "pieces new", "joined")
    said = ", ".join(f"{name} {1e3 * parts[name]:.1f} ms" for name in names)
    each = 1e9 * parts["pieces new"] / max(parts["new_pieces"], 1)
    return f"profile: {said} ({parts['new_pieces']:,.0f} of them, {each:.0f} ns each)"


def _row(contender: str, row: dict[str, Any], rows: dict[str, Any]) -> str:
    if "not_run" in row:
        return f"  {contender:<16} not run: {row['not_run']}"
    first = row["first"]
    cells = [
        f"  {contender:<16}{row['bytes'] / 1e6:>7.1f}{row['tokens'] / 1e6:>8.2f}",
        f"{statistics.median(first):>10.1f} ({min(first):.1f}-{max(first):.1f})".ljust(28),
        f"{statistics.median(row['first_per_cpu_second']):>10.1f}",
        f"{statistics.median(row['repeat']):>8.1f}" if contender != "tokenizers" else f"{'-':>8}",
        *(f"{_ratio(row, rows.get(other)):>12}" for other in ("tokenizers", "gigatoken")),
    ]
    return "".join(cells)


def _ratio(row: dict[str, Any], other: dict[str, Any] | None) -> str:
    if other is None or "not_run" in other:
        return "-"
    return f"{statistics.median(row['first']) / statistics.median(other['first']):.2f}x"


def _verdicts(name: str, rows: dict[str, Any]) -> list[str]:
    """A line for each goal of the corpus that these rows can decide."""
    speed = {
        contender: statistics.median(row["first"])
        for contender, row in rows.items()
        if "not_run" not in row
    }
    verdicts = []
    if "ours" not in speed:
        return verdicts
    goal = GOALS[name]
    for peer, wanted in (("tokenizers", goal.tokenizers), ("gigatoken", goal.gigatoken)):
        if peer in speed:
            ratio = speed["ours"] / speed[peer]
            said = "reached" if ratio >= wanted else "NOT REACHED"
            verdicts.append(f"{ratio:.2f}x {peer}, at least {wanted:.2f}x wanted: {said}")
    if "ours, 2 threads" in speed and speed["ours"] < THREADS_BELOW:
        ratio = speed["ours, 2 threads"] / speed["ours"]
        said = "reached" if ratio >= THREADS_RATIO else "NOT REACHED"
        verdicts.append(f"2 threads {ratio:.2f}x one, at least {THREADS_RATIO}x wanted: {said}")
    return verdicts


_FIRST_IDS: Final = (
    "import sys; from tokenization import ScienceTokenizer; "
    "ids, _ = ScienceTokenizer.from_pretrained(sys.argv[1]).encode_documents(['one document']); "
    "print(len(ids), flush=True)"
)


def start_up(tokenizer: Path, repetitions: int) -> dict[str, list[float]]:
    """Seconds from starting Python to the first ids: with no compiled code at hand, and with it."""
    seconds: dict[str, list[float]] = {"cold": [], "warm": []}
    with tempfile.TemporaryDirectory() as folder:
        caches = {"GALACTICA_CACHE_DIR": folder}
        for number in range(1 + repetitions):
            before = time.perf_counter()
            with subprocess.Popen(
                [sys.executable, "-c", _FIRST_IDS, str(tokenizer)],
                env={**_environment(), **caches},
                stdout=subprocess.PIPE,
            ) as process:
                assert process.stdout is not None
                answer = process.stdout.readline()
                elapsed = time.perf_counter() - before
            if not answer:
                raise SystemExit("start-up: the process gave no ids")
            seconds["warm" if number else "cold"].append(elapsed)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data", type=Path, nargs="*", default=[], metavar="FOLDER", help="raw .tex, JATS, .md")
    add("--work", type=Path, default=Path("runs/bench-tokenization"), help="texts kept for reruns")
    add("--megabytes", type=float, default=16.0, help="size of a corpus (16)")
    add("--corpus", choices=sorted(CORPORA), nargs="*", default=list(CORPORA))
    add("--only", choices=[*CONTENDERS, "start-up", "pipeline"], nargs="*", help="only these rows")
    add("--tokenizer", type=Path, help="a tokenizer folder; one is trained without it")
    add("--repetitions", type=int, default=5)
    add("--tokenizers-megabytes", type=float, default=16.0, help="it is timed on at most so much")
    add("--tokenizers-repetitions", type=int, default=2)
    add("--no-compare", action="store_true", help="leave out the comparison of ids")
    add("--json", type=Path, help="write every number there")
    pipeline_speed.add_arguments(parser)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")

    facts: dict[str, dict[str, int]] = {}
    for name in CORPORA:
        folder = options.work / name
        facts[name] = prepare(name, options.data, int(options.megabytes * 1e6), folder)
    tokenizer = options.work / "tokenizer"
    train([options.work / name for name in CORPORA], tokenizer, options.tokenizer)

    contenders = [c for c in CONTENDERS if not options.only or c in options.only]
    report: dict[str, Any] = {"corpora": {}, "cores": os.cpu_count(), "python": sys.version}
    differing = 0
    if contenders:
        print(
            f"{'':<18}{'MB':>7}{'M ids':>8}{'MB/s, first pass':>18}{'':10}{'MB/CPU s':>10}", end=""
        )
        print(f"{'repeat':>8}{'tokenizers':>12}{'gigatoken':>12}")
    for name in options.corpus if contenders else []:
        fact = facts[name]
        print(
            f"{name}: {fact['documents']:,} documents, {fact['bytes'] / 1e6:.1f} MB, "
            f"{fact['words']:,} different words"
        )
        if not fact["documents"]:
            print("  not run: no file for it in --data")
            continue
        entry = run_corpus(name, options.work / name, tokenizer, contenders, options)
        if not options.no_compare:
            entry["ids"] = measure("compare", options.work / name, tokenizer, 1 << 60)
            differing += entry["ids"]["differing_documents"]
            print(_comparison(entry["ids"]))
        report["corpora"][name] = {**fact, **entry}
    if not options.only or "start-up" in options.only:
        report["start_up"] = start_up(tokenizer, options.repetitions)
        warm = statistics.median(report["start_up"]["warm"])
        said = "reached" if warm < 1 else "NOT REACHED"
        print(f"start-up to the first ids: {report['start_up']['cold'][0]:.2f} s without compiled")
        print(f"  code at hand, {warm:.2f} s with it; under 1 s wanted: {said}")
    if not options.only or "pipeline" in options.only:
        report["pipeline"] = pipeline_speed.run(options, tokenizer)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if differing:
        sys.exit(f"{differing} documents give other ids than the saved file")


def _comparison(ids: dict[str, Any]) -> str:
    line = f"  ids: {ids['compared']:,} compared with the saved file's, "
    line += f"{ids['differing_documents']} documents differ"
    if ids["spelling_documents"]:
        line += f"; {ids['spelling_documents']} documents spell a marker and are left out"
    return line + (f"\n  {ids['first_difference']}" if ids["first_difference"] else "")


if __name__ == "__main__":
    main()
