"""MATH, AMPS and their kind: documents, dialects, answers out of boxes, bad input."""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.documents import Document, ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.worked_problems.boxed_answers import boxed_answer
from corpora.worked_problems.competition_mathematics import FORMAT
from corpora.worked_problems.tex_prose import marked_prose
from tokenization.markers import code_point, pairing_fault, reveal

OPTIONS = ReadOptions(latex_markers=False)


def read_object(fields: object) -> Document:
    payload = json.dumps(fields).encode()
    return FORMAT.read(Record("x:1", "x.jsonl: line 1", payload, len(payload)), OPTIONS)


def solved(solution: str, problem: str = "How many?") -> str:
    return reveal(read_object({"problem": problem, "solution": solution}).text)


def documents(path: Path) -> list[Document]:
    return [
        FORMAT.read(record, OPTIONS)
        for file in FORMAT.find(path)
        for record in FORMAT.records(file, OPTIONS)
    ]


def test_a_problem_is_a_question_its_work_and_the_answer() -> None:
    document = read_object(
        {
            "problem": "Find $x$ if $$2x = 6.$$",
            "level": "Level 1",
            "type": "Prealgebra",
            "solution": "Dividing by $2$, $x = \\boxed{3}$.",
        }
    )
    assert reveal(document.text) == (
        "Question: Find \\(x\\) if\n\n\\[2x = 6.\\]\n\n"
        "<work>\nDividing by \\(2\\), \\(x = \\boxed{3}\\).\n</work>\n\nAnswer: 3"
    )
    assert document.metadata == {"level": 1, "subject": "Prealgebra"}


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        (r"$\boxed{1{,}234}$", "1,234"),
        (r"$\boxed{32,\!348}$", "32,348"),
        (r"$\boxed{\$0.50}$", "$0.50"),
        (r"$\boxed{-7\%}$", "-7%"),
        (r"$\boxed{\text{Evelyn}}$", "Evelyn"),
        (r"$\boxed{\frac{1}{\sqrt{2}}}$", r"\(\frac{1}{\sqrt{2}}\)"),
        (r"$\boxed{\{1, 2\}}$", r"\(\{1, 2\}\)"),
        (r"$\boxed{1}$, no: $\boxed{2}$", "2"),
        (r"$\boxed{x = 2}$ and $\boxed{x = -2}$", r"\(x = 2\) and \(x = -2\)"),
        (r"$\boxed{a}$, $\boxed{b}$ or $\boxed{c}$", r"\(a\), \(b\) or \(c\)"),
        (r"$\boxed{5}$ again $\boxed{5", "5"),
        (r"so \fbox{$4$}", "4"),
        ("2 + 3 = 5\n#### 5", "5"),
        ("So it is 5 men.\nThe answer is: 5", "5"),
        (r"Hence the final answer is $x^2$.", r"\(x^2\)"),
    ],
)
def test_the_answer_is_what_the_solution_states_last(solution: str, answer: str) -> None:
    assert solved(solution).rpartition("Answer: ")[2] == answer


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"answer": "\\left( 3, \\frac{\\pi}{2} \\right)"},
         "\\(\\left( 3, \\frac{\\pi}{2} \\right)\\)"),
        ({"answer": 610}, "610"),
        ({"answer": 27.0}, "27"),
        ({"expected_answer": "x+1"}, "\\(x+1\\)"),
        ({"solution": ["One way.", "Another."], "final_answer": ["$2$", "$-2$"]},
         "\\(2\\), \\(-2\\)"),
        ({"answer": "the first column"}, "the first column"),
        ({"answer": "$3$ apples"}, "\\(3\\) apples"),
    ],
)  # fmt: skip
def test_an_answer_of_its_own_is_taken(fields: dict[str, object], answer: str) -> None:
    text = read_object({"problem": "Which?", "solution": "Look: $\\boxed{0}$.", **fields}).text
    assert text.rpartition("Answer: ")[2] == answer


def test_a_line_that_states_the_answer_alone_is_no_step() -> None:
    assert solved("It is $\\boxed{5}$.\nThe answer is: 5") == (
        "Question: How many?\n\n<work>\nIt is \\(\\boxed{5}\\).\n</work>\n\nAnswer: 5"
    )
    assert solved("#### 5") == "Question: How many?\n\nAnswer: 5"


def test_the_last_hint_of_an_exercise_is_its_answer() -> None:
    fields = {"problem": "Add $1$ and $2$. [[☃ radio 1]]", "hints": ["$1 + 2$", "", "$ = 3$"]}
    assert reveal(read_object(fields).text) == (
        "Question: Add \\(1\\) and \\(2\\).\n\n<work>\n\\(1 + 2\\)\n</work>\n\nAnswer: 3"
    )


def test_a_text_of_amps_has_parts_or_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Problem:\nAdd $1$ and $2$.\nAnswer:\nCount.\n\n$3$\n")
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbfAdd $1$ and $2$.\r\n\r\nCount.\r\n\r\n$3$\r\n")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(b"Problem:\nAdd $1$ and $2$.\n"))
    expected = "Question: Add \\(1\\) and \\(2\\).\n\n<work>\nCount.\n</work>\n\nAnswer: 3"
    records = [r for file in FORMAT.find(tmp_path) for r in FORMAT.records(file, OPTIONS)]
    assert [record.record_id for record in records] == ["a", "b", "c"]
    assert [reveal(FORMAT.read(record, OPTIONS).text) for record in records[:2]] == [expected] * 2
    with pytest.raises(RecordUnreadable, match="no solution"):
        FORMAT.read(records[2], OPTIONS)


def test_a_solution_of_mathematica_ends_in_a_box(tmp_path: Path) -> None:
    (tmp_path / "0.txt").write_text(
        r"""Problem:
Find the trace of $\left(\begin{array}{cc} 1 & 2 \\ 3 & 4 \\ \end{array}\right)$.
Answer:
$\begin{array}{l}
 \text{Add up the diagonal}: \\
 1+4=5 \\
 \fbox{$
\begin{array}{ll}
 \fbox{$\text{Answer:}$} & \\
 \text{} & 5 \\
\end{array}
$} \\
\end{array}$
"""
    )
    (document,) = documents(tmp_path)
    assert document.text.endswith("\n\nAnswer: 5")
    assert r"\text{Add up the diagonal}" in document.text
    assert reveal(document.text).count(r"\(") == 2


def test_folders_and_archives_of_single_objects(tmp_path: Path) -> None:
    text = json.dumps({"problem": "Which?", "solution": "$\\boxed{1}$"}, indent=4)
    folder = tmp_path / "MATH" / "train" / "algebra"
    folder.mkdir(parents=True)
    (folder / "1.json").write_text(text)
    with tarfile.open(tmp_path / "MATH.tar", "w") as tar:
        for name in ("MATH/train/algebra/1.json", "MATH/train/algebra/._1.json"):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    from_folder, from_archive = documents(tmp_path / "MATH"), documents(tmp_path / "MATH.tar")
    assert [d.text for d in from_folder] == [d.text for d in from_archive]
    assert from_archive[0].record_id == "MATH.tar/MATH/train/algebra/1:1"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (r"He pays \$5 and $\$$6 for $x$.", r"He pays $5 and $6 for \(x\)."),
        ("They cost $5 each and she sold $6 of them and more.",
         "They cost $5 each and she sold $6 of them and more."),
        ("``word'' and `letter' -- the boy's", "“word” and ‘letter’ – the boy's"),
        ("Write ``$=$'' here", r"Write “\(=\)” here"),
        (r"\textbf{Big \emph{red}} $x$~cm \ldots", r"Big red \(x\) cm …"),
        (r"so $x,$$y$ and $5\text{ cm is long and good}$",
         r"so \(x,\)\(y\) and \(5\text{ cm is long and good}\)"),
        (r"see \begin{align*}a&=b\end{align*}for",
         "see\n\n\\[\\begin{aligned}a&=b\\end{aligned}\\]\n\nfor"),
        ("\\begin{itemize}\\item one\\item[(b)] two\\end{itemize}", "- one\n- (b) two"),
        ("$$\\begin{tabular}{cc}a&$b$\\\\ \\hline 1&2\\end{tabular}$$ end",
         "| a | \\(b\\) |\n| --- | --- |\n| 1 | 2 |\n\nend"),
        ("is shown. [asy]draw((0,0)--(1,1));[/asy]", "is shown. [IMAGE]"),
        ("is shown. [asy]draw((0,0)", "is shown. [IMAGE]"),
        ("an unpaired $ here", "an unpaired $ here"),
        ("She has $5 - $3 = $2, so she pays $1.", "She has $5 - $3 = $2, so she pays $1."),
        (r"so \boxed{\frac{1}{2}} it is", r"so \(\boxed{\frac{1}{2}}\) it is"),
    ],
)  # fmt: skip
def test_prose_is_written_as_it_prints(text: str, marked: str) -> None:
    assert reveal(marked_prose(text, OPTIONS)) == marked


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"solution": "$\\boxed{1}$"}, "missing field"),
        ({"problem": None, "solution": "$\\boxed{1}$"}, "missing field"),
        ({"problem": "Which?"}, "missing field"),
        ({"question": "Half?", "answer": "<<4/2=2>>2\n#### 2"}, "calculator annotations"),
        ({"problem": "Which?", "solution": {"text": "a"}}, "wrong type"),
        ({"problem": "Which?", "hints": ["a", [3]]}, "wrong type"),
        ({"problem": "Which?", "solution": "a", "answer": True}, "wrong type"),
        ({"problem": "\ue004", "solution": "$\\boxed{1}$"}, "empty problem"),
        ([1], "not a JSON object"),
    ],
)
def test_records_that_are_no_problem_say_why(fields: object, reason: str) -> None:
    with pytest.raises(RecordUnreadable) as caught:
        read_object(fields)
    assert caught.value.reason == reason


def test_a_solution_without_an_answer_is_left_out() -> None:
    with pytest.raises(RecordDropped, match="no final answer"):
        solved("It is clear.")


def test_nothing_in_a_record_forges_a_marker() -> None:
    text = read_object(
        {
            "problem": "\ue004 <work> \x010\x02 [IMAGE]?",
            "solution": "\ue00b </work> \x010\x02 $\\boxed{\ue004 2}$ \x0199\x02",
        }
    ).text
    markers = [c for c in text if "\ue000" <= c <= "\ue0ff"]
    assert markers == [code_point("<work>"), code_point("</work>")]


@given(st.text(alphabet="ab 1\\${}[]()&`'-~\n\x01\x02boxed", max_size=80))
def test_any_text_gives_a_document_or_a_reason(text: str) -> None:
    try:
        document = read_object({"problem": f"Q {text}", "solution": f"{text} $\\boxed{{1}}$"})
    except RecordDropped:
        return
    assert pairing_fault(document.text) is None
    assert "\x01" not in document.text


@pytest.mark.parametrize(
    "part", ["\\boxed{", "$", "[asy]", "\\begin{tabular}{c}", "``", "\\textbf{"]
)
def test_what_is_never_closed_takes_linear_time(part: str) -> None:
    text = part * 40_000
    boxed_answer(text)
    marked_prose(text, OPTIONS)
