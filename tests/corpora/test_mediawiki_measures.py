"""{{convert}}: measures and their conversions, as Module:Convert prints them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.mediawiki.arguments import Arguments
from corpora.mediawiki.measures import convert
from corpora.mediawiki.units import UNITS
from tokenization.markers import reveal

CASES = {
    "10|km|mi": "10 kilometres (6.2 mi)",
    "1|mi": "1 mile (1.6 km)",
    "3|x|4|ft": "3 by 4 feet (0.91 m × 1.22 m)",
    "25|by|36|cm|0|abbr=on": "25 by 36 cm (10 by 14 in)",
    "8|to|12|km": "8 to 12 kilometres (5.0 to 7.5 mi)",
    "70|C": "70 °C (158 °F)",
    "-40|to|-20|C": "−40 to −20 °C (−40 to −4 °F)",
    "300|K": "300 K (27 °C; 80 °F)",
    "60|mi|km|adj=on": "60-mile (97 km)",
    "10|m|ft|adj=mid|-long": "10-metre-long (33 ft)",
    "500|lb|kg|order=flip": "230 kilograms (500 lb)",
    "6000|ft|m|-2": "6,000 feet (1,800 m)",
    "20|kPa|psi|sigfig=3": "20 kilopascals (2.90 psi)",
    "840|m|ft|0|abbr=on|disp=or": "840 m or 2,756 ft",
    "9|lb|kg|disp=out": "4.1 kg",
    "1.8|m|ftin|abbr=on": "1.8 m (5 ft 11 in)",
    "2|ft|6|in|cm|adj=on": "2-foot-6-inch (76 cm)",
    "12|st|4|lb": "12 stone 4 pounds (78 kg)",
    "150|kn": "150 knots (280 km/h; 170 mph)",
    "1+1/2|mi": "1 1/2 miles (2.4 km)",
    "5|km2|abbr=on": "5 km[START_SUP]2[END_SUP] (1.9 sq mi)",
    "87|e6acre|e6ha|abbr=off": "87 million acres (35 million hectares)",
    "60|km|sp=us": "60 kilometers (37 mi)",
    "3|parsnips|abbr=on": "3 parsnips",
    "many|km": "many kilometres",
    "5": "5",
    "": "",
}


@pytest.mark.parametrize("written", CASES)
def test_a_measure(written: str) -> None:
    assert reveal(convert(Arguments(written.split("|")))) == CASES[written]


def test_the_usual_conversions_are_of_one_kind() -> None:
    for unit in UNITS.values():
        for code in unit.into.split():
            assert UNITS[code].kind == unit.kind


PARTS = (
    "1", "-", "0", "9" * 15, "1/0", "km", "ftin", "e12m", "C", "K", "in", "adj=on", "disp=or",
    "sigfig=99", "round=5", "-99", "by", "0.0001",
)  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=9))
def test_any_arguments(arguments: list[str]) -> None:
    start = time.perf_counter()
    convert(Arguments(arguments))
    assert time.perf_counter() - start < 1
