"""CONTRIBUTING.md: the reader that it shows is one, and keeps what the page asks of readers."""

import gzip
import re
import runpy
import zipfile
from pathlib import Path
from typing import Any

import pytest

from corpora.catalogue import READERS
from corpora.documents import Document, Format, ReadOptions
from pipelines.reading import Refusal, frame_records, read_record

PAGE = Path(__file__).parents[1] / "CONTRIBUTING.md"
LINES = b"Izar;K0;62\nno star\n61 Cygni;K5;3.5\n"
IZAR = "# Izar\n\nIzar is a star of class K0, 62 parsecs away."
CYGNI = "# 61 Cygni\n\n61 Cygni is a star of class K5, 3.5 parsecs away."


@pytest.fixture
def stars(tmp_path: Path) -> Format:
    """The format of the page's first block of Python."""
    block = re.search(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert block is not None
    module = tmp_path / "your_format.py"
    module.write_text(block[1], "utf-8")
    found: Format = runpy.run_path(str(module))["FORMAT"]
    return found


def outcomes(stars: Format, path: Path, **given: Any) -> list[str]:
    options = ReadOptions(source=stars.source_options(given, path.parent))
    found = []
    for file in stars.find(path):
        for entry in frame_records(stars, file, file.name, options):
            outcome = (
                entry if isinstance(entry, Refusal) else read_record(stars, entry, options, 20)
            )
            found.append(outcome.text if isinstance(outcome, Document) else outcome.reason)
    return found


def test_the_reader_of_the_page(stars: Format, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(LINES)
    assert outcomes(stars, tmp_path) == [IZAR, "not three fields", CYGNI]
    kept = outcomes(stars, tmp_path, classes=["K5"])
    assert kept == ["of another class", "not three fields", CYGNI]
    with pytest.raises(ValueError, match="its options: classes"):
        stars.source_options({"class": "K5"}, tmp_path)


def test_compressed_and_packed(stars: Format, tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(LINES))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("c.csv", LINES)
    assert outcomes(stars, tmp_path) == [IZAR, "not three fields", CYGNI] * 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty file"), (b"a" * (3 << 20), "line too long"), (b"\xff;G2;1\n", "not UTF-8")],
)
def test_files_that_are_none(stars: Format, tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert outcomes(stars, tmp_path) == [reason]


def test_every_place_that_the_page_names_is_there() -> None:
    text = PAGE.read_text("utf-8")
    root = PAGE.parent
    paths = set(re.findall(r"`((?:corpora|tests|docs)/[\w/]+\.(?:py|md))`", text))
    missing = {path for path in paths if not (root / path).is_file()}
    assert missing == {"corpora/your_format.py", "tests/corpora/test_your_format.py"}
    assert "stars" not in READERS
