"""Names get back the signs that databases spell in ASCII, and lose nothing else."""

import pytest

from corpora.chemical_names import plain_name, printed_name, with_capitals
from tokenization.markers import pairing_fault, reveal

_SUP = "[START_SUP]{}[END_SUP]"


@pytest.mark.parametrize(
    ("written", "printed", "plain"),
    [
        ("1$l^{6},2-thiazine", "1λ" + _SUP.format(6) + ",2-thiazine", "1λ6,2-thiazine"),
        ("5lambda4-thia-1-aza", "5λ" + _SUP.format(4) + "-thia-1-aza", "5λ4-thia-1-aza"),
        (
            "tetracyclo[6.6.2.0{2,7}.0{9,14}]hexadeca-2,4-diene",
            f"tetracyclo[6.6.2.0{_SUP.format('2,7')}.0{_SUP.format('9,14')}]hexadeca-2,4-diene",
            "tetracyclo[6.6.2.0^2,7.0^9,14]hexadeca-2,4-diene",
        ),
        ("17.beta.-Estradiol", "17β-Estradiol", "17β-Estradiol"),
        (".Delta.9-THC", "Δ9-THC", "Δ9-THC"),
        ("(.+-.)-camphor", "(±)-camphor", "(±)-camphor"),
        ("(+/-)-limonene", "(±)-limonene", "(±)-limonene"),
        ("(+)-limonene", "(+)-limonene", "(+)-limonene"),
        ("lambda-cyhalothrin", "lambda-cyhalothrin", "lambda-cyhalothrin"),
        ("$l^{1}-oxidanylbenzene", f"λ{_SUP.format(1)}-oxidanylbenzene", "λ1-oxidanylbenzene"),
        ("a.b. {x} 1{a} $l", "a.b. {x} 1{a} $l", "a.b. {x} 1{a} $l"),
    ],
)
def test_names_are_printed_with_their_signs(written: str, printed: str, plain: str) -> None:
    assert pairing_fault(printed_name(written)) is None
    assert reveal(printed_name(written)) == printed
    assert plain_name(written) == plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("(8s,9r,17r)-11,17-bis(oxidanyl)", "(8S,9R,17R)-11,17-bis(oxidanyl)"),
        ("(e)-but-2-enedioic acid;(2z)-hexene", "(E)-but-2-enedioic acid;(2Z)-hexene"),
        ("n,n'-dimethyl-n-propan-2-ylmethanamine", "N,N'-dimethyl-N-propan-2-ylmethanamine"),
        ("1h-cyclopenta[a]phenanthrene,3ah-", "1H-cyclopenta[a]phenanthrene,3aH-"),
        ("imidazo[1,2-a]pyridine-3-carboxylic acid", "imidazo[1,2-a]pyridine-3-carboxylic acid"),
        ("1,2-thiazole 5-oxide", "1,2-thiazole 5-oxide"),
        ("propan-2-ol;hydrochloride", "propan-2-ol;hydrochloride"),
        ("s-ethyl o-methyl carbonothioate", "S-ethyl O-methyl carbonothioate"),
    ],
)  # fmt: skip
def test_capitals_that_carry_meaning_come_back(written: str, expected: str) -> None:
    assert with_capitals(written) == expected


def test_a_name_that_is_not_systematic_keeps_its_prefixes() -> None:
    assert with_capitals("n-butyl (2s)-lactate", is_systematic=False) == "n-butyl (2S)-lactate"
    assert with_capitals("o-xylene", is_systematic=False) == "o-xylene"
