"""Posts.xml: threads in any order of posts, compressed inputs, broken rows, drops with reasons."""

import bz2
import gzip
import lzma
import os
import random
import re
import zipfile
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.documents import Document, ReadOptions, RecordDropped, RecordUnreadable
from corpora.stackexchange import FORMAT
from corpora.stackexchange.rows import MAX_ROW_BYTES, attributes_of, cut_rows
from tokenization.markers import pairing_fault, reveal

PAPER = ReadOptions(latex_markers=False)


def row(**fields: object) -> str:
    return (
        f"<row {' '.join(f'{name}={quoteattr(str(value))}' for name, value in fields.items())} />"
    )


def question(id_: int, **fields: object) -> str:
    given_ = {"Title": f"Title {id_}", "Body": f"<p>Asked {id_}</p>", "Score": 1} | fields
    return row(Id=id_, PostTypeId=1, **given_)


def answer(id_: int, parent: int, score: int, **fields: object) -> str:
    return row(Id=id_, PostTypeId=2, ParentId=parent, Score=score, Body=f"<p>A{id_}</p>", **fields)


def dump(*rows: str) -> bytes:
    lines = "\n".join(f"  {one}" for one in rows)
    return f'\ufeff<?xml version="1.0" encoding="utf-8"?>\n<posts>\n{lines}\n</posts>'.encode()


def read(path: Path, options: ReadOptions = PAPER) -> tuple[list[Document], Counter[str]]:
    documents: list[Document] = []
    refused: Counter[str] = Counter()
    try:
        for record in FORMAT.records(path, options):
            try:
                documents.append(FORMAT.read(record, options))
            except (RecordDropped, RecordUnreadable) as error:
                refused[error.reason] += 1
    except RecordUnreadable as error:
        refused[f"file: {error.reason}"] += 1
    return documents, refused


def written(folder: Path, content: bytes, name: str = "Posts.xml") -> Path:
    path = folder / "physics.stackexchange.com" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


THREAD = [
    question(
        1,
        Title="Why is $E = mc^2$?",
        AcceptedAnswerId=4,
        Tags="<relativity><energy>",
        CreationDate="2014-05-01T00:00:00.000",
        ContentLicense="CC BY-SA 3.0",
        Body="<p>It costs $5 and I ask about $$E = mc^2$$.</p>\n"
        "<pre><code>x = '$y$'\n</code></pre>",
    ),
    answer(2, 1, 7),
    answer(3, 1, 9),
    answer(4, 1, 0),
    answer(5, 1, 7),
    answer(6, 1, -2),
    answer(7, 1, 1),
]


def test_macros_hold_for_the_page(tmp_path: Path) -> None:
    asked = r"<p>$\newcommand{\ket}[1]{|#1\rangle}$So $$\ket{0}$$ is?</p>"
    told = row(Id=2, PostTypeId=2, ParentId=1, Score=1, Body=r"<p>It is $\ket 1$: `\ket`.</p>")
    (document,), _ = read(written(tmp_path, dump(question(1, Body=asked), told)))
    assert reveal(document.text).split("\n\n")[1:] == [
        "Question: So", r"\[|0\rangle\]", "is?", r"Answer: It is \(|1\rangle\): `\ket`.",
    ]  # fmt: skip


def test_the_text_of_a_thread(tmp_path: Path) -> None:
    (document,), refused = read(written(tmp_path, dump(*THREAD)))
    assert not refused
    assert reveal(document.text) == (
        "# Why is \\(E = mc^2\\)?\n\n"
        "Question: It costs $5 and I ask about\n\n"
        "\\[E = mc^2\\].\n\n"
        "```\nx = '$y$'\n```\n\n"
        "Answer: A4\n\nAnswer: A3\n\nAnswer: A2\n\nAnswer: A5"
    )
    assert document.record_id == "physics.stackexchange.com/1"
    assert document.metadata == {
        "title": "Why is $E = mc^2$?",
        "site": "physics.stackexchange.com",
        "question_id": "1",
        "answer_ids": ["4", "3", "2", "5"],
        "accepted": True,
        "num_answers": 6,
        "score": "1",
        "tags": ["relativity", "energy"],
        "year": "2014",
        "licence": "CC BY-SA 3.0",
    }


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    (expected,), _ = read(written(tmp_path, dump(*THREAD)))
    shuffled = THREAD * 1
    for seed in range(5):
        random.Random(seed).shuffle(shuffled)
        assert read(written(tmp_path, dump(*shuffled)))[0] == [expected]


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    rows = [
        question(1, ClosedDate="2014-05-01T00:00:00.000"), answer(11, 1, 3),
        question(2, Score=-1), answer(12, 2, 3),
        question(3),
        question(4), answer(14, 4, 0),
        question(5), answer(15, 5, 0), answer(16, 5, 1),
        row(Id=6, PostTypeId=5, Body="a wiki"),
        question(7, Body="", Title=""), row(Id=17, PostTypeId=2, ParentId=7, Score=2, Body=" "),
    ]  # fmt: skip
    documents, refused = read(written(tmp_path, dump(*rows)))
    assert [document.metadata["answer_ids"] for document in documents] == [["16"]]
    assert refused == {
        "closed question": 1,
        "question of negative score": 1,
        "question without an answer": 1,
        "no answer of positive score": 1,
        "neither question nor answer": 1,
        "no text": 1,
    }


def test_a_broken_row_costs_itself_only(tmp_path: Path) -> None:
    rows = [
        '<row Id="8" PostTypeId="1" Body="never closed',
        '<row Id="x" PostTypeId="1" />',
        '<row PostTypeId="1" Id="99999999999999999999" />',
        '<row Id="9" PostTypeId="1" Body="&undefined;" />',
        "<row>",
        *THREAD,
        question(1),
        f'<row Id="10" PostTypeId="1" Body="{"x" * (MAX_ROW_BYTES + 10)}" />',
        question(20),
        answer(21, 20, 1),
    ]
    documents, refused = read(written(tmp_path, dump(*rows)))
    assert [document.metadata["question_id"] for document in documents] == ["1", "20"]
    assert refused == {"broken row": 6, "row too long": 1}


def test_rows_in_comments_and_after_the_end_are_none(tmp_path: Path) -> None:
    content = dump(f"<!-- {question(7)} < -->", *THREAD)
    documents, refused = read(written(tmp_path, content))
    assert len(documents) == 1
    assert not refused


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"   \n", "not a Posts.xml"),
        (b"<users><row Id='1'/></users>", "not a Posts.xml"),
        (b"\x00\xff\xfe garbage", "not a Posts.xml"),
        ('<?xml version="1.0"?><posts></posts>'.encode("utf-16"), "not a Posts.xml"),
        (b"< posts>", "not a Posts.xml"),
        (b"<posts>", "file ends early"),
        (gzip.compress(dump(*THREAD))[:-9], "damaged compressed stream"),
        (b"7z\xbc\xaf\x27\x1c garbage", "broken 7z"),
        (b"PK\x03\x04 garbage", "damaged compressed stream"),
    ],
)
def test_a_file_that_is_no_dump(tmp_path: Path, content: bytes, reason: str) -> None:
    documents, refused = read(written(tmp_path, content))
    assert not documents
    assert list(refused) == [f"file: {reason}"]


def test_a_cut_file_gives_what_it_holds(tmp_path: Path) -> None:
    content = dump(*THREAD, *(question(k) + answer(k + 1, k, 1) for k in range(100, 200, 2)))
    documents, refused = read(written(tmp_path, content[:-1000]))
    assert 40 < len(documents) < 50
    assert refused["file: file ends early"] == 1


def seven_zip(path: Path, members: dict[str, bytes]) -> None:
    py7zr = pytest.importorskip("py7zr")
    with py7zr.SevenZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(content, name)


def test_compressed_inputs_give_the_same_text(tmp_path: Path) -> None:
    content = dump(*THREAD)
    (expected,), _ = read(written(tmp_path, content))
    for name, compress in {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}.items():
        documents, refused = read(written(tmp_path, compress(content), f"Posts.xml.{name}"))
        assert (documents, refused) == ([expected], Counter())
    archive = tmp_path / "physics.stackexchange.com.7z"
    seven_zip(archive, {"Badges.xml": b"<badges/>" * 99, "Posts.xml": content, "Tags.xml": b"-"})
    assert read(archive) == ([expected], Counter())
    packed = tmp_path / "physics.stackexchange.com.zip"
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("Users.xml", "<users/>")
        opened.writestr("Posts.xml", content)
    assert read(packed) == ([expected], Counter())


def test_a_damaged_seven_zip_gives_no_garbage(tmp_path: Path) -> None:
    archive = tmp_path / "a.7z"
    rows = [question(k) + answer(k + 1, k, 1) for k in range(0, 20_000, 2)]
    seven_zip(archive, {"Posts.xml": dump(*rows)})
    sound = archive.read_bytes()
    for position in range(40, len(sound), len(sound) // 20):
        archive.write_bytes(
            sound[:position] + bytes([sound[position] ^ 255]) + sound[position + 1 :]
        )
        documents, refused = read(archive)
        assert len(documents) in (0, 10_000)
        assert documents or any(reason.startswith("file: ") for reason in refused)


def test_a_seven_zip_of_ppmd_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    py7zr = pytest.importorskip("py7zr")
    method = {"id": py7zr.FILTER_PPMD, "order": 6, "mem": 20}
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w", filters=[method]) as archive:
        archive.writestr(dump(*THREAD), "Posts.xml")
    assert read(tmp_path / "a.7z") == ([], Counter({"file: 7z of another method": 1}))


def test_a_reader_that_stops_early_leaves_no_thread(tmp_path: Path) -> None:
    archive = tmp_path / "a.7z"
    seven_zip(archive, {"Posts.xml": dump(row(Id=1, PostTypeId=5), *["<row x='1'/>"] * 400_000)})
    records = FORMAT.records(archive, PAPER)
    next(records)
    records.close()  # type: ignore[attr-defined]


def test_a_folder_of_dumps(tmp_path: Path) -> None:
    names = [
        "a/Posts.xml", "a/Users.xml", "b/Posts.xml.gz", "c.stackexchange.com.7z",
             "stackoverflow.com-Posts.7z", "stackoverflow.com-Users.7z", "d/._Posts.xml",
    ]  # fmt: skip
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    found = [path.relative_to(tmp_path).as_posix() for path in FORMAT.find(tmp_path)]
    assert found == [
        "a/Posts.xml", "b/Posts.xml.gz", "c.stackexchange.com.7z", "stackoverflow.com-Posts.7z",
    ]  # fmt: skip


@given(st.integers(1, 200))
def test_rows_do_not_depend_on_how_the_bytes_come(size: int) -> None:
    content = dump(*THREAD)
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    rows = list(cut_rows(chunks))
    assert [attributes_of(found)["Id"] for found in rows] == list("1234567")
    assert all(content[r.offset : r.offset + r.length] == r.content for r in rows)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_mutated_dumps_are_read_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(dump(*THREAD))
    for _ in range(data.draw(st.integers(1, 6))):
        position = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "double", "insert"])):
            case "flip":
                content[position] ^= data.draw(st.integers(1, 255))
            case "cut":
                del content[position : position + data.draw(st.integers(1, 60))]
            case "double":
                content[position:position] = content[position : position + 80]
            case _:
                content[position:position] = data.draw(st.binary(max_size=8))
        content = content or bytearray(b" ")
    documents, _ = read(written(tmp_path_factory.mktemp("dump"), bytes(content)))
    for document in documents:
        assert pairing_fault(document.text) is None


@pytest.mark.realdata
def test_real_posts() -> None:
    root = os.environ.get("REALDATA")
    paths = list(FORMAT.find(Path(root, "stackexchange"))) if root else []
    if not paths:
        pytest.skip("REALDATA does not name a folder with stackexchange/Posts.xml")
    for path in paths:
        documents, refused = read(path, ReadOptions())
        assert documents
        assert not [reason for reason in refused if reason.startswith(("broken", "file"))]
        assert len({document.record_id for document in documents}) == len(documents)
        for document in documents:
            assert pairing_fault(document.text) is None
            assert "\n\n\n" not in re.sub(r"```.*?```", "code", document.text, flags=re.DOTALL)
