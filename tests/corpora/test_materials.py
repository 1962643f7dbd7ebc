"""Formulas of materials: what is one, where what is none goes wrong, and its tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.documents import RecordUnreadable
from corpora.materials import ELEMENTS, MAX_CHARACTERS, parse_material
from tokenization.markers import reveal
from tokenization.wrappers import material

FORMULAS = {
    "LiNi0.8Mn0.1Co0.1O2": "Li Ni Mn Co O",
    "(Ba0.5Sr0.5)TiO3": "Ba Sr Ti O",
    "YBa2Cu3O7-δ": "Y Ba Cu O",
    "La2-xSrxCuO4": "La Sr Cu O",
    "Li1-x-yNixCoyO2": "Li Ni Co O",
    "CuSO4·5H2O": "Cu S O H",
    "CaSO4·0.5H2O": "Ca S O H",
    "[Fe(CN)6]4": "Fe C N",
    "K4[Fe(CN)6]·3H2O": "K Fe C N O H",
    "Al0.3CoCrFeNi": "Al Co Cr Fe Ni",
    "Ca10(PO4)6(OH)2": "Ca P O H",
    "Na.5Cl": "Na Cl",
    "C": "C",
    "Cx": "C",
    "TiO2-2x": "Ti O",
    "{[(H2O)2]3}x": "H O",
    "D2O": "D O",
    "Og": "Og",
}


@pytest.mark.parametrize("written", FORMULAS)
def test_formulas_are_kept_as_written(written: str) -> None:
    parsed = parse_material(written)
    assert parsed.formula == written
    assert sorted(parsed.elements) == sorted(FORMULAS[written].split())
    assert reveal(material(parsed.formula)) == f"[START_MATERIAL]{written}[END_MATERIAL]"


def test_typesetting_becomes_plain() -> None:
    assert parse_material(" YBa₂Cu₃O₇₋δ ").formula == "YBa2Cu3O7-δ"
    assert parse_material("CuSO₄ • 5 H₂O").formula == "CuSO4·5H2O"
    assert parse_material("La2−xSrxCuO4").formula == "La2-xSrxCuO4"


@pytest.mark.parametrize(
    ("written", "detail"),
    [
        ("", "0 characters"),
        ("  \n", "0 characters"),
        ("H" * (MAX_CHARACTERS + 1), "501 characters; 1 to 500"),
        ("Xx2O3", "no element at position 0"),
        ("FeQ", "no element at position 2"),
        ("fe2O3", "no element at position 0"),
        ("2H2O", "no element at position 0"),
        ("(BaTiO3", "a ( never closed"),
        ("BaTiO3)", "a ) that closes nothing at position 6"),
        ("(Ba]TiO3", "a ] that closes nothing at position 3"),
        ("()", "a ) that closes nothing at position 1"),
        ("Fe0O", "none of something at position 2"),
        ("Fe0.00O", "none of something"),
        ("·H2O", "a dot that joins nothing at position 0"),
        ("NaCl··H2O", "a dot that joins nothing"),
        ("(Na·Cl)", "a dot that joins nothing"),
        ("NaCl·", "nothing after the dot"),
        ("NaCl·2", "nothing after the dot"),
        ("Fe1..2", "no element at position 3"),
        ("Fe--2", "no element at position 2"),
        ("the steel", "no element at position 0"),
        ("Fe\ue000O", "no element at position 2"),
        ("Fe[START_REF]", "no element at position 5"),
    ],
)
def test_what_is_no_formula_is_refused_with_the_place(written: str, detail: str) -> None:
    with pytest.raises(RecordUnreadable) as caught:
        parse_material(written)
    assert detail in caught.value.detail


@given(st.text(alphabet="HeOCoxδ().5·-[]{} 20", max_size=40) | st.text(max_size=20))
def test_any_text_is_a_formula_or_refused(written: str) -> None:
    try:
        parsed = parse_material(written)
    except RecordUnreadable:
        return
    assert parse_material(parsed.formula) == parsed
    assert material(parsed.formula)
    assert set(parsed.elements) <= ELEMENTS


def test_many_brackets_cost_no_recursion() -> None:
    nested = "(" * 200 + "O" + ")" * 200
    assert parse_material(nested).elements == ("O",)
