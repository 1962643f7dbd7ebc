"""Pages of WET files: their text, what is kept by choice, and what costs one record."""

import bz2
import gzip
import random
from pathlib import Path

import pytest

from corpora.catalogue import load_format
from corpora.commoncrawl import FORMAT, Pages
from corpora.documents import Document, ReadOptions
from pipelines.reading import Refusal, frame_records, read_record
from tests.corpora.test_warc_records import record

URL = "WARC-Target-URI: https://www.example.org/ice"
ENGLISH = "WARC-Identified-Content-Language: eng,deu"
DATE = "WARC-Date: 2024-05-18T01:58:10Z"
PARAGRAPH = (
    "Ice floats on water because its crystal holds the molecules further apart than the liquid."
)


def page(text: str | bytes, *headers: str, length: int | None = None) -> bytes:
    block = text if isinstance(text, bytes) else text.encode()
    return record(block, length, *(headers or (URL, ENGLISH, DATE)))


def read_all(path: Path, **options: object) -> list[Document | Refusal]:
    settings = ReadOptions(source=FORMAT.source_options(options, path.parent))  # type: ignore[arg-type]  # what a recipe may say
    return [
        entry if isinstance(entry, Refusal) else read_record(FORMAT, entry, settings, 20)
        for file in FORMAT.find(path)
        for entry in frame_records(FORMAT, file, file.name, settings)
    ]


def outcomes(folder: Path, content: bytes, **options: object) -> list[str]:
    """The text of each document, or the reason of its refusal."""
    path = folder / "a.warc.wet"
    path.write_bytes(content)
    found = read_all(path, **options)
    return [each.reason if isinstance(each, Refusal) else each.text for each in found]


def test_a_page(tmp_path: Path) -> None:
    info = record(b"operator: nobody\r\n").replace(b"conversion", b"warcinfo")
    path = tmp_path / "crawl-00001.warc.wet.gz"
    path.write_bytes(
        gzip.compress(info)
        + gzip.compress(page(f"Why ice \t floats | Notes\nHome\nContact\n{PARAGRAPH}\nNext\n"))
    )
    dropped, document = read_all(tmp_path)
    assert dropped == Refusal(f"{path.name}: record 1", "not a page: warcinfo", "", False)
    assert document == Document(
        "crawl-00001.warc/2",
        f"# Why ice floats | Notes\n\nHome\nContact\n\n{PARAGRAPH}\n\nNext",
        {
            "title": "Why ice floats | Notes",
            "url": "https://www.example.org/ice",
            "languages": ["eng", "deu"],
            "date": "2024-05-18T01:58:10Z",
        },
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{PARAGRAPH * 3}\nEnd", f"{PARAGRAPH * 3}\n\nEnd"),
        (PARAGRAPH * 3, PARAGRAPH * 3),
        (f"\n \nIce\n\n\n\n{PARAGRAPH}  \r\n{PARAGRAPH}", f"# Ice\n\n{PARAGRAPH}\n\n{PARAGRAPH}"),
        # Preformatted text stays as it is, long lines too.
        ("Code\nfor ice in sea:\n    melt(ice)\n\n" + " " * 8 + PARAGRAPH,
         "# Code\n\nfor ice in sea:\n    melt(ice)\n\n" + " " * 8 + PARAGRAPH),
        ("\ufeffIce\nIt is\ue004 cold\x07.", "# Ice\n\nIt is cold."),
        ("Eis\nÖl – 0 °C, H₂O", "# Eis\n\nÖl – 0 °C, H₂O"),
    ],
)  # fmt: skip
def test_the_text(tmp_path: Path, text: str, expected: str) -> None:
    assert outcomes(tmp_path, page(text)) == [expected]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (page(""), "empty text"),
        (page(" \n\n"), "empty text"),
        (page("Loading...\n"), "nothing but a title"),
        (page("Title\nÖl".encode("latin-1")), "not UTF-8"),
        (page("Title\nWater".encode("utf-16-le")), "not text"),
        (page("T\n" + "\ufffd" * 30), "not text"),
        (page("T\nIce is cold.", length=4), "wrong Content-Length"),
        (page("T\nText").replace(b"conversion", b"transformation"), "broken WARC header"),
        (page("T\nText").replace(b"WARC-Type: conversion\r\n", b""), "broken WARC header"),
        (page("T\nText").replace(b"conversion", b"Response"), "not a page: response"),
        (page("T\nText", "Content-Type: image/png"), "not plain text"),
    ],
)
def test_a_page_that_is_none_costs_itself(tmp_path: Path, content: bytes, reason: str) -> None:
    sound = page("Ice\nIt is cold.")
    text = "# Ice\n\nIt is cold."
    assert outcomes(tmp_path, sound + content + sound) == [text, reason, text]


def test_a_damaged_file_is_told_whatever_record_it_breaks_off_in(tmp_path: Path) -> None:
    sound = gzip.compress(page("Ice\nIt is cold."))
    fetched = record(random.Random(1).randbytes(400_000)).replace(b"conversion", b"response", 1)
    path = tmp_path / "a.wet.gz"
    path.write_bytes(sound + gzip.compress(fetched)[:-200])
    found = [each.reason for each in read_all(path) if isinstance(each, Refusal)]
    assert found == ["not a page: response", "damaged compressed stream"]


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    assert outcomes(tmp_path, content) == ["empty file"]


def test_headers_that_say_nothing_leave_metadata_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.wet.bz2"
    odd = ("WARC-Date: today", "WARC-Identified-Content-Language: English")
    path.write_bytes(bz2.compress(page("T\nText", *odd)))
    (document,) = read_all(path)
    assert isinstance(document, Document)
    assert document.metadata == {"title": "T", "url": None, "languages": [], "date": None}


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/", True),
        ("http://WWW.Example.ORG.:8080/a?b=http://other.com", True),
        ("<https://a.b.example.org>", True),
        ("https://user@example.org/", True),
        ("https://xn--mnchen-3ya.de/", True),
        ("https://badexample.org/", False),
        ("https://example.org.evil.com/", False),
        ("https://evil.com/example.org", False),
        ("https://example.org@evil.com/", False),
        ("https://[::1/", False),
        ("example.org", False),
        ("https://" + "a." * 30000 + "example.org/", False),
    ],
)
def test_hosts(tmp_path: Path, url: str, kept: bool) -> None:
    content = page("Ice\nIt is cold.", f"WARC-Target-URI: {url}")
    found = outcomes(tmp_path, content, hosts=["Example.org", "münchen.de"])
    assert found == (["# Ice\n\nIt is cold."] if kept else ["of another host"])


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        ("eng", "# Ice\n\nIt is cold."),
        ("eng,fra", "# Ice\n\nIt is cold."),
        ("fra,eng", "of another language"),
        (None, "of unknown language"),
    ],
)
def test_languages(tmp_path: Path, header: str | None, outcome: str) -> None:
    headers = [URL] + ([f"WARC-Identified-Content-Language: {header}"] if header else [])
    assert outcomes(tmp_path, page("Ice\nIt is cold.", *headers), languages=["eng"]) == [outcome]


def test_prose(tmp_path: Path) -> None:
    sentences = [
        "Ice is lighter than water.[1][2]",
        "“Why does ice float?”, she asked, and “What of it?”",
        "Was it the salt (or not)?",
        "冰比水轻。",
    ]
    menu = ["Home", "Read more...", "Contact us today!", "Chapter 3: of ice and its many forms"]
    mixed = [line for pair in zip(menu, sentences, strict=True) for line in pair]
    kept = "\n\n".join(sentences)
    assert outcomes(tmp_path, page("Ice\n" + "\n".join(mixed)), prose=True) == [f"# Ice\n\n{kept}"]
    few = page("\n".join(["Ice", *menu, *sentences[:2]]))
    assert outcomes(tmp_path, few, prose=True) == ["too little prose"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hosts": ["https://example.org/ice"]}, "a host is a name such as nature.com"),
        ({"hosts": [""]}, "a host is a name"),
        ({"hosts": ["a..b"]}, "a host is a name"),
        ({"languages": ["en"]}, r"languages\.0"),
        ({"domains": ["example.org"]}, "its options: hosts, languages, prose"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FORMAT.source_options(options, Path())  # type: ignore[arg-type]  # lists are invariant


def test_it_is_in_the_catalogue() -> None:
    assert load_format("commoncrawl") is FORMAT
    assert ReadOptions().own(Pages) == Pages(hosts=(), languages=(), prose=False)
