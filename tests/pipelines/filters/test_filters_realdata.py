"""What the filters say of real documents: the good ones stay, and bad ones among them go."""

import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from corpora.catalogue import load_format
from corpora.documents import Document, ReadOptions
from pipelines.filters.decisions import reason_against
from pipelines.filters.lists import MetadataList
from pipelines.filters.scores import Scores
from pipelines.filters.settings import FilterSettings
from pipelines.reading import frame_records, read_record
from tests.pipelines.filters.measured_parts import scores
from tokenization.marked_text import clean

_ROOT = os.environ.get("REALDATA")
_PROSE = ("jats", "latex", "mediawiki", "openstax", "pubmed", "s2orc", "tei")
_KNOWLEDGE = ("fasta", "genbank", "moleculenet", "oeis", "pubchem", "uniprot")
_PAGE = Path(__file__).resolve().parents[3] / "docs" / "filters.md"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(_ROOT is None, reason="REALDATA does not name a folder of real files"),
]

_BAD = {
    "empty": "\n \u200b\n",
    "bytes of a picture": clean(bytes(range(256)).decode("latin-1") * 20 + "\ufffd" * 5000),
    "one line again and again": "Access to this page is denied.\n" * 60,
}
_GERMAN = (
    "Die Temperaturabhängigkeit der Viskosität wurde mit einem neuen Verfahren gemessen. "
    "Die Ergebnisse zeigen, dass die Viskosität mit steigender Temperatur deutlich abnimmt.\n\n"
    "Dies stimmt mit den früheren Berechnungen überein, die auf der Theorie beruhen."
)


def _documents(name: str) -> Iterator[Document]:
    assert _ROOT is not None
    reader, options = load_format(name), ReadOptions()
    for path in reader.find(Path(_ROOT) / name):
        for record in frame_records(reader, path, path.name, options):
            read = read_record(reader, record, options, 60) if hasattr(record, "payload") else None
            if isinstance(read, Document):
                yield read


@cache
def _measured(name: str) -> list[tuple[str, dict[str, Any], Scores]]:
    return [
        (each.record_id, dict(each.metadata), scores(each.text, "language", "quality"))
        for each in _documents(name)
    ]


def _dropped(name: str, settings: FilterSettings) -> dict[str, str]:
    lists = [MetadataList.of(key, each) for key, each in settings.lists.items()]
    thresholds = tuple(settings.thresholds())
    found = (
        (record, reason_against(measured, metadata, settings, thresholds, lists))
        for record, metadata, measured in _measured(name)
    )
    return {record: reason for record, reason in found if reason is not None}


def _of_the_page() -> FilterSettings:
    """The filters for prose that the documentation recommends."""
    block = _PAGE.read_text("utf-8").split("<!-- prose -->")[1].split("```")[1]
    return FilterSettings.model_validate(yaml.safe_load(block.removeprefix("yaml"))["filters"])


@pytest.mark.parametrize("name", [*_PROSE, *_KNOWLEDGE])
def test_the_defaults_drop_no_good_document(name: str) -> None:
    dropped = _dropped(name, FilterSettings())
    print(f"{name}: {len(_measured(name))} documents, dropped: {dropped}")
    assert _measured(name)
    assert not dropped


@pytest.mark.parametrize("name", _PROSE)
def test_the_filters_for_prose_drop_no_good_paper(name: str) -> None:
    dropped = _dropped(name, _of_the_page())
    print(f"{name}: {len(_measured(name))} documents, dropped: {dropped}")
    assert not dropped


def test_bad_documents_go() -> None:
    for name, text in _BAD.items():
        settings = FilterSettings()
        measured = scores(text, "language", "quality")
        reason = reason_against(measured, {}, settings, tuple(settings.thresholds()), [])
        print(f"{name}: {reason}")
        assert reason is not None, name


def test_a_translated_paper_goes_by_the_filters_for_prose() -> None:
    settings = _of_the_page()
    thresholds = tuple(settings.thresholds())
    for text, expected in ((_GERMAN, "language"), ("Words. " * 5, "too short")):
        measured = scores(text, "language", "quality")
        assert reason_against(measured, {}, settings, thresholds, []) == expected


def test_the_languages_of_all_prose() -> None:
    """Every paper, abstract and article of the shared files is in English."""
    for name in (*_PROSE, "gsm8k"):
        if not (Path(str(_ROOT)) / name).is_dir():
            continue
        languages = Counter(measured.get("language", "?") for _, _, measured in _measured(name))
        print(f"{name}: {dict(languages)}")
        assert set(languages) == {"en"}
