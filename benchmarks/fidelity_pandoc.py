"""pandoc beside the readers of LaTeX and JATS: its text as the reference, its speed as the peer.

Its speed is measured twice: its CPU time for Markdown without its start, which is what its reader
and writer take; and as users run it, a process a paper, plain text, by the clock.
"""

import json
import resource
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fidelity_latex_source import entries_of
from fidelity_sources import Source, article_alone, raw_parts
from fidelity_text import skeleton
from lxml import etree

from corpora.documents import Record, RecordUnreadable
from corpora.latex import open_project

READS: Final = ("latex", "jats")
#: The peer's two names in the table.
BY_CPU: Final = "pandoc"
AS_RUN: Final = "pandoc as users run it"
#: Of ours and of pandoc the least is taken: a shared machine can only add to it.
REPETITIONS: Final = 3
_SECONDS: Final = 120
#: A JATS file as it is, for its speed; without letters, identifiers and declarations, for its text.
_WHOLE: Final = "whole.xml"
_PRUNED: Final = "article.xml"


def available() -> bool:
    """Whether the program pandoc is there."""
    return shutil.which("pandoc") is not None


@dataclass(slots=True)
class PandocRun:
    """What pandoc made of a record; `fault` says why there is nothing."""

    source: Source = field(default_factory=Source)
    cpu_seconds: float = 0.0
    clock_seconds: float = 0.0
    fault: str | None = None


def run_pandoc(format_name: str, record: Record) -> PandocRun:
    """pandoc's reading of a record: its words once, and its conversion timed in both ways."""
    try:
        with _input(format_name, record) as (folder, name):
            read = _PRUNED if format_name == "jats" else name
            parsed, _ = _pandoc(format_name, folder, read, "json")
            seconds, clock_seconds = _timed(format_name, folder, name)
            tree = json.loads(parsed)
            titled = entries_of(open_project(record))[0] if format_name == "latex" else None
            source = _source(tree, titled)
    except RecordUnreadable as error:
        return PandocRun(fault=f"not given to pandoc: {error.reason}")
    except subprocess.TimeoutExpired:
        return PandocRun(fault=f"pandoc took more than {_SECONDS} s")
    except (OSError, ValueError, RecursionError, etree.LxmlError) as error:
        return PandocRun(fault=f"pandoc fails: {' '.join(str(error).split())[:160]}")
    return PandocRun(source, seconds, clock_seconds)


def _timed(format_name: str, folder: Path, name: str) -> tuple[float, float]:
    """CPU seconds to Markdown, and seconds by the clock to plain text: the least of some runs."""
    cpu_seconds, clock_seconds = [], []
    for _ in range(REPETITIONS):
        cpu_seconds.append(_pandoc(format_name, folder, name, "markdown")[1])
        before = time.perf_counter()
        _pandoc(format_name, folder, name, "plain")
        clock_seconds.append(time.perf_counter() - before)
    return min(cpu_seconds), min(clock_seconds)


def start_up_seconds(format_name: str) -> float:
    """CPU seconds of pandoc for next to nothing, which is no part of its speed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "empty").write_text("<article/>" if format_name == "jats" else "a")
        return min(
            _pandoc(format_name, Path(folder), "empty", "markdown")[1] for _ in range(REPETITIONS)
        )


@contextmanager
def _input(format_name: str, record: Record) -> Iterator[tuple[Path, str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if format_name == "latex":
            # By the reader's own loader: no link and no path leaves the folder.
            project = open_project(record)
            main = project.main
            for path, data in project.files.items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            yield (folder / main).parent, Path(main).name
        else:
            raw = max(raw_parts(record.payload), key=len)
            (folder / _WHOLE).write_bytes(raw.encode() if isinstance(raw, str) else raw)
            (folder / _PRUNED).write_bytes(article_alone(record))
            yield folder, _WHOLE


def _pandoc(format_name: str, folder: Path, name: str, output: str) -> tuple[bytes, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["pandoc", "-f", format_name, "-t", output, "--wrap=none", name],
        cwd=folder, capture_output=True, timeout=_SECONDS, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise ValueError(done.stderr.decode("utf-8", "replace")[-300:])
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, spent


#: Not words of the text: citations and formulas are compared by themselves.
_SKIPPED: Final = frozenset(("Cite", "Math", "RawInline", "RawBlock"))
_REFERENCE_LISTS: Final = frozenset(("references", "thebibliography"))
_BREAKS: Final = frozenset(("Space", "SoftBreak", "LineBreak"))
_INLINE: Final = frozenset(
    ("Str", "Emph", "Strong", "Superscript", "Subscript", "SmallCaps", "Strikeout", "Underline",
     "Link", "Span", "Quoted", "Code")
)  # fmt: skip


def _source(tree: dict[str, Any], titled: set[str] | None) -> Source:
    parts: list[str] = []
    formulas: list[Counter[str]] = []
    cited: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                walk(each)
            return
        if not isinstance(node, dict) or "t" not in node:
            return
        kind, content = node["t"], node.get("c")
        if kind == "Math":
            formulas.append(skeleton(content[1]))
        if kind == "Cite":
            cited.extend(each["citationId"] for each in content[0])
        if kind in _BREAKS or kind not in _INLINE:
            parts.append(" ")
        if kind in _SKIPPED or kind in _BREAKS:
            return
        if kind == "Str":
            parts.append(content)
        elif kind in ("Code", "CodeBlock"):
            parts.append(content[1])
        elif kind == "Link" and dict(content[0][2]).get("reference-type"):
            return  # the number of an equation, which pandoc does not know
        elif kind == "Div" and not _REFERENCE_LISTS.isdisjoint(content[0][1]):
            return
        else:
            walk(content)
        if kind not in _INLINE:
            parts.append(" ")

    meta = tree["meta"]
    for name in ("title", "subtitle", "abstract"):
        walk(meta[name]["c"] if name in meta else [])
        parts.append(" ")
    walk(tree["blocks"])
    count = None if titled is None else sum(key in titled for key in cited)
    return Source({"pandoc": "".join(parts)}, count, formulas)
