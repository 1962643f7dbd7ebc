"""Word problems: golden document, programs that print what the document says, bad input."""

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.documents import Document, ReadOptions, Record, RecordUnreadable
from corpora.worked_problems.calculator_programs import (
    DISAGREES,
    NO_OPERATION,
    NOT_COMPUTED,
    NOT_PARSED,
    NoStep,
    step,
)
from corpora.worked_problems.gsm8k import FORMAT
from tokenization.markers import code_point, pairing_fault, reveal

OPTIONS = ReadOptions()
EXAMPLES = Path(__file__).parents[2] / "examples" / "gsm8k" / "problems.jsonl"

# Runs each program of a list by itself and gives what each printed.
_RUNNER = """
import contextlib, io, json, sys
printed = []
for source in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(source, "program", "exec"), {})
    printed.append(out.getvalue())
json.dump(printed, sys.stdout)
"""


def read_line(line: str | bytes) -> Document:
    payload = line if isinstance(line, bytes) else line.encode()
    return FORMAT.read(Record("x:1", "x.jsonl: line 1", payload, len(payload)), OPTIONS)


def problem(answer: str, question: str = "How many?") -> Document:
    return read_line(json.dumps({"question": question, "answer": answer}))


def program_and_output(document: Document) -> tuple[str, str]:
    _, _, rest = document.text.partition("```python\n")
    source, _, rest = rest.partition("\n```\n\nOutput:\n\n```\n")
    return source, rest.partition("\n```")[0] + "\n"


def assert_programs_print_their_output(documents: list[Document]) -> None:
    pairs = [program_and_output(document) for document in documents]
    finished = subprocess.run(
        [sys.executable, "-I", "-c", _RUNNER],
        input=json.dumps([source for source, _ in pairs]),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    printed = json.loads(finished.stdout)
    for (source, stated), out in zip(pairs, printed, strict=True):
        assert out == stated, source


def test_golden_document() -> None:
    document = problem(
        "The vials take 48*2.5 = <<48*2.5=120>>120 millilitres.\n"
        "That is 120/7 = $<<120/7=17.14>>17.14 each.\n#### 17.14",
        "A technician fills 48 vials with 2.5 ml each.",
    )
    assert reveal(document.text) == (
        "Question: A technician fills 48 vials with 2.5 ml each.\n\n"
        "<work>\n"
        "The vials take 48*2.5 = 120 millilitres.\n"
        "That is 120/7 = $17.14 each.\n\n"
        "```python\n"
        "step_1 = 48 * 2.5  # millilitres\n"
        "step_2 = step_1 / 7  # dollars\n"
        "print(round(step_1))\n"
        "print(round(step_2, 2))\n"
        "```\n\n"
        "Output:\n\n"
        "```\n120\n17.14\n```\n"
        "</work>\n\n"
        "Answer: 17.14"
    )
    assert document.metadata == {"annotations": 2, "program_steps": 2}


def test_the_examples_read_and_their_programs_print_what_they_say() -> None:
    records = list(FORMAT.records(EXAMPLES, OPTIONS))
    documents = [FORMAT.read(record, OPTIONS) for record in records]
    assert len(documents) == 24
    assert [record.record_id for record in records[:2]] == ["problems:1", "problems:2"]
    assert all("annotations_kept_as_prose" not in d.metadata for d in documents)
    for document in documents:
        assert pairing_fault(document.text) is None
        _, output = program_and_output(document)
        final = document.text.rpartition("Answer: ")[2].replace(",", "")
        assert Fraction(output.split()[-1]) == Fraction(final)
    assert_programs_print_their_output(documents)


@pytest.mark.realdata
def test_real_problems() -> None:
    folder = os.environ.get("REALDATA")
    if not folder:
        pytest.skip("REALDATA names no folder of real files")
    path = Path(folder) / "prompts" / "gsm8k-train-800.jsonl"
    documents = [FORMAT.read(record, OPTIONS) for record in FORMAT.records(path, OPTIONS)]
    assert len(documents) == 800
    assert all("<<" not in document.text for document in documents)
    kept = Counter(
        reason
        for document in documents
        for reason in document.metadata.get("annotations_kept_as_prose", ())
    )
    assert set(kept) == {NO_OPERATION}
    assert sum(int(document.metadata["program_steps"]) for document in documents) > 2500
    assert_programs_print_their_output([d for d in documents if d.metadata["program_steps"]])


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ("48/2=25", DISAGREES),
        ("10/3=3.4", DISAGREES),
        ("60=60", NO_OPERATION),
        ("3 apples*2=6", NOT_PARSED),
        ("48/2", NOT_PARSED),
        ("2*3=6=6", NOT_PARSED),
        ("1/0=0", NOT_COMPUTED),
        ("999999999999999*10=9999999999999990", NOT_PARSED),
        ("999999999*999999999*0=0", ""),
        ("999999999*999999999=1/1", NOT_COMPUTED),
        ("0.3//0.1=3", NOT_COMPUTED),
        ("10/3=3", ""),
        ("10/4=3", ""),
        ("1/5=20%", ""),
        ("1/5*100=20%", ""),
        ("5/20=1/4", ""),
        ("-3*2=-6", ""),
    ],
)
def test_a_step_is_made_only_where_its_result_is_right(annotation: str, reason: str) -> None:
    if not reason:
        step(annotation)
        return
    with pytest.raises(NoStep) as caught:
        step(annotation)
    assert caught.value.reason == reason


def test_rounding_and_float_noise_print_as_the_record_states() -> None:
    document = problem(
        "a <<0.1+0.2=0.3>>0.3\nb <<10/3=3.33>>3.33\nc <<10/4=3>>3\nd <<5/20=1/4>>1/4\n"
        "e <<7-9=-2>>-2\nf <<1/4*-2=-0.5>>-0.5\n#### 3"
    )
    assert program_and_output(document)[1].split() == ["0.3", "3.33", "2.5", "0.25", "-2", "-0.5"]
    assert_programs_print_their_output([document])


def test_an_annotation_that_disagrees_stays_prose_and_is_counted() -> None:
    document = problem("He has 2*3 = <<2*3=7>>7 and 4+4 = <<4+4=8>>8 eggs.\n#### 8")
    assert "He has 2*3 = 7 and 4+4 = 8 eggs." in document.text
    assert document.metadata["annotations_kept_as_prose"] == {DISAGREES: 1}
    assert document.metadata["program_steps"] == 1


def test_a_result_that_only_the_annotation_states_is_kept() -> None:
    assert "so 40*2 = 80 dollars" in problem("so 40*2 = <<40*2=80>> dollars\n#### 80").text


def test_an_answer_without_steps_has_no_work() -> None:
    assert problem("#### 5").text == "Question: How many?\n\nAnswer: 5"


def test_a_number_of_the_question_or_of_a_unit_is_no_earlier_result() -> None:
    document = problem(
        "<<4*3=12>>12 eggs\n<<4*12=48>>48 months\n<<2+3=5>>5 hens\n<<5*5=25>>25 pairs\n"
        "<<25-5=20>>20 pairs\n#### 20",
        "There are 48 nests for a year?",
    )
    source, _ = program_and_output(document)
    assert "step_2 = 4 * 12" in source
    assert "step_4 = 5 * 5" in source
    assert "step_5 = step_4 - step_3" in source


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[1]", "not a JSON object"),
        (b"[" * 100_000, "too deep"),
        (b'{"question": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"question": "a"}', "missing field"),
        (b'{"text": "a", "answer": "#### 3"}', "missing field"),
        (b'{"question": 3, "answer": "#### 3"}', "wrong type"),
        (b'{"question": "a", "answer": null}', "wrong type"),
        (b'{"question": " \\n", "answer": "#### 3"}', "empty question"),
        (b'{"question": "\\ue004", "answer": "#### 3"}', "empty question"),
        (b'{"question": "a", "answer": "no end"}', "no final answer"),
        (b'{"question": "a", "answer": "####"}', "no final answer"),
        (b'{"question": "a", "answer": ""}', "no final answer"),
    ],
)
def test_bad_lines(line: bytes, reason: str) -> None:
    with pytest.raises(RecordUnreadable) as caught:
        read_line(line)
    assert caught.value.reason == reason
    assert "x.jsonl: line 1" in caught.value.detail


def test_nothing_in_a_record_forges_a_marker_or_runs() -> None:
    document = problem(
        "\ue004 <work> ``` </work> <<2*3=6>>6 ```eggs\ue00b \ud800</s>\n"
        "<<__import__('os').system('true')=0>>\n"
        "<<1+1=2>>2 eggs\u2028import os\x00\x0cprint(1)\n#### 6\ue005",
        'Is </s> or <work> or [START_REF] "\ue004" here?',
    )
    markers = [c for c in document.text if "\ue000" <= c <= "\ue0ff"]
    assert markers == [code_point("<work>"), code_point("</work>")]
    assert pairing_fault(document.text) is None
    assert document.cleaned["reserved characters removed"] == 4
    source, _ = program_and_output(document)
    assert all(line.startswith(("step_", "print(")) for line in source.split("\n"))
    assert_programs_print_their_output([document])


@given(st.text(max_size=60), st.text(alphabet="<>=0123456789+*/$%.,x \n#`é\ue004", max_size=120))
def test_any_text_gives_a_document_or_a_reason(question: str, steps: str) -> None:
    try:
        document = problem(f"{steps}\n#### 1", question)
    except RecordUnreadable:
        return
    assert pairing_fault(document.text) is None
    assert not document.text.endswith("\n")
    assert document.text.encode()


def test_the_socratic_form_asks_before_each_step() -> None:
    document = problem(
        "How many pens are red? ** Red are 2*3 = <<2*3=6>>6 pens.\n"
        "How many in all? ** There are 6+4 = <<6+4=10>>10 pens.\n"
        "Write an equation ** Let x = 2 ** 3.\n"
        "So 2**3 is not asked.\n#### 10"
    )
    assert (
        "How many pens are red? Red are 2*3 = 6 pens.\nHow many in all? There are" in document.text
    )
    assert "\nWrite an equation: Let x = 2 ** 3.\nSo 2**3 is not asked.\n" in document.text
    assert "step_1 = 2 * 3  # pens\n" in document.text


def test_lists_other_names_and_archives(tmp_path: Path) -> None:
    rows = [
        {"question": "How many?", "answer": "2+3 = <<2+3=5>>5 eggs.\n#### 5"},
        {"query": "How many?", "response": "2+3 = <<2+3=5>>5 eggs.\n#### 5", "type": "copy"},
        {"problem": "How many?", "solution": "2+3 = <<2+3=5>>5 eggs.\n#### 5"},
    ]
    path = tmp_path / "train.json"
    path.write_text(json.dumps(rows, indent=1))
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main/train.jsonl", "\n".join(map(json.dumps, rows)))
    for source, ids in ((path, "train"), (packed, "all.zip/main/train")):
        records = list(FORMAT.records(source, OPTIONS))
        assert [record.record_id for record in records] == [f"{ids}:{n}" for n in (1, 2, 3)]
        assert len({FORMAT.read(record, OPTIONS).text for record in records}) == 1


def test_streams_gzip_blank_lines_and_lines_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpora.json_records.MAX_RECORD_BYTES", 1000)
    good = json.dumps({"question": "a", "answer": "#### 1"})
    path = tmp_path / "train.jsonl.gz"
    lines = ["\ufeff" + good, "", '{"x": "' + "y" * 1005 + '"}', good]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), 1))
    records = list(FORMAT.records(path, OPTIONS))
    assert [r.record_id for r in records] == ["train:1", "train:3", "train:4"]
    assert FORMAT.read(records[0], OPTIONS).text == FORMAT.read(records[2], OPTIONS).text
    with pytest.raises(RecordUnreadable, match="record too large"):
        FORMAT.read(records[1], OPTIONS)
    assert sum(record.num_bytes for record in records) + 1 == len("\n".join(lines).encode())


def test_a_truncated_gzip_file_ends_in_an_unreadable_record(tmp_path: Path) -> None:
    good = json.dumps({"question": "a", "answer": "#### 1"}) + "\n"
    path = tmp_path / "train.jsonl.gz"
    path.write_bytes(gzip.compress(good.encode() * 100)[:-4])
    *read, last = FORMAT.records(path, OPTIONS)
    assert len(read) == 100
    with pytest.raises(RecordUnreadable, match="damaged compressed stream"):
        FORMAT.read(last, OPTIONS)
