"""The reader of the OEIS: its four kinds of files, exact texts, and terms checked by formulas."""

import gzip
import json
import os
import re
from math import comb
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions
from corpora.oeis import FORMAT
from corpora.oeis.article import QUESTION_PROBABILITY
from corpora.oeis.entry import parse_internal
from corpora.oeis.framing import _Beside
from corpora.seeded_choices import chance
from pipelines.reading import Refusal, frame_records, read_record
from tokenization.markers import reveal

IDS = ("A900001", "A900002", "A900003", "A900004", "A900108", "A900217", "A900218")


def seed_where(asked: bool) -> int:
    """A seed with which every one of the sequences here is posed as a question, or none."""
    return next(
        seed
        for seed in range(100_000)
        if all((chance(seed, number, PURPOSE) < QUESTION_PROBABILITY) is asked for number in IDS)
    )


PURPOSE = "oeis: question"
PLAIN, ASKED = ReadOptions(seed=seed_where(False)), ReadOptions(seed=seed_where(True))

TRIANGULAR = """%I A900217 #12 Jan 05 2020 10:00:00
%S A900217 0,1,3,6,10,15,21,28,36,
%T A900217 45
%N A900217 Triangular numbers: a(n) = n*(n+1)/2 = Sum_{k=0..n} k.
%C A900217 a(n) counts the edges of a complete graph F_{n+1}. - _Ada Byron_, May 02 2001
%C A900217 From _Max Weber_, Jun 03 2004: (Start)
%C A900217 A table:
%C A900217   1 | 1
%C A900217   2 | 3
%C A900217 (End)
%C A900217 Also sums. - Eva Klein (eva(AT)example.org), Jul 04 1999
%D A900217 A. Byron, On Triangles, Invented Press, 1843, p. 7.
%H A900217 A. Byron, <a href="/A900217/b900217.txt">Table of n, a(n) for n = 0..1000</a>
%H A900217 J. van der Berg and A. Byron, <a href="https://arxiv.org/abs/1801.00017">On sums &amp;\
 products</a>, J. Invented Seq. 3 (2018), 5-9.
%H A900217 <a href="/index/Tri#t">Index entries for triangles</a>
%H A900217 Wikipedia, <a href="https://example.org/w">Triangular number</a>
%F A900217 a(n) = binomial(n+1, 2).
%F A900217 G.f.: x/(1-x)^3.
%e A900217 a(3) = 1 + 2 + 3 = 6.
%p A900217 seq(n*(n+1)/2, n=0..9); # _Ada Byron_, May 02 2001
%t A900217 Table[n (n + 1)/2, {n, 0, 9}]
%o A900217 (PARI) a(n) = n*(n+1)/2 \\\\ _Max Weber_, Jun 03 2004
%o A900217 (Python)
%o A900217 def a(n):
%o A900217     return n*(n+1)//2
%Y A900217 Cf. A900290.
%Y A900217 Sequence in context: A000001 A000002.
%K A900217 nonn,core,easy
%O A900217 0,3
%A A900217 _Ada Byron_, _Max Weber_, May 02 2001
"""
TEXT = """# Triangular numbers: a(n) = n*(n+1)/2 = Sum_{k=0..n} k

A900217 is a sequence of the On-Line Encyclopedia of Integer Sequences (OEIS), contributed by Ada \
Byron and Max Weber in 2001. This is one of the core sequences of the encyclopedia. All its terms \
are nonnegative. Its terms are easy to compute.

## Terms

Its terms begin, from a(0) on:

0, 1, 3, 6, 10, 15, 21, 28, 36, 45, ...

## Comments

a(n) counts the edges of a complete graph F_{n+1}. - Ada Byron, May 02 2001

From Max Weber, Jun 03 2004:
A table:
  1 | 1
  2 | 3

Also sums. - Eva Klein, Jul 04 1999

## Formulas

- a(n) = binomial(n+1, 2).
- G.f.: x/(1-x)^3.

## Examples

a(3) = 1 + 2 + 3 = 6.

## Programs

### Maple

```maple
seq(n*(n+1)/2, n=0..9); # Ada Byron, May 02 2001
```

### Mathematica

```mathematica
Table[n (n + 1)/2, {n, 0, 9}]
```

### PARI

```pari
a(n) = n*(n+1)/2 \\\\ Max Weber, Jun 03 2004
```

### Python

```python
def a(n):
    return n*(n+1)//2
```

## References

- A. Byron, On Triangles, Invented Press, 1843, p. 7.
- J. van der Berg and A. Byron, [START_REF] On sums & products, van der Berg[END_REF], \
J. Invented Seq. 3 (2018), 5-9.
- Wikipedia, Triangular number

## Related Sequences

Cf. A900290."""


def outcomes(path: Path, options: ReadOptions = PLAIN) -> list[Document | Refusal]:
    return [
        read_record(FORMAT, record, options, 60) if not isinstance(record, Refusal) else record
        for file in FORMAT.find(path)
        for record in frame_records(FORMAT, file, file.name, options)
    ]


def texts(path: Path, options: ReadOptions = PLAIN) -> list[str]:
    return [
        reveal(resolve(found)[0].text) if isinstance(found, Document) else found.reason
        for found in outcomes(path, options)
    ]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_an_entry(tmp_path: Path) -> None:
    path = written(tmp_path / "A900217.seq", TRIANGULAR)
    assert texts(path) == [TEXT]
    (document,) = outcomes(path)
    assert isinstance(document, Document)
    (work,) = document.citations
    assert (work.surname, work.year, work.arxiv) == ("van der Berg", "2018", "1801.00017")
    assert document.metadata["keywords"] == ["nonn", "core", "easy"]
    (asked,) = texts(path, ASKED)
    assert asked.startswith("# Triangular numbers: a(n) = n*(n+1)/2 = Sum_{k=0..n} k\n\nQuestion: ")
    assert "\n\nAnswer: " in asked
    assert "0, 1, 3, 6, 10, 15, 21, 28, 36, 45, ...\n\n## Comments" in asked


def test_the_same_entry_as_json(tmp_path: Path) -> None:
    """The lists of a search's JSON are the sections of the internal format."""
    entry = parse_internal(TRIANGULAR)
    fields = {
        "number": 900217,
        "name": entry.name,
        "data": ",".join(entry.terms),
        "offset": "0,3",
        "keyword": "nonn,core,easy",
        "author": entry.author,
        "comment": entry.sections["C"],
        "reference": entry.sections["D"],
        "link": entry.sections["H"],
        "formula": entry.sections["F"],
        "example": entry.sections["e"],
        "maple": entry.sections["p"],
        "mathematica": entry.sections["t"],
        "program": entry.sections["o"],
        "xref": entry.sections["Y"],
    }
    written(tmp_path / "old.json", json.dumps({"count": 1, "results": [fields]}, indent=1))
    written(tmp_path / "new.json", json.dumps([fields, {**fields, "number": 900218}]))
    assert texts(tmp_path)[0] == texts(tmp_path)[2] == TEXT
    written(tmp_path / "none.json", json.dumps({"count": 0, "results": None}))
    assert texts(tmp_path / "none.json") == ["not an OEIS entry"]


def test_a_search_as_text_has_several_entries(tmp_path: Path) -> None:
    other = TRIANGULAR.replace("A900217", "A900218")
    page = (
        f"# Greetings from The On-Line Encyclopedia!\n\nSearch: x\nShowing 1-2 of 2\n\n{TRIANGULAR}"
    )
    path = written(tmp_path / "search.txt", f"{page}\n{other}\n# Content is available\n")
    found = outcomes(path)
    assert [isinstance(it, Document) and it.record_id for it in found] == ["A900217", "A900218"]
    assert texts(path) == [TEXT, TEXT.replace("A900217", "A900218")]


def test_stripped_is_read_with_the_names_beside_it(tmp_path: Path) -> None:
    head = b"# OEIS Sequence Data\n# Last Modified: January 1\n"
    with gzip.open(tmp_path / "stripped.gz", "wb") as file:
        file.write(head + b"A900001 ,1,-2,4,-8,\nA900002 ,0,0,1,\nA900004 ,5,\n")
    with gzip.open(tmp_path / "names.gz", "wb") as file:
        file.write(head + "A900001 a(n) = (-2)^n.\nA900003 Möbius.\nA900004 Five.\n".encode())
    written(tmp_path / "keywords.txt", "A900001 sign,easy\n")
    written(tmp_path / "offsets", "A900001: 0,2\n")
    assert texts(tmp_path) == [
        "# a(n) = (-2)^n\n\nA900001 is a sequence of the On-Line Encyclopedia of Integer Sequences "
        "(OEIS). Some of its terms are negative. Its terms are easy to compute.\n\n## Terms\n\n"
        "Its terms begin, from a(0) on:\n\n1, -2, 4, -8, ...",
        "# A900002\n\nA900002 is a sequence of the On-Line Encyclopedia of Integer Sequences "
        "(OEIS).\n\n## Terms\n\nIts terms begin:\n\n0, 0, 1, ...",
        "# Five\n\nA900004 is a sequence of the On-Line Encyclopedia of Integer Sequences (OEIS)."
        "\n\n## Terms\n\nIts terms begin:\n\n5, ...",
    ]
    (refusal,) = outcomes(tmp_path / "names.gz")
    assert isinstance(refusal, Refusal)
    assert not refusal.quarantined


def test_names_alone_and_out_of_order(tmp_path: Path) -> None:
    written(tmp_path / "names.txt", "A900002 Two.\nA900001 One.\n")
    assert [text.split("\n")[0] for text in texts(tmp_path)] == ["# Two", "# One"]
    written(tmp_path / "stripped.txt", "A900001 1,1\nA900002 2,2\nA900003 3\n")
    assert [text.split("\n")[0] for text in texts(tmp_path)] == ["# One", "# Two", "# A900003"]


def test_names_in_order_are_not_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "names", "".join(f"A{n:06} Name {n}\n" for n in range(1, 2000)))
    beside = _Beside(path)
    for number in range(1, 2000, 2):
        line = beside.line(f"A{number:06}")
        assert line is not None
        assert line.data == f"Name {number}".encode()
        # What no line asked for is all that is remembered.
        assert len(beside._ahead) <= number // 2 + 1
    assert beside.line("A999999") is None


def test_a_b_file(tmp_path: Path) -> None:
    rows = "".join(f"{n} {comb(2 * n, n) // (n + 1)}\n" for n in range(200))
    path = written(tmp_path / "b900108.txt", f"# Table of n, a(n)\n{rows}\n# end\n")
    (text,) = texts(path)
    assert text.startswith(
        "# A900108\n\nA900108 is a sequence of the On-Line Encyclopedia of Integer Sequences "
        "(OEIS). Its terms from a(0) to a(199) are known from a table.\n\nIts terms begin, from "
        "a(0) on:\n\n1, 1, 2, 5, 14, 42,"
    )
    assert len(text) < 1500
    path = written(tmp_path / "b900109.txt", "-1 5\n0 -6\n")
    assert "from a(-1) on:\n\n5, -6, ..." in texts(path)[0]
    for bad, reason in (
        ("1 1\n3 3\n", "an index is left out"),
        ("1 1\n2 2 3\n", "not two columns"),
        ("1 1\n2 x\n", "a term is no integer"),
        ("1 1\nx 2\n", "an index is no integer"),
    ):
        assert texts(written(tmp_path / "b900110.txt", bad)) == [reason]
    assert texts(written(tmp_path / "table.txt", "1 1\n2 2\n")) == ["not an OEIS file"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("%S A900001 1,2\n%V A900001 1,-2\n%N A900001 X.", "1, -2, ..."),
        ("%S A900001 1,2\n%K A900001 fini,full\n%N A900001 X.", "1, 2"),
        ("%S A900001 3,1,4,\n%T A900001 1,5\n%N A900001 Decimal expansion of X.\n%O A900001 1,1"
         "\n%K A900001 nonn,cons", "3.1415..."),
        ("%S A900001 5,7\n%N A900001 Decimal expansion of X.\n%O A900001 -1,1\n%K A900001 cons",
         "0.057..."),
        ("%S A900001 3,7,15\n%N A900001 Continued fraction for X.\n%O A900001 0,1"
         "\n%K A900001 nonn,cofr", "from a(0) on:\n\n3, 7, 15"),
        ("%S A900001 1,2\n%N A900001 X.\n%e A900001 1: C_1\n%e A900001 4: C_4, C_2 X C_2",
         "## Examples\n\n1: C_1\n4: C_4, C_2 X C_2"),
        (f"%S A900001 {'9' * 5000}\n%N A900001 X.", "9" * 5000 + ", ..."),
    ],
)  # fmt: skip
def test_terms(tmp_path: Path, lines: str, expected: str) -> None:
    (text,) = texts(written(tmp_path / "a.seq", f"%I A900001\n{lines}\n"))
    assert expected in text


WRONG = "an erroneous or duplicate sequence"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("%S A900001 1,x\n%N A900001 X.", "a term is no integer"),
        ("%N A900001 allocated for Ada Byron", "a reserved number"),
        ("%S A900001 1\n%N A900001 Erroneous version of A900002.", WRONG),
        ("%S A900001 1\n%K A900001 dead", WRONG),
        ("%", "neither name nor terms"),
        ("%q", "broken line"),
    ],
)  # fmt: skip
def test_what_is_no_sequence(tmp_path: Path, lines: str, reason: str) -> None:
    assert texts(written(tmp_path / "a.seq", f"%I A900001\n{lines}\n")) == [reason]


def test_lines_that_are_broken_cost_themselves(tmp_path: Path) -> None:
    data = (
        b"A900001 ,1,2,\nwords\nA900002 ,\nA900003 ,1,\xff\nA900004 ,4,\n"
        + b"A900005 ,"
        + (b"9" * 2_000_000 + b",\nA900006 ,6,\n")
    )
    (tmp_path / "stripped").write_bytes(data)
    found = texts(tmp_path)
    assert found[1:4] == ["no number", "no terms", "not UTF-8"]
    assert found[5] == "line too long"
    assert [n for n, text in enumerate(found) if text.startswith("# ")] == [0, 4, 6]
    (tmp_path / "stripped").write_bytes(b"")
    assert texts(tmp_path) == ["empty file"]
    (tmp_path / "stripped").write_bytes(gzip.compress(data)[:60])
    assert texts(tmp_path)[-1] == "damaged compressed stream"


@given(st.lists(st.integers(-(10**30), 10**30), min_size=1, max_size=40), st.integers(-5, 5))
def test_terms_are_those_of_the_source(terms: list[int], offset: int) -> None:
    data = ",".join(map(str, terms))
    entry = parse_internal(f"%I A900001\n%S A900001 {data}\n%O A900001 {offset},1")
    assert [int(term) for term in entry.terms] == terms
    assert entry.offset == offset


#: Formulas of well-known sequences, from their first index on.
FORMULAS = {
    "A000027": lambda n: n + 1,
    "A000012": lambda n: 1,
    "A000290": lambda n: n * n,
    "A000040": lambda n: [p for p in range(2, 100) if all(p % d for d in range(2, p))][n],
    "A000045": lambda n: _fibonacci(n),
}


def _fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def listed_terms(text: str) -> list[int]:
    """The terms that a document lists."""
    line = re.search(r"^-?\d+(?:, -?\d+)+, \.\.\.$", text, re.MULTILINE)
    assert line is not None
    return [int(term) for term in line.group().removesuffix(", ...").split(", ")]


@pytest.mark.parametrize("number", FORMULAS)
def test_terms_of_a_document_follow_their_formula(tmp_path: Path, number: str) -> None:
    terms = [FORMULAS[number](n) for n in range(25)]
    written(tmp_path / "stripped", f"{number} ,{','.join(map(str, terms))},\n")
    rows = "".join(f"{n} {term}\n" for n, term in enumerate(terms))
    written(tmp_path / f"b{number[1:]}.txt", rows)
    assert [listed_terms(text) for text in texts(tmp_path)] == [terms, terms]


@pytest.mark.realdata
@pytest.mark.skipif("REALDATA" not in os.environ, reason="needs real files in $REALDATA")
def test_real_terms_follow_their_formulas() -> None:
    found = outcomes(Path(os.environ["REALDATA"], "oeis"))
    assert len(found) == 6
    for document in found:
        assert isinstance(document, Document)
        number = document.record_id
        terms = listed_terms(document.text)
        assert terms == [FORMULAS[number](n) for n in range(len(terms))]
