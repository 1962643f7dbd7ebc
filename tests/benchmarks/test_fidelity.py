"""The measures of the fidelity benchmark: what they call lost, leaked and unbalanced is so."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenization.markers import conceal

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

pytest.importorskip("pylatexenc")
pytest.importorskip("lxml")


@pytest.fixture(scope="module", autouse=True)
def _benchmarks_importable() -> Any:
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))


def _longest(left: list[str], right: list[str]) -> int:
    row = [0] * (len(right) + 1)
    for word in left:
        above = row[:]
        for place, other in enumerate(right):
            row[place + 1] = (
                above[place] + 1 if word == other else max(above[place + 1], row[place])
            )
    return row[-1]


_WORDS = st.lists(st.sampled_from("abcde"), max_size=14)


@given(_WORDS, _WORDS)
def test_alignment_is_a_longest_common_subsequence(left: list[str], right: list[str]) -> None:
    import fidelity_alignment

    found = fidelity_alignment.matched(left, right)
    kept = [word for word, flag in zip(left, found, strict=True) if flag]
    rest = iter(right)
    assert all(word in rest for word in kept)
    assert len(kept) == _longest(left, right)


@given(st.lists(st.sampled_from([f"w{n}" for n in range(40)]), max_size=60), st.randoms())
def test_cut_alignment_loses_little_and_invents_nothing(words: list[str], random: Any) -> None:
    import fidelity_alignment

    kept = [word for word in words if random.random() < 0.9]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fidelity_alignment, "_MOST_BITS", 20)
        found = fidelity_alignment.matched(words, kept)
    rest = iter(kept)
    assert all(w in rest for w, flag in zip(words, found, strict=True) if flag)


def test_moved_stretch_is_elsewhere_and_absent_one_is_missing() -> None:
    from fidelity_alignment import missing_stretches

    body = [f"w{n}" for n in range(40)]
    note = "a note that stands at the end".split()
    gone = "and one that stands nowhere at all".split()
    stretches = missing_stretches(body[:20] + note + body[20:30] + gone + body[30:], body + note)
    assert [(s.size, s.elsewhere) for s in stretches] == [(len(note), True), (len(gone), False)]


def test_leaks_are_outside_formulas_code_and_sequences_and_not_the_authors_own() -> None:
    from fidelity_text import leaks

    text = conceal(
        "A [START_LATEX]\\(\\alpha\\)[END_LATEX] `\\code` [START_SMILES]C\\C=C[END_SMILES]\n\n"
        "[START_REF] On \\(\\gamma\\) rays, Doe[END_REF] "
        "```\n<tag>\n```\n\nx < y and b > c, a set {{1}, {{2}} \\beta &amp; see Figure ??."
    )
    assert [leak.kind for leak in leaks(text, {})] == [
        r"\command", "{{ }}", "{{ }}", "{{ }}", "&entity;", "??",
    ]  # fmt: skip
    assert not any(leak.kind == "{{ }}" for leak in leaks(text, {"XML": "a set {{1}, {{2}}"}))


def test_signs_that_a_tex_source_has_itself() -> None:
    from fidelity_text import leaks

    title = conceal("[START_REF] On <i>rain</i>, Poe[END_REF]")
    text = f"the <ID> and <ID> of <call x=“1”>, why?? {title}"
    own = r"the <ID> of <call x=``1''>, why?? On <i>rain</i>"
    assert [leak.kind for leak in leaks(text, {}, own)] == ["<tag", "<tag", "<tag"]
    assert len(leaks(text, {})) == 6


@pytest.mark.parametrize(
    ("formula", "fault"),
    [
        (r"\[\begin{aligned}a\\b\end{aligned}\]", None),
        (r"\(\{a\)", None),
        (r"\(\left( a\)", r"\left \right"),
        (r"\(a}{b\)", "braces"),
        (r"\[\begin{cases}a\end{matrix}\]", "environments"),
        (r"\(\leftarrow\)", None),
        ("\\(x\\\\)", "delimiters"),
        ("\\(x\\\\\\)", None),
    ],
)
def test_unbalanced_formulas(formula: str, fault: str | None) -> None:
    from fidelity_text import formula_fault

    assert formula_fault(formula) == fault


def test_formula_that_closes_its_own_delimiter_is_an_error() -> None:
    from fidelity_text import parse_error

    assert parse_error(r"\(x\)") is None
    assert parse_error("\\(x\\\\)")


def test_lost_formula_is_found_and_one_written_as_text_is_not_lost() -> None:
    from fidelity_text import formulas_lost, skeleton

    text = conceal("[START_LATEX]\\(E = mc^2\\)[END_LATEX], 10[START_SUP]2[END_SUP]")
    expected = [skeleton(each) for each in (r"E=mc^{2}", r"^{2}", r"\int f(x) g(y) dxdy")]
    assert formulas_lost(expected, text) == [skeleton(r"\int f(x) g(y) dxdy")]


def test_passage_is_twice_unless_the_source_has_it_twice() -> None:
    from fidelity_text import repeated_passages

    passage = " ".join(f"word{n}" for n in range(30))
    text = f"{passage}\n\nsomething else\n\n{passage}"
    assert repeated_passages(text, passage) == [passage]
    assert not repeated_passages(text, f"{passage} and {passage}")


def test_speed_beside_pandoc_is_by_cpu_and_by_the_clock() -> None:
    from corpora_fidelity import Tally
    from fidelity_pandoc import AS_RUN, BY_CPU
    from fidelity_peers import Timing
    from fidelity_report import OURS_BY_CLOCK, OURS_BY_CPU, verdicts

    seconds = {BY_CPU: 10.0, AS_RUN: 24.0, OURS_BY_CPU: 1.0, OURS_BY_CLOCK: 2.0}
    jats = Tally(peers={peer: Timing(8_000_000, spent) for peer, spent in seconds.items()})
    tei = Tally(cpu_seconds=1.0, clock_seconds=1.25)
    tei.counts["bytes"] = 4_000_000
    tallies = {"jats": jats, "tei": tei}
    assert [line for line in verdicts("jats", jats, tallies) if "speed" in line] == [
        "speed 10.00x pandoc, at least 10.0x wanted: reached",
        "speed 12.00x pandoc as users run it, at least 10.0x wanted: reached",
    ]
    assert [line for line in verdicts("tei", tei, tallies) if "speed" in line] == [
        "speed 5.00x pandoc on JATS, at least 10.0x wanted: NOT REACHED",
        "speed 9.60x pandoc as users run it on JATS, at least 10.0x wanted: NOT REACHED",
    ]
    assert not [line for line in verdicts("tei", tei, {"tei": tei}) if "speed" in line]


def test_run_over_good_and_broken_files_ends_with_a_table(tmp_path: Path) -> None:
    folder = tmp_path / "jats"
    folder.mkdir()
    article = (
        "<article><front><article-meta><title-group><article-title>On moss</article-title>"
        "</title-group></article-meta></front><body><sec><title>Results</title>"
        "<p>Moss grows <xref ref-type='bibr' rid='b1'>[1]</xref> in the shade &amp; the rain.</p>"
        "</sec></body><back><ref-list><ref id='b1'><element-citation><article-title>Shade"
        "</article-title></element-citation></ref></ref-list></back></article>"
    )
    (folder / "good.xml").write_text(article)
    (folder / "cut.xml").write_text(article[:200])
    (folder / "empty.xml").write_text("")
    (folder / "binary.xml").write_bytes(bytes(range(256)))
    arguments = ["--data", str(tmp_path), "--worst", "3", "--no-pandoc", "--json"]
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "corpora_fidelity.py"), *arguments, tmp_path / "out"],
        env={"PYTHONPATH": str(BENCHMARKS.parent), "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out").read_text())["jats"]
    assert report["counts"]["records"] == 4
    assert report["counts"]["read"] + sum(report["quarantined"].values()) == 4
    assert report["counts"]["citations found"] == report["counts"]["citations expected"] >= 1
    assert report["words"]["XML"]["missing"] == 0
    assert "| jats " in done.stdout
