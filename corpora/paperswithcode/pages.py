"""The pages of Papers with Code as documents: papers, methods, data sets, tasks, and code."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from corpora.citations import span
from corpora.documents import (
    JSON,
    Citation,
    Document,
    ReadOptions,
    RecordDropped,
    RecordUnreadable,
)
from corpora.english_lists import listed
from corpora.paperswithcode.text import description_blocks, tex_line
from corpora.paperswithcode.works import Fields, mapping, string, strings, work, year_of
from corpora.seeded_choices import chance

#: As the paper's reference sources pose some of their sections.
QUESTION_PROBABILITY: Final = 1 / 3
Reader = Callable[[str, Fields, ReadOptions, Counter[str]], Document]
_MOST_BENCHMARKS: Final = 20
_MOST_RESULTS: Final = 10
_MOST_NAMES: Final = 30
_FRAMEWORKS: Final = {
    "pytorch": "PyTorch", "tf": "TensorFlow", "jax": "JAX", "mxnet": "MXNet", "keras": "Keras",
    "paddle": "PaddlePaddle", "mindspore": "MindSpore", "torch": "Torch", "caffe2": "Caffe2",
    "pytorch lightning": "PyTorch Lightning", "chainer": "Chainer", "cntk": "CNTK",
}  # fmt: skip
#: What stands where nobody wrote anything.
_EMPTY: Final = re.compile(
    r"(?:no description|tbd|todo|n/?a|none|-)\W*|please enter a description.*",
    re.IGNORECASE | re.DOTALL,
)


def paper(record_id: str, fields: Fields, options: ReadOptions, cleaned: Counter[str]) -> Document:
    """A paper of `papers-with-abstracts`: title, authors, abstract, its tasks and methods.

    Raises RecordDropped where it has no abstract, RecordUnreadable where it has no title.
    """
    title = tex_line(string(fields.get("title")), options, cleaned)
    if not title:
        raise RecordUnreadable("no title", record_id)
    abstract = tex_line(string(fields.get("abstract")), options, cleaned)
    if not abstract:
        raise RecordDropped("no abstract")
    blocks = [f"Title: {title}"]
    authors = strings(fields.get("authors"))
    blocks += [f"Authors: {', '.join(authors)}"] if authors else []
    blocks += ["# Abstract", abstract]
    tasks, methods = strings(fields.get("tasks")), strings(fields.get("methods"), "name")
    sentences = []
    if tasks:
        sentences.append(f"The paper is about {listed(tasks[:_MOST_NAMES])}.")
    if methods:
        sentences.append(f"Its methods include {listed(methods[:_MOST_NAMES])}.")
    if sentences:
        blocks += ["## Tasks and Methods", " ".join(sentences)]
    metadata: dict[str, JSON] = {
        "title": string(fields.get("title")),
        "arxiv": string(fields.get("arxiv_id")) or None,
        "date": string(fields.get("date")) or None,
        "tasks": list(tasks),
    }
    return Document(record_id, "\n\n".join(blocks), metadata, cleaned=cleaned)


def method(record_id: str, fields: Fields, options: ReadOptions, cleaned: Counter[str]) -> Document:
    """A method: what it is, who introduced it, and the collections that it is in."""
    blocks, works = _described(record_id, fields, options, cleaned)
    source = mapping(fields.get("paper"))
    introduced = _introduced(
        work(source.get("title") or fields.get("source_title"),
             source.get("url") or fields.get("source_url"), fields.get("introduced_year")),
        year_of(fields.get("introduced_year")),
        works,
    )  # fmt: skip
    collections = []
    found = fields.get("collections")
    for entry in found if isinstance(found, list) else [fields.get("main_collection")]:
        collection = mapping(entry)
        named = collection.get("collection") or collection.get("name") or entry
        name = string(named)
        area = string(collection.get("area"))
        if name:
            collections.append(f"{name} ({area})" if area else name)
    listing = f"Papers with Code lists it under {listed(collections)}." if collections else ""
    return _finished(record_id, fields, blocks, [introduced, listing], works, cleaned)


def dataset(
    record_id: str, fields: Fields, options: ReadOptions, cleaned: Counter[str]
) -> Document:
    """A data set: what it holds, who introduced it, what it is used for."""
    blocks, works = _described(record_id, fields, options, cleaned)
    source = mapping(fields.get("paper"))
    date = fields.get("introduced_date")
    introduced = _introduced(
        work(source.get("title"), source.get("url"), date), year_of(date), works
    )
    sentences = [introduced]
    for key, one, many in (
        ("modalities", "Its modality is {}.", "Its modalities are {}."),
        ("languages", "Its language is {}.", "Its languages are {}."),
        ("tasks", "It is used for {}.", "It is used for {}."),
        ("variants", "Its variant is {}.", "Its variants are {}."),
    ):
        names = strings(fields.get(key), "task")[:_MOST_NAMES]
        if key == "modalities":
            # `Images`, but `RGB-D` and `fMRI`.
            names = [name.lower() if name[1:].islower() else name for name in names]
        if names:
            sentences.append((many if len(names) > 1 else one).format(listed(names)))
    licence = string(fields.get("license_name"))
    sentences += [f"Its licence is {licence}."] if licence else []
    homepage = string(fields.get("homepage"))
    sentences += [f"Its homepage is {homepage}."] if homepage.startswith("http") else []
    return _finished(record_id, fields, blocks, sentences, works, cleaned)


def _described(
    record_id: str, fields: Fields, options: ReadOptions, cleaned: Counter[str]
) -> tuple[list[str], list[Citation]]:
    """The heading and the description of a page, the latter now and then as an answer."""
    name, full_name = string(fields.get("name")), string(fields.get("full_name"))
    name = name or string(fields.get("task"))
    if not name and not full_name:
        raise RecordUnreadable("no name", record_id)
    same = not full_name or full_name.casefold() == name.casefold()
    heading = name if same else (f"{full_name} ({name})" if name else full_name)
    written = fields.get("description")
    description = description_blocks(written if isinstance(written, str) else "", options, cleaned)
    if description and _EMPTY.fullmatch(description[0]):
        description = []
    blocks = [f"# {heading}"]
    asked = chance(options.seed, record_id, "paperswithcode: question") < QUESTION_PROBABILITY
    if description and asked:
        blocks.append(f"Question: What is {full_name or name}?")
        # A list or a heading begins on a line of its own.
        if description[0].startswith(("- ", "#", "1")):
            description.insert(0, "Answer:")
        else:
            description[0] = f"Answer: {description[0]}"
    return [*blocks, *description], []


def _introduced(source: Citation | None, year: str | None, works: list[Citation]) -> str:
    when = f" in {year}" if year else ""
    if source is not None:
        works.append(source)
        return f"It was introduced{when} by {span(source)}."
    return f"It was introduced{when}." if when else ""


def _finished(
    record_id: str,
    fields: Fields,
    blocks: list[str],
    sentences: list[str],
    works: list[Citation],
    cleaned: Counter[str],
) -> Document:
    told = " ".join(sentence for sentence in sentences if sentence)
    if told:
        blocks.append(told)
    if len(blocks) == 1:
        raise RecordDropped("a name and nothing else")
    metadata: dict[str, JSON] = {
        "name": string(fields.get("name")) or string(fields.get("task")),
        "url": string(fields.get("url")) or None,
    }
    return Document(record_id, "\n\n".join(blocks), metadata, tuple(works), cleaned)


def task(record_id: str, fields: Fields, options: ReadOptions, cleaned: Counter[str]) -> Document:
    """A task: what it is, its subtasks, and results on its benchmarks with the papers of each."""
    blocks, works = _described(record_id, fields, options, cleaned)
    areas = strings(fields.get("categories"))
    sentences = [f"It belongs to {listed(areas)}."] if areas else []
    synonyms = strings(fields.get("synonyms"))
    sentences += [f"It is also called {listed(synonyms)}."] if synonyms else []
    subtasks = strings(fields.get("subtasks"), "task")
    if subtasks:
        kinds = "Its subtasks are" if len(subtasks) > 1 else "Its subtask is"
        sentences.append(f"{kinds} {listed(subtasks[:_MOST_NAMES])}.")
    if sentences:
        blocks.append(" ".join(sentences))
    benchmarks = [
        benchmark
        for entry in _entries(fields.get("datasets"))[:_MOST_BENCHMARKS]
        if (benchmark := _benchmark(mapping(entry), works))
    ]
    if benchmarks:
        blocks += ["## Results", *benchmarks]
    return _finished(record_id, fields, blocks, [], works, cleaned)


def _benchmark(fields: Fields, works: list[Citation]) -> str:
    name = string(fields.get("dataset")) or string(fields.get("name"))
    sota = mapping(fields.get("sota"))
    if not name:
        return ""
    order = strings(sota.get("metrics"))
    lines = []
    for entry in _entries(sota.get("rows"))[:_MOST_RESULTS]:
        row = mapping(entry)
        model = string(row.get("model_name"))
        measured = mapping(row.get("metrics"))
        values = [
            f"{metric} {value}"
            for metric in [*order, *(key for key in measured if key not in order)]
            if (value := _value(measured.get(metric)))
        ]
        if not model or not values:
            continue
        source = work(row.get("paper_title"), row.get("paper_url"), row.get("paper_date"))
        cited = ""
        if source is not None:
            works.append(source)
            cited = f" {span(source)}"
        lines.append(f"- {model}{cited}: {', '.join(values)}")
    if not lines:
        return ""
    return "\n".join([f"Models on {name} and what they reach:", *lines])


def _value(value: JSON) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    return string(value) if isinstance(value, str) else str(value)[:40]


def _entries(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def code(record_id: str, rows: list[Fields], cleaned: Counter[str]) -> Document:
    """The repositories of one paper, from rows of `links-between-papers-and-code`."""
    first = rows[0]
    source = work(first.get("paper_title"), first.get("paper_url_abs"))
    if source is None:
        raise RecordUnreadable("no title", record_id)
    lines = []
    for row in rows:
        repository = string(row.get("repo_url"))
        if not repository:
            continue
        framework = string(row.get("framework")).lower()
        remarks = [_FRAMEWORKS.get(framework, framework)] if framework != "none" else []
        remarks += ["official"] if row.get("is_official") is True else []
        shown = ", ".join(remark for remark in remarks if remark)
        lines.append(f"- {repository}" + (f" ({shown})" if shown else ""))
    if not lines:
        raise RecordUnreadable("no repository", record_id)
    kinds = "These repositories implement" if len(lines) > 1 else "This repository implements"
    blocks = [
        f"# Code for {source.title}",
        f"{kinds} {span(source)}:",
        "\n".join(dict.fromkeys(lines)),
    ]
    arxiv = string(first.get("paper_arxiv_id")) or source.arxiv
    metadata: dict[str, JSON] = {
        "name": source.title,
        "arxiv": arxiv,
        "num_repositories": len(lines),
    }
    return Document(record_id, "\n\n".join(blocks), metadata, (source,), cleaned)
