"""docs/sources.md: its formats are the catalogue's, its examples what the readers give."""

import re
from pathlib import Path

from corpora.catalogue import READERS

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
GOLDEN = Path(__file__).parent / "golden"
#: Any table that a user has; no source of the paper is one.
OF_NO_SOURCE = {"huggingface"}


def test_the_page_names_every_reader() -> None:
    tables = PAGE.read_text("utf-8").partition("## What the documents look like")[0]
    lines = [line for line in tables.splitlines() if line.startswith("|") and "---" not in line]
    cells = [line.rstrip(" |").rpartition("|")[2] for line in lines]
    named = {name for cell in cells for name in re.findall(r"`([a-z0-9]+)`", cell)}
    assert named == READERS.keys() - OF_NO_SOURCE


def test_each_example_is_what_the_reader_gives() -> None:
    sections = re.split(r"^### `([a-z0-9]+)`$", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    examples = dict(zip(sections[1::2], sections[2::2], strict=True))
    assert examples.keys() == READERS.keys() - {"parquet", "huggingface"}
    for name, section in examples.items():
        _, _, example = section.partition("````text\n")
        example, closing, _ = example.partition("\n````\n")
        assert closing, name
        expected = (GOLDEN / f"{name}.expected.md").read_text("utf-8")
        place = 0
        for passage in re.split(r"\n\.\.\.(?:\n|$)", example):
            place = expected.find(passage.strip("\n"), place)
            assert place >= 0, f"{name}: not in its golden document: {passage!r}"


def test_the_readme_names_every_reader() -> None:
    readme = (PAGE.parent.parent / "README.md").read_text("utf-8")
    section = readme.partition("- **`corpora`**")[2].partition("- **`pipelines`**")[0]
    quoted = " ".join(re.findall(r"`([a-z0-9\s]+)`", section)).split()
    assert sorted(quoted) == sorted(READERS)
