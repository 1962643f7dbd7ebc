"""Names get back the signs that databases spell in ASCII, and lose nothing else."""

import pytest

from corpora.chemical_names import plain_name, printed_name
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
        ("a.b. {x} 1{a} $l", "a.b. {x} 1{a} $l", "a.b. {x} 1{a} $l"),
    ],
)
def test_names_are_printed_with_their_signs(written: str, printed: str, plain: str) -> None:
    assert pairing_fault(printed_name(written)) is None
    assert reveal(printed_name(written)) == printed
    assert plain_name(written) == plain
