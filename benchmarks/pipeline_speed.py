"""From Parquet text on disk to token files on disk, two workers: our stages and other toolkits.

Part of `tokenization_speed.py`, which adds its options and calls `run`. The peers run the same
LaTeX text in an environment of their own (`--peer-python`), with the same tokenizer file where
they can: Megatron-LM's `preprocess_data.py` (`--megatron`: a checkout) and datatrove's tokenizer
step, and as the ceiling Megatron-LM's `preprocess_data_fast.py`, which is gigatoken in GPT-2's
scheme. Start-up stands apart and is in no speed: of a peer it is the time of a run of two
documents, of ours that of two worker processes until each has encoded one.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from speed_corpora import every_other, load, prepare
from speed_once import GPT2_FILE

from pipelines.documents_table import DocumentRow, write_documents
from pipelines.execution import Task, run_task
from pipelines.tasks.shards import ShardArgument, shard_count, shard_file, write_shard
from pipelines.tasks.tokens import TokensArgument, tokenize_documents
from tokenization import reveal
from tokenization.manifests import Manifest, read_manifest, write_atomically
from tokenization.shards import finish_shard_folder, open_shards, shard_name

WORKERS: Final = 2
#: At least so many times the speed of Megatron-LM's preprocess_data.py and of datatrove.
#: A run must take so much longer than a start-up for the difference to mean something.
_TOLD_APART: Final = 0.25
GOAL: Final = 60.0
#: So many shards a run, so that both workers have some to write.
_SHARDS: Final = 4
_SOURCE: Final = "latex"
_DATATROVE: Final = Path(__file__).resolve().parent / "datatrove_tokens.py"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--pipeline-megabytes", type=float, default=1_000.0, help="at most so much text for ours")
    add("--peer-megabytes", type=float, default=16.0, help="so much of it for slow peers")
    add("--megatron", type=Path, metavar="CHECKOUT", help="a checkout of NVIDIA/Megatron-LM")
    add("--peer-python", type=Path, help="the Python that has datatrove, and Megatron-LM's needs")


def run(options: argparse.Namespace, tokenizer: Path) -> dict[str, Any]:
    """Measure every toolkit there is and print a row for each."""
    work = options.work / "pipeline"
    facts = prepare(_SOURCE, options.data, int(options.pipeline_megabytes * 1e6), work / "latex")
    print(f"Parquet to token files, {WORKERS} workers, LaTeX: {facts['bytes'] / 1e6:.1f} MB")
    if facts["documents"] < WORKERS:
        print("  not run: no LaTeX file in --data")
        return {}
    texts = load(work / "latex")
    sizes = {
        "start": texts[:WORKERS],
        "part": every_other(texts, int(options.peer_megabytes * 1e6)),
        "whole": texts,
    }
    for name, chosen in sizes.items():
        _write_inputs(chosen, work / name)
    _write_gpt2_folder(tokenizer, work / "gpt2")

    peers: dict[str, tuple[str, Callable[[Path, Path], None] | str]] = {
        "Megatron preprocess_data": ("part", _megatron(options, "preprocess_data.py", tokenizer)),
        "datatrove": ("part", _datatrove(options, tokenizer)),
        "Megatron preprocess_data_fast": (
            "whole",
            _megatron(options, "preprocess_data_fast.py", work / "gpt2"),
        ),
    }
    print(
        f"  {'':<32}{'MB':>7}{'start s':>9}{'then s':>9}{'MB/s':>9}{'MB/CPU s':>10}{'ours is':>10}"
    )
    rows: dict[str, Any] = {"ours": _ours(work, tokenizer, facts["bytes"], options.repetitions)}
    _print_row("ours", rows)
    for name, (size, measured) in peers.items():
        if isinstance(measured, str):
            rows[name] = {"not_run": measured}
            print(f"  {name:<32} not run: {measured}")
            continue
        num_bytes = sum(len(text.encode()) for text in sizes[size])
        repetitions = options.repetitions if size == "whole" else 1
        start, start_cpu = _seconds(measured, work / "start", work / "out", repetitions)
        whole, whole_cpu = _seconds(measured, work / size, work / "out", repetitions)
        if whole - start < _TOLD_APART * start:
            # What is left after its start-up is noise: its whole run, which is in our favour.
            rows[name] = _rates(num_bytes, 0.0, whole, whole_cpu)
            _print_row(name, rows)
            print("      its start-up is in the time: the rest is too short to tell from it")
            continue
        rows[name] = _rates(num_bytes, start, whole - start, whole_cpu - start_cpu)
        _print_row(name, rows)
    for name in ("Megatron preprocess_data", "datatrove"):
        if "rate" in rows[name]:
            ratio = rows["ours"]["rate"] / rows[name]["rate"]
            said = "reached" if ratio >= GOAL else "NOT REACHED"
            print(f"    goal: {ratio:.1f}x {name}, at least {GOAL:.0f}x wanted: {said}")
    return rows


def _rates(num_bytes: int, start: float, seconds: float, cpu_seconds: float) -> dict[str, float]:
    megabytes = num_bytes / 1e6
    return {
        "megabytes": megabytes,
        "start": start,
        "seconds": seconds,
        "rate": megabytes / max(seconds, 1e-3),
        "rate_per_cpu_second": megabytes / max(cpu_seconds, 1e-3),
    }


def _print_row(name: str, rows: dict[str, Any]) -> None:
    row = rows[name]
    ratio = "" if name == "ours" else f"{rows['ours']['rate'] / row['rate']:.1f}x"
    print(f"  {name:<32}{row['megabytes']:>7.1f}{row['start']:>9.2f}{row['seconds']:>9.2f}", end="")
    print(f"{row['rate']:>9.1f}{row['rate_per_cpu_second']:>10.1f}{ratio:>10}")


def _seconds(
    measured: Callable[[Path, Path], None], inputs: Path, out: Path, repetitions: int
) -> tuple[float, float]:
    """Median seconds by the clock, and of CPU in this process and all that it waited for."""
    times, cpu_times = [], []
    for _ in range(repetitions):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        before, cpu_before = time.perf_counter(), _cpu_seconds()
        measured(inputs, out)
        times.append(time.perf_counter() - before)
        cpu_times.append(_cpu_seconds() - cpu_before)
    return statistics.median(times), statistics.median(cpu_times)


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _write_inputs(texts: Sequence[str], folder: Path) -> None:
    """The same texts as our Parquet parts, as Parquet in bracket spelling, and as JSON lines."""
    shutil.rmtree(folder, ignore_errors=True)
    parts = min(len(texts), 2 * WORKERS)
    for number in range(parts):
        rows = [
            DocumentRow(
                f"{_SOURCE}/{index}", _SOURCE, _SOURCE, "train", text, "{}", len(text.encode())
            )
            for index, text in enumerate(texts)
            if index % parts == number
        ]
        write_documents(folder / "documents" / f"part-{number:05d}.parquet", rows)
        table = pa.table(
            {"id": [row.doc_id for row in rows], "text": [reveal(r.text) for r in rows]}
        )
        (folder / "revealed").mkdir(exist_ok=True)
        pq.write_table(
            table, folder / "revealed" / f"part-{number:05d}.parquet", compression="zstd"
        )
    with (folder / "revealed.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"text": reveal(text)}) + "\n" for text in texts)


def _ours(work: Path, tokenizer: Path, num_bytes: int, repetitions: int) -> dict[str, float]:
    """The stages `tokens` and `shards` of a build, on two worker processes that have begun.

    They are begun here and not by `run_stage` because their start-up takes longer than all the
    text does: the difference of two runs would be noise.
    """
    starts, times, cpu_times = [], [], []
    for _ in range(repetitions):
        out = work / "out"
        shutil.rmtree(out, ignore_errors=True)
        context = get_context("spawn")
        begun = context.Barrier(WORKERS)
        before = time.perf_counter()
        with ProcessPoolExecutor(
            WORKERS,
            mp_context=context,
            initializer=_begin,
            initargs=(begun, work / "start" / "documents" / "part-00000.parquet", out, tokenizer),
        ) as pool:
            list(pool.map(os.nice, [0] * WORKERS))
            starts.append(time.perf_counter() - before)
            before, cpu_before = time.perf_counter(), time.process_time()
            in_workers = _tokens_and_shards(work / "whole", out, tokenizer, pool)
            times.append(time.perf_counter() - before)
            cpu_times.append(in_workers + time.process_time() - cpu_before)
    median = statistics.median
    return _rates(num_bytes, median(starts), median(times), median(cpu_times))


def _begin(begun: Barrier, part: Path, out: Path, tokenizer: Path) -> None:
    """Load what every task of this worker needs, then wait until all workers have."""
    target = out / "begin" / f"{os.getpid()}.arrow"
    tokenize_documents(TokensArgument(part, tokenizer, 0, target))
    begun.wait()


def _timed(task: Task) -> float:
    """The CPU seconds of a task."""
    before = time.process_time()
    run_task(task)
    return time.process_time() - before


def _tokens_and_shards(inputs: Path, out: Path, tokenizer: Path, pool: Executor) -> float:
    """Run both stages to a finished shard folder; returns the CPU seconds of their tasks."""
    parts = sorted((inputs / "documents").glob("*.parquet"))
    token_files = tuple(out / "tokens" / f"{part.stem}.arrow" for part in parts)
    tasks = [
        Task(
            "tokens",
            part.stem,
            target.with_suffix(".manifest.json"),
            "",
            tokenize_documents,
            TokensArgument(part, tokenizer, 0, target),
        )
        for part, target in zip(parts, token_files, strict=True)
    ]
    cpu_seconds = sum(pool.map(_timed, tasks))
    made = [read_manifest(task.manifest) for task in tasks]
    num_tokens = sum(manifest.facts["tokens_by_split"]["train"] for manifest in made)
    count = shard_count(num_tokens, -(-num_tokens // _SHARDS))
    vocabulary_size = len(json.loads((tokenizer / "tokenizer.json").read_bytes())["model"]["vocab"])
    folder = out / "shards"
    tasks = [
        Task(
            "shards",
            str(number),
            out / "stages" / f"{number:05d}.manifest.json",
            "",
            write_shard,
            ShardArgument(
                token_files=token_files,
                split="train",
                index=number,
                count=count,
                sources=(_SOURCE,),
                vocabulary_size=vocabulary_size,
                shard=folder / shard_name(number, count),
            ),
        )
        for number in range(count)
    ]
    cpu_seconds += sum(pool.map(_timed, tasks))
    shards = [read_manifest(task.manifest) for task in tasks]
    files = [shard_file(dict(manifest.facts)) for manifest in shards]
    facts = {"shards": finish_shard_folder(folder, files, "train")}
    write_atomically(folder / "manifest.json", Manifest("shards", "", facts=facts).to_json())
    rows = sum(manifest.wrote for manifest in shards)
    if open_shards(folder).num_tokens != num_tokens or rows != sum(m.read for m in made):
        raise SystemExit("the shards do not hold every document of the input")
    return cpu_seconds


def _write_gpt2_folder(tokenizer: Path, folder: Path) -> None:
    """The GPT-2-scheme vocabulary as a folder that transformers opens."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(tokenizer / GPT2_FILE, folder / "tokenizer.json")
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def _megatron(
    options: argparse.Namespace, script: str, tokenizer: Path
) -> Callable[[Path, Path], None] | str:
    """The run of a tool of Megatron-LM, or why there is none."""
    if options.megatron is None or options.peer_python is None:
        return "give --megatron and --peer-python"
    program = options.megatron.resolve() / "tools" / script
    if not program.exists():
        return f"{program} is not there"
    fast = script.endswith("fast.py")

    def measured(inputs: Path, out: Path) -> None:
        arguments = ["--input", str(inputs / "revealed.jsonl"), "--output-prefix", str(out / "out")]
        arguments += ["--tokenizer-type", "HuggingFaceTokenizer", "--append-eod"]
        arguments += ["--tokenizer-model", str(tokenizer.resolve())]
        arguments += ["--use-gigatoken"] if fast else ["--workers", str(WORKERS)]
        _run(options.peer_python, program, *arguments)

    return measured


def _datatrove(options: argparse.Namespace, tokenizer: Path) -> Callable[[Path, Path], None] | str:
    if options.peer_python is None:
        return "give --peer-python"

    def measured(inputs: Path, out: Path) -> None:
        file = tokenizer / "tokenizer.json"
        _run(options.peer_python, _DATATROVE, inputs / "revealed", out, file, WORKERS)

    return measured


def _run(python: Path, program: Path, *arguments: object) -> None:
    environment = {
        **{key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_NUM_THREADS": "1",
        "RAYON_NUM_THREADS": str(WORKERS),
        "CUDA_DEVICE_MAX_CONNECTIONS": "1",
    }
    command = [str(python), str(program), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{program.name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
