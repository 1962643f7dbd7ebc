# ruff: noqa: E501  (sources and texts stand whole on their lines)
"""Broken and hostile LaTeX: nothing hangs, nothing crashes, nothing forges a marker."""

import gzip
import io
import os
import signal
import tarfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.citations import resolve
from corpora.compressed_streams import open_streams
from corpora.documents import Document, ReadOptions, RecordUnreadable
from corpora.latex import FORMAT
from corpora.latex.eprints import find, record_name
from corpora.latex.main_files import main_file
from corpora.latex.project import Project, load
from corpora.latex.text import read_project
from pipelines.inputs import FingerprintCache
from pipelines.reading import Refusal, frame_records
from tokenization.markers import BY_CODE_POINT, pairing_fault

HEAD = r"\documentclass{article}\begin{document}"
TAIL = r" tail words\end{document}"


def read(source: str, **files: bytes) -> Document:
    contents = {"m.tex": source.encode("utf-8", "replace"), **files}
    document = read_project(Project("p", contents, main="m.tex"), ReadOptions())
    assert pairing_fault(document.text) is None
    resolve(document)
    return document


def test_a_counter_without_a_name_is_none() -> None:
    assert read(HEAD + r"\renewcommand{\the}{x} words" + TAIL).text == "words tail words"


def test_a_theorem_inside_a_reference_is_passed_through() -> None:
    entry = (
        r"\bibitem{k}\begin{thm} A. Author. \newblock A title. \newblock Journal, 2001.\end{thm}"
    )
    listed = r"\begin{thebibliography}{9}" + entry + r"\end{thebibliography}"
    assert "words" in read(HEAD + r"\newtheorem{thm}{Theorem} See \cite{k}." + listed + TAIL).text


@pytest.mark.parametrize(
    "body",
    [
        "{" * 100_000,
        "}" * 100_000,
        "[" * 100_000,
        "$" * 99_999,
        r"\(" * 50_000,
        r"\[" * 50_000,
        r"\cite[" * 20_000,
        r"\textbf{" * 50_000,
        r"\begin{itemize}" * 20_000,
        r"\begin{verbatim}" * 20_000,
        "&" * 50_000,
        "%" * 100_000 + "\n",
        "\n\n" * 50_000,
        r"\[" + "\n\nx" * 20_000,
        r"\begin{tabular}{ll}\multicolumn{999999999}{c}{x} & y\end{tabular}",
        "{$ " * 10_000 + "}" * 10_000,
        "x" * 2_000_000,
    ],
    ids=range(17),
)
def test_the_text_after_a_mess_is_still_read(body: str) -> None:
    start = time.monotonic()
    assert read(HEAD + body + TAIL).text.endswith("tail words")
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("preamble", "body"),
    [
        (r"\def\a{\b}\def\b{\a}", r"\a"),
        (r"\def\a{x\b}\def\b{y\a}", r"\a"),
        ("".join(rf"\newcommand{{\{a}}}{{\{b}\{b}}}" for a, b in zip("abcdefghijklmnopqrstuvw", "bcdefghijklmnopqrstuvwx", strict=True)), r"\a"),
        (r"\newenvironment{q}{\begin{r}}{\end{r}}\newenvironment{r}{\begin{q}}{\end{q}}", r"\begin{q}x\end{q}"),
        (r"\newcommand{\f}[1]{#1}", r"\f{" * 20_000),
        ("", r"\begin{itemize}\item " * 500 + r"\end{itemize}" * 500),
        ("", r"\begin{algorithm}\Kw \; " + r"\If{x}{" * 2000 + "}" * 2000 + r"\end{algorithm}"),
    ],
)  # fmt: skip
def test_what_never_ends_costs_one_record(preamble: str, body: str) -> None:
    with pytest.raises(RecordUnreadable, match=r"does not end|nested too deeply"):
        read(preamble + HEAD + body + TAIL)


def test_no_spelling_forges_a_marker() -> None:
    document = read(
        HEAD
        + '[START_REF] </s> \\char"E000 \\char57344 ^^^^e004 \\symbol{57344} \\unichar{57345} '
        + '$\\char"E002 x$ \ue000\ue001 \\cite{k}'
        + r"\begin{thebibliography}{9}\bibitem{k} A. B. \newblock Bad \symbol{57344} title. \newblock X.\end{thebibliography}"
        + TAIL
    )
    markers = [character for character in document.text if character in BY_CODE_POINT]
    assert len(markers) == 4  # one formula and one citation
    assert "[START_REF] </s>" in document.text
    assert document.citations[0].title == "Bad title"
    assert sum(document.cleaned.values()) >= 4


@pytest.mark.parametrize(
    "data", [b"", b"  \n", os.urandom(0) + bytes(range(256)) * 50, b"plain words only"]
)
def test_what_is_no_latex_is_unreadable(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.tex"
    path.write_bytes(data)
    with pytest.raises(RecordUnreadable, match="not LaTeX"):
        FORMAT.read(next(iter(FORMAT.records(path, ReadOptions()))), ReadOptions())


def test_cyclic_inputs_end() -> None:
    document = read(HEAD + r"a \input{b}" + TAIL, **{"b.tex": rb"b \input{m} \input{b} c"})
    assert document.text == "a b c tail words"


def test_broken_databases() -> None:
    for database in (
        b"@article{" * 5000,
        b"{" * 50_000,
        b"@article{k, title={{" + b"{" * 10_000,
        b"\xff\x00@",
    ):
        document = read(HEAD + r"x \cite{k} \bibliography{r}" + TAIL, **{"r.bib": database})
        assert document.text.startswith("x")


def test_encodings() -> None:
    latin = "\\documentclass{article}\\usepackage[latin1]{inputenc}\\begin{document}Gödel\\end{document}"
    project = Project("p", {"m.tex": latin.encode("latin-1")}, main="m.tex")
    assert read_project(project, ReadOptions()).text == "Gödel"
    undeclared = latin.replace("[latin1]", "").encode("cp1252")
    project = Project("p", {"m.tex": undeclared}, main="m.tex")
    assert read_project(project, ReadOptions()).text == "Gödel"


def tarball(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return buffer.getvalue()


def test_tarballs_are_read_in_memory_and_never_followed_outside(tmp_path: Path) -> None:
    main = (HEAD + r"In. \input{part} \input{../../evil} \input{link}" + TAIL).encode()
    path = tmp_path / "2101.00001.tar.gz"
    members = {
        "ms.tex": main,
        "part.tex": b"Part.",
        "../../evil.tex": b"Evil.",
        "/abs.tex": b"Abs.",
        "._ms.tex": b"junk",
    }
    path.write_bytes(tarball(members, {"link.tex": "/etc/passwd"}))
    record = next(iter(FORMAT.records(path, ReadOptions())))
    assert record.record_id == "2101.00001"
    assert FORMAT.read(record, ReadOptions()).text == "In. Part. tail words"
    assert list(tmp_path.iterdir()) == [path]


def test_gzip_of_one_file_and_broken_archives(tmp_path: Path) -> None:
    path = tmp_path / "1202.3665.gz"
    path.write_bytes(gzip.compress((HEAD + "One." + TAIL).encode()))
    record = next(iter(FORMAT.records(path, ReadOptions())))
    assert FORMAT.read(record, ReadOptions()).text == "One. tail words"
    path.write_bytes(gzip.compress(b"x" * 100_000)[:60])
    with pytest.raises(RecordUnreadable, match=r"damaged compressed stream: 1202.3665.gz: after"):
        FORMAT.read(record, ReadOptions())


def test_a_decompression_bomb_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for _ in range(140):
            stream.write(bytes(1 << 20))
    with pytest.raises(RecordUnreadable, match=r"too large|decompression bomb"):
        load(path, "bomb")


def test_links_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.tex").write_text("Outside.")
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "main.tex").write_text(HEAD + r"In. \input{link} \input{../outside}" + TAIL)
    (folder / "link.tex").symlink_to(tmp_path / "outside.tex")
    record = next(iter(FORMAT.records(folder, ReadOptions())))
    assert FORMAT.read(record, ReadOptions()).text == "In. tail words"


def test_find_and_main_file(tmp_path: Path) -> None:
    for name in ("a/main.tex", "a/part.tex", "b/src/ms.tex", "c/readme.md", "d.tar.gz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(HEAD + TAIL)
    found = [str(path.relative_to(tmp_path)) for path in find(tmp_path)]
    assert found == ["a", "b/src", "d.tar.gz"]
    assert [record_name(tmp_path / name) for name in ("a", "b/src", "b/src/ms.tex")] == [
        "a",
        "b/src",
        "src",
    ]
    whole = (HEAD + "x" * 500 + TAIL).encode()
    files = {
        "supplement.tex": whole * 2,
        "coverletter.tex": whole,
        "zeta.tex": whole,
        "section.tex": b"Words.",
    }
    assert main_file(Project("p", files)) == "zeta.tex"
    assert main_file(Project("p", {**files, "main.tex": whole})) == "main.tex"
    inner = rb"\documentclass[main]{subfiles}\begin{document}x\end{document}"
    outer = rb"\documentclass{book}\begin{document}\subfile{chapter}\end{document}"
    assert main_file(Project("p", {"chapter.tex": inner, "thesis.tex": outer})) == "thesis.tex"


FRAGMENTS = [
    "{", "}", "$", "$$", r"\(", r"\)", r"\[", r"\]", "[", "]", "&", r"\\", "%", "\n\n", " ", "a", "#1", "^", "_", "~",
    r"\begin{equation}", r"\end{equation}", r"\begin{tabular}{ll}", r"\end{tabular}", r"\item", r"\begin{itemize}",
    r"\end{itemize}", r"\footnote{", r"\cite{k}", r"\cite[", r"\section{", r"\begin{figure}", r"\end{figure}", r"\caption{",
    r"\newcommand{\x}[2]{#1#2}", r"\x", r"\def\y#1{", r"\fi", r"\iffalse", r"\verb|", r"\ref{", r"\label{x}", r"\SI{1e",
    r"\ce{H2^", r"\char\"", r"\begin{abstract}", r"\end{document}", r"\title{", r"\author{", r"\and", r"\multicolumn{2}",
    r"\begin{algorithm}", r"\If{", r"\;", r"\bibitem{", r"\begin{thebibliography}{9}", r"\subfloat[", r"\ensuremath{", r"\left(",
    r"\begin{align}", r"\end{align}", r"\url{", r"\textsuperscript{", r"\'", r"\let\a=", r"\tag{", r"\hspace", "\ue000",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=60))
def test_any_heap_of_commands_is_read_or_refused(pieces: list[str]) -> None:
    source = HEAD + "".join(pieces) + TAIL
    try:
        document = read(source)
    except RecordUnreadable:
        return
    assert not any(character < " " and character != "\n" for character in document.text)


def test_no_pipe_is_opened(tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    paper.mkdir()
    (paper / "main.tex").write_text(HEAD + " words" + TAIL)
    alone = tmp_path / "alone"
    alone.mkdir()
    pipes = [tmp_path / "README", tmp_path / "0301001", tmp_path / "dump.tar.gz"]
    pipes += [paper / "00README", paper / "other.tex", alone / "main.tex"]
    for pipe in pipes:
        os.mkfifo(pipe)

    def waited(*_: object) -> None:
        raise AssertionError("it waits for a pipe")

    before = signal.signal(signal.SIGALRM, waited)
    signal.alarm(20)
    try:
        (found,) = find(tmp_path)
        (record,) = FORMAT.records(found, ReadOptions())
        assert FORMAT.read(record, ReadOptions()).text == "words tail words"
        for pipe in pipes:
            with pytest.raises(RecordUnreadable, match=r"^not a file"):
                load(pipe, "p")
            (refusal,) = frame_records(FORMAT, pipe, pipe.name, ReadOptions())
            assert isinstance(refusal, Refusal)
            assert (refusal.reason, refusal.quarantined) == ("not a file", True)
            with pytest.raises(RecordUnreadable, match=r"^not a file"):
                list(open_streams(pipe, ""))
            assert FingerprintCache(tmp_path / "none.json").fingerprint(pipe)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("head", ["", r"\hline \endhead "])
def test_one_wide_row_does_not_widen_all_the_others(head: str) -> None:
    wide, short = "a&" * 3_000 + r"b\\ ", r"u&v\\ " * 3_000
    source = r"\begin{tabular}{*{3001}{c}}" + wide + short + head + r"\end{tabular}"
    text = read(HEAD + source + TAIL).text
    assert len(text) < 6 * len(source)
    assert text.count("u") == text.count("v") == 3_000


def test_a_ragged_table_of_ordinary_size_is_filled_up() -> None:
    source = r"\begin{tabular}{cccc}a&b&c&d\\" + r"1\\" * 50 + r"\end{tabular}"
    assert read(HEAD + source + TAIL).text.count("| 1 | | | |") == 50
