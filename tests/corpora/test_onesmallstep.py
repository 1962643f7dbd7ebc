"""Generated problems: every template's answers, units, form and English; programs; sources."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pint
import pytest

from corpora.documents import (
    Document,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.onesmallstep import FORMAT
from corpora.onesmallstep.amounts import given, number_tex, quantity, shown, unit_tex
from corpora.onesmallstep.problems import Draw, Problem, WrongAnswer, agrees, fill
from corpora.onesmallstep.sandbox import ProgramFailed, run_program
from corpora.onesmallstep.source import checked_output, document_text
from corpora.onesmallstep.specification import Options
from corpora.onesmallstep.templates import SUBJECTS, TEMPLATES
from tokenization.markers import pairing_fault, reveal

PLAIN = ReadOptions(latex_markers=False)
#: Problems a template in the fast tests, and in the slow one.
FEW, MANY = 25, 1500


def generated(name: str, count: int) -> list[Problem]:
    """Problems of a template as a source gives them: those whose printed steps agree."""
    found = []
    for seed in range(count):
        problem = TEMPLATES[name](Draw(seed * 7919 + 13))
        if agrees(problem):
            found.append(problem)
    return found


def source(tmp_path: Path, specification: str, name: str = "set.yaml") -> Path:
    path = tmp_path / name
    path.write_text(specification, encoding="utf-8")
    return path


def records(path: Path, options: ReadOptions = PLAIN) -> list[Record]:
    return list(FORMAT.records(path, options))


def test_there_are_enough_templates_of_every_subject() -> None:
    assert list(SUBJECTS) == [
        "astronomy", "biology", "chemistry", "electronics", "mathematics", "physics", "statistics",
    ]  # fmt: skip
    assert len(TEMPLATES) == sum(len(group) for group in SUBJECTS.values()) >= 75
    assert min(len(group) for group in SUBJECTS.values()) >= 9


@pytest.mark.parametrize("name", TEMPLATES)
def test_answers_agree_with_an_independent_path(name: str) -> None:
    # `agrees` raises where a result is wrong or of another dimension.
    assert len(generated(name, FEW)) >= FEW // 4


@pytest.mark.slow
@pytest.mark.parametrize("name", TEMPLATES)
def test_many_answers_agree_with_an_independent_path(name: str) -> None:
    problems = generated(name, MANY)
    assert len(problems) >= MANY // 4
    for problem in problems[:200]:
        assert_well_written(problem)
    for problem in problems[:100]:
        if problem.program:
            assert checked_output(problem)


@pytest.mark.parametrize("name", [n for n in TEMPLATES if TEMPLATES[n](Draw(1)).program])
def test_programs_print_the_answer(name: str) -> None:
    for problem in generated(name, 6):
        assert checked_output(problem)


def test_enough_templates_have_programs() -> None:
    with_program = [name for name in TEMPLATES if TEMPLATES[name](Draw(1)).program]
    assert len(with_program) >= 8


_FLAWS = {
    "a place is not filled": r"<[A-Za-z_]\w*(?:\.\w+)?>(?<!<work>)",
    "noise of floats": r"\d\.\d*(?:0{6,}|9{6,})\d|\d\.\d{9,}",
    "an exponent of a program": r"\d[eE][-+]?\d",
    "two signs": r"[-+] *[-+] *\d|\+ *-|- *-",
    "a negative size": r"= -\d[\d.]*(?:\\ \\mathrm\{(?:m|km|cm|mm|kg|g|s|L|mL|K|ohm)\})\$",
    "minus zero": r"(?<![\d.])-0(?:\.0+)?(?![\d.])",
    "a before a vowel": r"(?:^|[.?] )A [aeio]|\ba (?!or\b|and\b|one)[aeio]\w",
    "a before eight": r"\b[Aa] \$?(?:8|1[18](?!\d))",
    "an before a consonant": r"\b[Aa]n (?![aeiouAEIOFHLMNRSX8$\\]|11\b|18\b|hour|honest)",
    "one of several": r"(?<![:.\d])1 (?!is\b)\w+s\b",
    "two spaces": r"[^\s]  +[^\s]",
    "a doubled word": r"\b([A-Za-z]{2,}) \1\b",
    "a space before a point": r" [,.;:?](?:\s|$)",
    "no unit": r"\\mathrm\{\}|\\text\{ ?\}",
    "a unit in letters of a program": r"\\mathrm\{[^}]*(?:ohm|degC|degree|minute|[a-z]_[a-z])",
    "micro as u": r"\\mathrm\{u[A-Zms][^}]*\}",
    "doubled braces": r"\{\{",
    "None": r"\bNone\b|\bnan\b|\binf\b",
}


def assert_well_written(problem: Problem) -> None:
    """No flaw of form in what a reader sees, the programs left out."""
    texts = [problem.question, *problem.steps, problem.answer]
    for text in texts:
        filled = fill(text, problem.values)
        assert filled.count("$") % 2 == 0 or r"\$" in filled, filled
        assert filled.count("{") == filled.count("}"), filled
        prose = re.sub(r"\[START_DNA\].*?\[END_DNA\]", "GATTACA", reveal(filled))
        for flaw, pattern in _FLAWS.items():
            found = re.search(pattern, prose)
            assert found is None, f"{flaw}: {found.group()!r} in {prose}"
    question = fill(problem.question, problem.values)
    assert question[0].isupper() or question[0] in "$\\0123456789", question
    assert question[-1] in ".?)$", question
    assert question.count("?") <= 1, question
    final = fill(problem.answer, problem.values)
    assert final[-1] not in ".,;", final


@pytest.mark.parametrize("name", TEMPLATES)
def test_problems_are_well_written(name: str) -> None:
    for problem in generated(name, FEW):
        assert_well_written(problem)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_varies_in_its_numbers_and_its_words(name: str) -> None:
    draws = [Draw(seed) for seed in range(60)]
    problems = [TEMPLATES[name](draw) for draw in draws]
    assert len({tuple(draw.drawn) for draw in draws}) >= 40
    openings = {re.sub(r"[\d.]+", "#", problem.question)[:25] for problem in problems}
    assert len(openings) >= 2


# Sources


def test_templates_take_turns_and_nothing_is_given_twice(tmp_path: Path) -> None:
    path = source(tmp_path, "templates: [mathematics, free_fall]\nproblems: 60\nseed: 5\n")
    found = records(path)
    ids = [record.record_id for record in found]
    assert len(set(ids)) == len(ids) == 60
    assert ids[:2] == ["set:quadratic_roots:1", "set:arithmetic_series:1"]
    assert Counter(i.split(":")[1] for i in ids)["free_fall"] == 60 // 13
    texts = [FORMAT.read(record, PLAIN).text for record in found]
    assert len(set(texts)) == 60
    assert all(pairing_fault(text) is None for text in texts)


def test_a_document_is_question_work_and_answer(tmp_path: Path) -> None:
    (record,) = records(source(tmp_path, "templates: [free_fall]\nproblems: 1\n"))
    document = FORMAT.read(record, PLAIN)
    question, work, answer = reveal(document.text).split("\n\n<work>\n")[0], "", ""
    work, _, answer = reveal(document.text).partition("</work>\n\n")
    assert question.startswith("Question: ")
    assert "\\sqrt{2gh}" in work
    assert re.fullmatch(r"Answer: \\\(\d+\.\d+\\ \\mathrm\{m/s\}\\\)", answer)
    assert document.metadata == {"template": "free_fall", "subject": "physics"}
    marked = FORMAT.read(record, ReadOptions())
    assert reveal(marked.text).count("[START_LATEX]") == reveal(document.text).count("\\)") + (
        reveal(document.text).count("\\]")
    )


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    path = source(tmp_path, "problems: 80\nseed: 3\n")
    texts = [FORMAT.read(record, PLAIN).text for record in records(path)]
    assert texts == [FORMAT.read(record, PLAIN).text for record in records(path)]
    other = source(tmp_path, "problems: 80\nseed: 4\n", "other.yaml")
    assert not set(texts) & {FORMAT.read(record, PLAIN).text for record in records(other)}
    # More problems change none of the first.
    longer = source(tmp_path, "problems: 160\nseed: 3\n", "longer.yaml")
    assert [r.payload for r in records(longer)[:80]] == [r.payload for r in records(path)]


def test_bytes_do_not_depend_on_the_process(tmp_path: Path) -> None:
    path = source(tmp_path, "problems: 79\nseed: 11\n")
    code = (
        "import hashlib, sys; from pathlib import Path; from corpora.onesmallstep import FORMAT;"
        "from corpora.documents import ReadOptions as O; h = hashlib.sha256();"
        "found = FORMAT.records(Path(sys.argv[1]), O());"
        "[h.update(FORMAT.read(r, O()).text.encode()) for r in found];"
        "print(h.hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code, str(path)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "77")
    }
    assert len(digests) == 1


def test_options_of_the_recipe_come_before_the_file(tmp_path: Path) -> None:
    path = source(tmp_path, json.dumps({"problems": 5, "templates": ["physics"]}), "set.json")
    options = ReadOptions(source=Options(problems=3, templates=["buoyancy"], seed=1))
    assert [r.record_id for r in records(path, options)] == [
        f"set:buoyancy:{number}" for number in (1, 2, 3)
    ]
    assert {r.payload.seed for r in records(path, options)} == {1}


def test_files_without_a_seed_hold_different_problems(tmp_path: Path) -> None:
    first, second = (
        records(source(tmp_path, "problems: 9\n", name), ReadOptions(seed=9))
        for name in ("one.yaml", "two.yaml")
    )
    texts = {FORMAT.read(record, PLAIN).text for record in (*first, *second)}
    assert len(texts) == 18
    again = records(tmp_path / "one.yaml", ReadOptions(seed=9))
    assert [r.payload for r in again] == [r.payload for r in first]
    assert [r.payload for r in records(tmp_path / "one.yaml")] != [r.payload for r in first]


def test_templates_may_be_named_in_one_text(tmp_path: Path) -> None:
    found = records(source(tmp_path, "templates: buoyancy, free_fall\nproblems: 2\n"))
    assert [r.payload.template for r in found] == ["free_fall", "buoyancy"]


def test_a_template_that_has_no_further_problem_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(draw: Draw) -> Problem:
        n = draw.whole(1, 3)
        return Problem(f"What is {n} + 1?", [f"${n} + 1$"], f"{n + 1}", {}, [(n + 1, 1 + n)])

    monkeypatch.setitem(TEMPLATES, "free_fall", small)
    found = records(source(tmp_path, "templates: [free_fall]\nproblems: 5\n"))
    outcomes: list[Document | str] = []
    for record in found:
        try:
            outcomes.append(FORMAT.read(record, PLAIN))
        except RecordDropped as error:
            outcomes.append(error.reason)
    assert outcomes[3:] == ["no further problem of the template"] * 2
    assert len({d.text for d in outcomes[:3] if isinstance(d, Document)}) == 3


@pytest.mark.parametrize(
    ("specification", "reason"),
    [
        ("", "empty file"),
        ("- physics\n", "not a specification"),
        ("problems: none\n", "not a specification"),
        ("problems: 0\n", "not a specification"),
        ("problems: 1e99\n", "not a specification"),
        ("templates: [alchemy]\n", "not a specification"),
        ("templates: []\n", "not a specification"),
        ("how_many: 3\n", "not a specification"),
        ("templates: [*a, *a]\nx: &a [1]\n", "not a specification"),
        ("a: &a [x, x]\nb: &b [*a, *a]\ntemplates: [*b, *b]\n", "not a specification"),
        ("templates: !!python/object/apply:os.system [true]\n", "not a specification"),
        ("[" * 5000, "not a specification"),
        ("problems: '" + "9" * 70_000 + "'", "record too large"),
        ("\ud800", "not a specification"),
    ],
)
def test_specifications_that_are_none_say_why(
    tmp_path: Path, specification: str, reason: str
) -> None:
    path = tmp_path / "set.yaml"
    path.write_bytes(specification.encode("utf-8", "surrogatepass"))
    (record,) = records(path)
    with pytest.raises(RecordUnreadable) as caught:
        FORMAT.read(record, PLAIN)
    assert caught.value.reason == reason


# What templates are made of


def test_a_wrong_answer_and_a_wrong_dimension_are_found() -> None:
    speed = shown(quantity(3, "m/s"), "m/s")
    with pytest.raises(WrongAnswer):
        agrees(Problem("", [], "", {}, [(speed, quantity(3.3, "m/s"))]))
    with pytest.raises(WrongAnswer):
        agrees(Problem("", [], "", {}, [(4, 5)]))
    with pytest.raises(pint.DimensionalityError):
        agrees(Problem("", [], "", {}, [(speed, quantity(3, "m"))]))
    with pytest.raises(pint.DimensionalityError):
        shown(quantity(3, "m") * quantity(2, "s"), "m/s")
    assert not agrees(Problem("", [], "", {}, [(speed, quantity(3.01, "m/s"))]))
    assert agrees(Problem("", [], "", {}, [(speed, quantity(10.8, "km/hour"))]))


@pytest.mark.parametrize(
    ("value", "figures", "printed"),
    [
        (0.0, 3, "0"),
        (1234.0, 3, "1230"),
        (12345.0, 3, r"1.23 \times 10^{4}"),
        (0.00099999, 3, "0.00100"),
        (0.0004567, 2, r"4.6 \times 10^{-4}"),
        (-2.5, 3, "-2.50"),
        (99.99, 3, "100"),
    ],
)
def test_numbers_have_their_significant_figures(value: float, figures: int, printed: str) -> None:
    assert number_tex(value, figures) == printed


def test_units_print_as_they_are_written_by_hand() -> None:
    assert unit_tex("m^3/(kg*s^2)") == r"\ \mathrm{m^{3}/(kg\,s^{2})}"
    assert given("2.50", "kohm").tex == r"2.50\ \mathrm{k\Omega}"
    assert given("-3.0", "V").bracketed == r"\left(-3.0\ \mathrm{V}\right)"
    assert given("1.6e-19", "C").tex == r"1.6 \times 10^{-19}\ \mathrm{C}"


@pytest.mark.parametrize(
    "program",
    [
        "open('/etc/passwd')",
        "open('/tmp/written', 'w')",
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.execv('/bin/true', ['true'])",
        "x = [0] * 10**9",
        "print('x' * 100_000)",
        "1 / 0",
    ],
)
def test_a_program_can_do_nothing_but_calculate(program: str) -> None:
    with pytest.raises(ProgramFailed):
        run_program(program)
    assert run_program("print(6 * 7)") == "42\n"


def test_a_program_that_never_ends_is_stopped() -> None:
    with pytest.raises(ProgramFailed, match="stopped at a limit"):
        run_program("while True: pass")
    assert run_program("import os; print(sorted(os.environ))") in ("[]\n", "['LC_CTYPE']\n")


def test_a_program_that_disagrees_gives_no_document() -> None:
    answer = shown(quantity(2.0), "")
    problem = Problem("Q?", [], "<a>", {"a": answer}, [(answer, quantity(2.0))], "print(3.00)")
    with pytest.raises(RecordUnreadable, match="its program disagrees"):
        document_text(problem, PLAIN)


def test_a_half_is_rounded_as_people_do() -> None:
    minute_volume = quantity(95, "1/min") * quantity(65, "mL")
    assert shown(minute_volume, "L/min").number == "6.18"
    assert shown(quantity(0.0125), figures=2).number == "0.013"
    assert shown(quantity(-2.5), figures=1).number == "-3"
