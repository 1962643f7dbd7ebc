"""docs/sources.md: its formats are the catalogue's, its examples what the readers give."""

import re
from pathlib import Path

import yaml

from corpora.catalogue import READERS, load_format

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
GOLDEN = Path(__file__).parent / "golden"
#: Any table that a user has; no source of the paper is one.
OF_NO_SOURCE = {"huggingface"}


def test_the_page_names_every_reader() -> None:
    tables = PAGE.read_text("utf-8").partition("## Options of the formats")[0]
    lines = [line for line in tables.splitlines() if line.startswith("|") and "---" not in line]
    cells = [line.rstrip(" |").rpartition("|")[2] for line in lines]
    named = {name for cell in cells for name in re.findall(r"`([a-z0-9]+)`", cell)}
    assert named == READERS.keys() - OF_NO_SOURCE


def test_the_page_has_every_option_of_every_format_with_its_default() -> None:
    table = PAGE.read_text("utf-8").partition("## Options of the formats\n")[2]
    rows = re.findall(r"^\|(.*?)\|(.*?)\|(.*?)\|", table.partition("\n## ")[0], re.MULTILINE)
    shown: dict[str, dict[str, str]] = {}
    formats: list[str] = []
    for first, options, default in rows[2:]:
        formats = re.findall(r"`(\w+)`", first) or formats
        for name in formats:
            shown.setdefault(name, {}).update(
                dict.fromkeys(re.findall(r"`(\w+)`", options), default.strip())
            )
    models = {name: load_format(name).options for name in READERS}
    fields = {name: model.model_fields for name, model in models.items() if model is not None}
    assert {name: set(named) for name, named in shown.items()} == {
        name: set(named) for name, named in fields.items() if named
    }
    for name, named in shown.items():
        for option, default in named.items():
            own = fields[name][option].default
            said = yaml.safe_load(default.strip("`")) if default.startswith("`") else None
            assert own == said or (own in (None, ()) and (said is None or name == "moleculenet"))


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
