"""Where papers are and which file is the paper: containers, folders, encodings, directives."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from corpora.documents import Document, ReadOptions, RecordDropped, RecordUnreadable
from corpora.latex import FORMAT
from corpora.latex.eprints import find
from corpora.latex.main_files import main_file
from corpora.latex.project import Project
from corpora.latex.source_encoding import decode

HEAD, TAIL = r"\documentclass{article}\begin{document}", r"\end{document}"
PAPER = (HEAD + r"Rain. \input{part}" + TAIL).encode()
FILES = {"ms.tex": PAPER, "part.tex": b"Hail.", "ms.tex~": b"Old.", "._ms.tex": b"\x00"}


def tar(files: dict[str, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def zstd(data: bytes) -> bytes:
    compressed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return compressed


def read(path: Path) -> Document:
    (record,) = FORMAT.records(path, ReadOptions())
    return FORMAT.read(record, ReadOptions())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("0301001.tar", tar(FILES)),
        ("0301001.tar.gz", gzip.compress(tar(FILES))),
        ("0301001.gz", gzip.compress(tar(FILES))),
        ("0301001", gzip.compress(tar(FILES))),
        ("0301001.tar.bz2", bz2.compress(tar(FILES))),
        ("0301001.tar.xz", lzma.compress(tar(FILES))),
        ("0301001.tar.zst", zstd(tar(FILES))),
        ("0301001.zip", zipped(FILES)),
        ("1706.03762v5", gzip.compress(tar(FILES))),
    ],
)
def test_every_container(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert find(tmp_path) == [tmp_path / name]
    document = read(tmp_path / name)
    assert document.text == "Rain. Hail."
    assert document.record_id == ("1706.03762v5" if name.startswith("17") else "0301001")


def test_a_folder_full_of_eprints(tmp_path: Path) -> None:
    one = (HEAD + "One." + TAIL).encode()
    (tmp_path / "hep-th").mkdir()
    (tmp_path / "hep-th/9901001").write_bytes(gzip.compress(one))
    (tmp_path / "hep-th/9901002.gz").write_bytes(gzip.compress(one))
    (tmp_path / "hep-th/9901003").write_bytes(one)
    (tmp_path / "hep-th/9901004.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "hep-th/figure.eps.gz").write_bytes(gzip.compress(b"%!PS"))
    (tmp_path / "hep-th/README").write_text("Nothing compressed.")
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose/2101.00001.tex").write_bytes(one)
    (tmp_path / "loose/2101.00002.tex").write_bytes(one)
    found = [str(path.relative_to(tmp_path)) for path in find(tmp_path)]
    assert found == [
        "hep-th/9901001",
        "hep-th/9901002.gz",
        "hep-th/9901003",
        "loose/2101.00001.tex",
        "loose/2101.00002.tex",
    ]
    assert [read(path).text for path in find(tmp_path)] == ["One."] * 5


def test_a_file_by_itself_is_known_by_the_files_that_it_is_read_with(tmp_path: Path) -> None:
    assert FORMAT.beside is not None
    for name, data in {"p/ms.tex": PAPER, "p/part.tex": b"Hail.", "p/a/refs.bib": b""}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "p/plot.png").write_bytes(b"")
    assert read(tmp_path / "p/ms.tex").text == "Rain. Hail."
    found = FORMAT.beside(tmp_path / "p/ms.tex", ReadOptions())
    assert sorted(found) == [tmp_path / "p/a/refs.bib", tmp_path / "p/part.tex"]
    # What a folder or an archive is read with lies inside it.
    assert FORMAT.beside(tmp_path / "p", ReadOptions()) == []
    (tmp_path / "p/ms.tar").write_bytes(tar(FILES))
    assert FORMAT.beside(tmp_path / "p/ms.tar", ReadOptions()) == []


def test_papers_of_one_file_each_do_not_read_each_other(tmp_path: Path) -> None:
    assert FORMAT.beside is not None
    body = rb"Rain. \input{2101.00002} Sun."
    for number in (1, 2):
        path = tmp_path / f"2101.0000{number}.tex"
        path.write_bytes(HEAD.encode() + body + TAIL.encode())
    own = tmp_path / "2101.00001.bbl"
    own.write_bytes(b"")
    (tmp_path / "2101.00002.bbl").write_bytes(b"")
    first = tmp_path / "2101.00001.tex"
    assert read(first).text.split() == ["Rain.", "Sun."]
    assert list(FORMAT.beside(first, ReadOptions())) == [own]
    # Another file of the folder makes one paper of it.
    (tmp_path / "macros.tex").write_bytes(b"")
    assert len(list(FORMAT.beside(first, ReadOptions()))) == 4


def test_a_bulk_archive_is_a_record_an_eprint(tmp_path: Path) -> None:
    path = tmp_path / "arXiv_src_0001_001.tar"
    members = {
        "0001/hep-th0001001.gz": gzip.compress(PAPER),
        "0001/hep-th0001002.gz": gzip.compress(tar(FILES)),
        "0001/hep-th0001003.pdf": b"%PDF-1.4 ...",
        "0001/hep-th0001004.gz": gzip.compress(tar(FILES))[:60],
    }
    path.write_bytes(tar(members))
    records = list(FORMAT.records(path, ReadOptions()))
    assert [record.record_id for record in records[:3]] == [
        "hep-th0001001",
        "hep-th0001002",
        "hep-th0001003",
    ]
    assert FORMAT.read(records[1], ReadOptions()).text == "Rain. Hail."
    with pytest.raises(RecordUnreadable, match="not LaTeX: a PDF"):
        FORMAT.read(records[2], ReadOptions())
    with pytest.raises(RecordUnreadable, match="damaged compressed stream"):
        FORMAT.read(records[3], ReadOptions())


def test_old_tar_files_without_magic_and_files_without_suffix(tmp_path: Path) -> None:
    data = bytearray(tar({"paper": PAPER, "part.tex": b"Hail.", "LICENSE": b"Free."}))
    for start in (0, 1024):
        header = data[start : start + 512]
        header[257:265] = bytes(8)
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        data[start : start + 512] = header
    (tmp_path / "9301001.gz").write_bytes(gzip.compress(bytes(data)))
    assert read(tmp_path / "9301001.gz").text == "Rain. Hail."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gzip.compress(tar(FILES))[:100], "damaged compressed stream"),
        (gzip.compress(tar(FILES)[:700]), "damaged compressed stream|broken archive"),
        (b"%PDF-1.5 ", "not LaTeX: a PDF"),
        (gzip.compress(b"%!PS-Adobe"), "not LaTeX: PostScript"),
        (tar({"a.png": b"x"}), "not LaTeX: no .tex file"),
        (b"", "not LaTeX"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "0301001.gz").write_bytes(data)
    with pytest.raises(RecordUnreadable, match=reason):
        read(tmp_path / "0301001.gz")


def test_a_withdrawn_paper_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "0301001.gz").write_bytes(
        gzip.compress(b"%auto-ignore\nThis paper has been withdrawn by its authors.")
    )
    with pytest.raises(RecordDropped, match="withdrawn"):
        read(tmp_path / "0301001.gz")


WHOLE = (HEAD + "x" * 500 + TAIL).encode()


@pytest.mark.parametrize(
    ("files", "main"),
    [
        ({"ms.tex": WHOLE, "revisions/ms.tex": WHOLE * 2}, "ms.tex"),
        ({"sleet.tex": WHOLE, "image/main.tex": WHOLE}, "sleet.tex"),
        ({"template.tex": WHOLE, "paper/rain.tex": WHOLE}, "paper/rain.tex"),
        ({"diffusion_manifold.tex": WHOLE * 2, "talk.tex": WHOLE}, "diffusion_manifold.tex"),
        ({"microscopy.tex": WHOLE, "aaa.tex": WHOLE[:100] + TAIL.encode()}, "microscopy.tex"),
        ({"rain.tex": WHOLE, "responseToReferees.tex": WHOLE * 3}, "rain.tex"),
        ({"rain.tex": WHOLE, "reply.tex": WHOLE.replace(b"article", b"letter") * 3}, "rain.tex"),
        ({"a.tex": WHOLE.replace(b"article", b"beamer") * 3, "b.tex": WHOLE}, "b.tex"),
        ({"a.tex": WHOLE, "b.tex": WHOLE, "00README.XXX": b"a.tex ignore\nb.tex toplevelfile"},
         "b.tex"),
        ({"a.tex": WHOLE, "b.tex": WHOLE, "00README.json": json.dumps(
            {"sources": [{"filename": "a.tex", "usage": "include"},
                         {"filename": "b.tex", "usage": "toplevel"}]}).encode()}, "b.tex"),
        ({"a.tex": WHOLE, "b.tex": WHOLE, "00README.yaml":
            b"sources:\n  - filename: b.tex\n    usage: toplevel\n"}, "b.tex"),
        ({"a.tex": b"%auto-ignore\n" + WHOLE * 2, "b.tex": WHOLE}, "b.tex"),
        ({"macros.tex": b"\\def\\x{y}" * 99, "old1.tex": b"\\magnification=1200 Rain.\\bye"},
         "old1.tex"),
    ],
)  # fmt: skip
def test_main_files(files: dict[str, bytes], main: str) -> None:
    assert main_file(Project("p", files)) == main


@pytest.mark.parametrize("damaged", [b"{", b'{"sources": 3}', b'{"sources": [3]}', b"[" * 100_000])
def test_damaged_directives_decide_nothing(damaged: bytes) -> None:
    assert main_file(Project("p", {"a.tex": WHOLE, "00README.json": damaged})) == "a.tex"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("% !TeX encoding = MacRoman\nné".encode("mac-roman"), "% !TeX encoding = MacRoman\nné"),
        ("les élèves étés mêlés, l’été".encode("mac-roman"), "les élèves étés mêlés, l’été"),
        ("don’t – naïve".encode("cp1252"), "don’t – naïve"),
        ("a ﬁne ﬂow".encode(), "a fine flow"),
        ("naïve ”".encode() + b"\n" + "naïve".encode("latin-1"), "naïve ”\nnaïve"),
        (r"\usepackage[cp1251]{inputenc} дождь".encode("cp1251"),
         r"\usepackage[cp1251]{inputenc} дождь"),
        (r"\usepackage{isolatin1} ß".encode("latin-1"), r"\usepackage{isolatin1} ß"),
        (r"\begin{CJK}{GBK}{song}雨".encode("gbk"), r"\begin{CJK}{GBK}{song}雨"),
        ("雨".encode("iso2022_jp"), "雨"),
    ],
)  # fmt: skip
def test_encodings(data: bytes, text: str) -> None:
    assert decode(data) == text


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_characters(tmp_path: Path, codec: str) -> None:
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "main.tex").write_bytes((HEAD + "Gödel and rain." + TAIL).encode(codec))
    assert read(folder).text == "Gödel and rain."


def test_included_files_are_in_the_encoding_of_the_paper(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    folder.mkdir()
    main = r"\documentclass{article}\usepackage[latin2]{inputenc}\begin{document}\input{a}" + TAIL
    (folder / "main.tex").write_bytes(main.encode())
    (folder / "a.tex").write_bytes("Łódź".encode("iso8859-2"))
    assert read(folder).text == "Łódź"
