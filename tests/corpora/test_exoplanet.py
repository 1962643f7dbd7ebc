"""The reader of exoplanets: numbers with units and errors, both catalogues, their dialects."""

import csv
import io
import json
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions
from corpora.exoplanet import FORMAT, framing
from corpora.exoplanet.open_catalogue import OLD_COLUMNS
from corpora.exoplanet.quantities import in_words, measured, number, printed
from pipelines.reading import Refusal, frame_records, read_record
from tokenization.markers import reveal

GOLDEN = Path(__file__).parent / "golden" / "exoplanet"


def outcomes(path: Path, seed: int = 0) -> list[Document | Refusal]:
    options = ReadOptions(seed=seed)
    return [
        read_record(FORMAT, record, options, 60) if not isinstance(record, Refusal) else record
        for file in FORMAT.find(path)
        for record in frame_records(FORMAT, file, file.name, options)
    ]


def texts(path: Path, seed: int = 0) -> list[str]:
    return [
        reveal(resolve(found)[0].text) if isinstance(found, Document) else found.reason
        for found in outcomes(path, seed)
    ]


def archive_table(folder: Path, *rows: dict[str, str], name: str = "ps.csv") -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / name
    path.write_text(f"# COLUMN pl_name: Planet Name\n#\n{file.getvalue()}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        (("1.77", "0.05", "-0.05", "0"), "1.77 ± 0.05 days"),
        (("1.77", "0.05", "-0.04", "0"), "1.77 +0.05/-0.04 days"),
        (("3.1", "", "", "1"), "less than 3.1 days"),
        (("3.1", "0.1", "-0.1", "-1"), "greater than 3.1 days"),
        (("3.1", "0.1", "", "0"), "3.1 days"),
        (("3.1", "0", "0", ""), "3.1 days"),
        (("-0.30", "0.100", "-0.1", ""), "-0.30 ± 0.100 days"),
        (("1", "", "", ""), "1 day"),
        (("4.62767000", "0.00002000", "-0.00002000", ""), "4.62767 ± 0.00002 days"),
        (("17.2762961", "2.4e-06", "-2.4e-06", ""), "17.2762961 ± 0.0000024 days"),
        (("0.000", "0.105", "-0.100", ""), "0.000 +0.105/-0.100 days"),
        (("0.014200", "0.002600", "-0.003000", ""), "0.0142 +0.0026/-0.0030 days"),
        (("12.10995000", "1.7e-04", "-1.7e-04", ""), "12.10995 ± 0.00017 days"),
        (("0.20", "0.10", "-0.10", ""), "0.20 ± 0.10 days"),
        (("4239.00", "84.00", "-80.00", ""), "4239 +84/-80 days"),
        (("1e-7", "", "", ""), "1 × 10[START_SUP]-7[END_SUP] days"),
    ],
)
def test_a_quantity_in_words(given_: tuple[str, str, str, str], words: str) -> None:
    assert reveal(in_words(measured(*given_), "days", "day")) == words


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14))
def test_a_number_keeps_its_value(value: Decimal) -> None:
    written = number(str(value))
    if written is not None and (value == 0 or abs(value) >= Decimal("1e-5")):
        assert Decimal(printed(written)) == value


@given(
    st.lists(
        st.builds(
            lambda n, places: f"{n / 1000:.{places}f}", st.integers(0, 10**6), st.integers(0, 8)
        ),
        min_size=3,
        max_size=3,
    )
)
def test_a_value_with_errors_keeps_all_three(parts: list[str]) -> None:
    quantity = measured(parts[0], parts[1], f"-{parts[2]}")
    assert Decimal(quantity.value or "nan") == Decimal(parts[0])
    if Decimal(parts[1]) and Decimal(parts[2]):
        assert Decimal(quantity.plus or "nan") == Decimal(parts[1])
        assert Decimal(quantity.minus or "nan") == Decimal(parts[2])
        words = in_words(quantity, "days")
        said = [Decimal(number_) for number_ in re.findall(r"\d+(?:\.\d+)?", words)]
        assert set(said) <= set(map(Decimal, parts)) or "×" in words


@pytest.mark.parametrize("written", ["", "nan", "1,5", "abc", "--1", "1e999", "١", "0x10"])
def test_what_is_no_number(written: str) -> None:
    assert not measured(written)


def test_a_planet_is_one_document_of_all_its_rows(tmp_path: Path) -> None:
    rows = [
        {"pl_name": "Z b", "default_flag": "0", "pl_orbper": "3", "pl_refname": "Ko 2001"},
        {"pl_name": "Z b", "default_flag": "1", "pl_orbper": "4", "pl_refname": "Ida 2002"},
        {"pl_name": "Z c", "default_flag": "1", "pl_orbper": "5", "pl_refname": "Ko 2001"},
    ]
    ordered = texts(archive_table(tmp_path, *rows))
    assert len(ordered) == 2
    assert "period is 4 days" in ordered[0] or "period of 4 days" in ordered[0]
    assert "According to Ko 2001," in ordered[0]
    apart = texts(archive_table(tmp_path, rows[0], rows[2], rows[1]))
    assert apart == ordered


def test_a_table_that_is_not_sorted_is_gathered_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"pl_name": f"Z-{n % 20} b", "pl_orbper": str(n + 1)} for n in range(60)]
    path = archive_table(tmp_path, *rows)
    assert len(outcomes(path)) == 20
    monkeypatch.setattr(framing, "MAX_GATHERED_BYTES", 1000)
    found = outcomes(path)
    assert 20 < len(found) <= 60
    assert all(isinstance(document, Document) for document in found)


@pytest.mark.parametrize(
    ("provenance", "noun"),
    [
        ("Mass", "mass"),
        ("Msini", "minimum mass, m sin i,"),
        ("Msin(i)/sin(i)", "mass"),
        ("M-R relationship", "mass, estimated from its radius,"),
        ("", "mass, or minimum mass m sin i,"),
    ],
)
def test_which_mass_is_known(tmp_path: Path, provenance: str, noun: str) -> None:
    row = {"pl_name": "Z b", "pl_bmasse": "400", "pl_bmassj": "1.26", "pl_bmassprov": provenance}
    (text,) = texts(archive_table(tmp_path, row))
    assert f"Its {noun} is 1.26 Jupiter masses." in text or "has a mass of 1.26" in text
    small = row | {"pl_bmasse": "4", "pl_bmassj": "0.0126"}
    (text,) = texts(archive_table(tmp_path, small))
    assert " 4 Earth masses." in text


def test_the_archive_answers_in_json_too(tmp_path: Path) -> None:
    rows = [
        {"pl_name": "Z b", "default_flag": 1, "pl_orbper": 4.5, "pl_refname": "Ko 2001"},
        {"pl_name": "Z c", "default_flag": 1, "pl_orbper": None, "pl_rade": 2, "ttv_flag": 0},
        {"pl_name": "Z b", "default_flag": 0, "pl_orbper": 4.25, "pl_refname": "Ida 2002"},
    ]
    (tmp_path / "ps.json").write_text(json.dumps(rows))
    (tmp_path / "words.json").write_text('[{"name": "Z b", "radius": 2}, ["words"]]')
    first, second, *refused = texts(tmp_path)
    assert "4.5 days. These parameters are those of Ko 2001." in first
    assert "According to Ida 2002," in first
    assert " 2 Earth radii." in second
    assert refused == ["not the columns of a catalogue", "not a JSON object"]


def test_the_former_table_of_the_archive(tmp_path: Path) -> None:
    row = {
        "rowid": "1", "pl_hostname": "11 Inv", "pl_letter": "b", "pl_discmethod": "Radial Velocity",
        "pl_pnum": "1", "pl_orbper": "326.03000000", "pl_orbpererr1": "0.32000000",
        "pl_orbpererr2": "-0.32000000", "pl_orbperlim": "0", "pl_bmassj": "19.4",
        "pl_bmassprov": "Msini", "st_dist": "93.37", "ra_str": "12h20m43.03s",
        "dec_str": "+17d47m34.3s", "st_teff": "4742.00", "pl_disc": "2007", "pl_trandur": "0.2",
    }  # fmt: skip
    (text,) = texts(archive_table(tmp_path, row))
    assert text.startswith("# 11 Inv b\n\n11 Inv b is an exoplanet that orbits the star 11 Inv. ")
    assert "It was discovered in 2007 by the radial velocity method." in text
    assert "326.03 ± 0.32 days." in text
    assert "0.2 days." in text
    assert "Its minimum mass, m sin i, is 19.4 Jupiter masses." in text
    assert "Its distance from the Sun is 93.37 parsecs." in text
    assert "right ascension 12 h 20 min 43.03 s and declination +17° 47′ 34.3″" in text


def test_units_of_the_comments_go_before_the_usual_ones(tmp_path: Path) -> None:
    path = archive_table(
        tmp_path, {"pl_name": "Z b", "pl_trandur": "0.2", "pl_orbper": "1", "sy_dist": "30"}
    )
    (text,) = texts(path)
    assert "0.2 hours." in text
    comments = (
        "# COLUMN pl_trandur: Transit Duration [days]\n# COLUMN sy_dist: Distance [ly]\n"
        "# COLUMN pl_orbper: Orbital Period [days]\n"
    )
    path.write_text(comments + path.read_text())
    (text,) = texts(path)
    assert "0.2 days." in text
    assert "30 light-years." in text
    assert " 1 day." in text


def test_other_names_of_the_host(tmp_path: Path) -> None:
    row = {"pl_name": "HD 1 b", "hostname": "HD 1", "hd_name": "HD 1", "tic_id": "TIC 7"}
    (text,) = texts(archive_table(tmp_path, row))
    assert "HD 1 is the host star, also known as TIC 7." in text


def test_candidates_and_estimates(tmp_path: Path) -> None:
    rows = [
        {"pl_name": "K b", "soltype": "Published Candidate", "pl_radj": "1.2"},
        {
            "pl_name": "L b",
            "pl_rade": "2",
            "pl_rade_reflink": "<a refstr=CALC>Calculated Value</a>",
        },
        {"pl_name": "M b", "discoverymethod": "Imaging", "cb_flag": "1", "hostname": "M"},
    ]
    candidate, estimated, binary = texts(archive_table(tmp_path, *rows))
    assert candidate.startswith("# K b\n\nK b is an exoplanet candidate.")
    assert "Its radius, estimated from its mass, is 2 Earth radii." in estimated
    assert (
        "M b is an exoplanet that orbits the binary star M. It was discovered by direct" in binary
    )


def introductions(path: Path) -> dict[str, str]:
    return {
        record.record_id: reveal(record.text).split("\n\n")[1]
        for record in outcomes(path)
        if isinstance(record, Document)
    }


def test_a_kepler_object_is_called_what_it_was_found_to_be(tmp_path: Path) -> None:
    rows = [
        {"kepoi_name": "K00752.01", "kepid": "7", "koi_disposition": "CONFIRMED",
         "kepler_name": "Kepler-227 b"},
        {"kepoi_name": "K00753.01", "kepid": "7", "koi_disposition": "CANDIDATE"},
        {"kepoi_name": "K00754.01", "kepid": "7", "koi_disposition": "FALSE POSITIVE",
         "koi_fpflag_co": "1", "kepler_name": "Kepler-469 b"},
        {"kepoi_name": "K00755.01", "koi_pdisposition": "CANDIDATE", "koi_score": "0.950"},
        {"kepoi_name": "K00756.01", "koi_disposition": "NOT DISPOSITIONED"},
    ]  # fmt: skip
    said = introductions(archive_table(tmp_path, *rows))
    assert said["K00752.01"].startswith(
        "Kepler-227 b is an exoplanet that orbits the star Kepler-227. It is also known as KOI-752"
    )
    assert said["K00753.01"].startswith(
        "KOI-753.01 is an exoplanet candidate that orbits the star KIC 7."
    )
    assert said["K00754.01"] == (
        "KOI-754.01 is a false positive among the objects of interest of Kepler: a signal in the "
        "light of the star KIC 7 that is not that of a planet. It is also known as K00754.01. The "
        "signal comes from another, nearby star."
    )
    assert said["K00755.01"].endswith(
        "The confidence that it is a candidate, from 0 to 1, is 0.950."
    )
    assert said["K00756.01"].startswith("KOI-756.01 is an object of interest of Kepler. It is also")
    assert "It has not been decided what it is." in said["K00756.01"]


@pytest.mark.parametrize(
    ("disposition", "words"),
    [
        ("PC", "TOI-5.01 is an exoplanet candidate that orbits the star TIC 8."),
        ("CP", "TOI-5.01 is an exoplanet that orbits the star TIC 8."),
        ("KP", "It was known before TESS saw its transits."),
        ("APC", "TOI-5.01 is an ambiguous exoplanet candidate that orbits the star TIC 8."),
        ("FP", "a false positive among the objects of interest of TESS: a signal in the light of "
         "the star TIC 8 that is not that of a planet."),
        ("FA", "a false alarm among the objects of interest of TESS: a signal in the light of the "
         "star TIC 8 that is not that of a transit."),
        ("", "TOI-5.01 is an object of interest of TESS. It has not been decided what it is."),
    ],
)  # fmt: skip
def test_a_tess_object_is_called_what_it_was_found_to_be(
    tmp_path: Path, disposition: str, words: str
) -> None:
    row = {"toi": "5.01", "tid": "8", "tfopwg_disp": disposition, "pl_eqt": "2", "st_rad": "1"}
    (document,) = outcomes(archive_table(tmp_path, row))
    assert isinstance(document, Document)
    assert words in document.text
    is_planet = disposition in ("PC", "CP", "KP", "APC")
    assert ("If its signal were that of a planet" in document.text) != is_planet
    assert ("## Host Star" in document.text) == is_planet


def test_units_and_times_of_the_tables_of_candidates(tmp_path: Path) -> None:
    kepler = {
        "kepoi_name": "K1.01", "koi_disposition": "CANDIDATE", "koi_depth": "6.158E+02",
        "koi_duration": "2.9", "koi_time0bk": "170.5387500", "koi_time0bk_err1": "2.16E-03",
        "koi_time0bk_err2": "-2.16E-03", "koi_prad": "2.26", "ra": "291.93", "dec": "-8.1",
    }  # fmt: skip
    (text,) = texts(archive_table(tmp_path, kepler))
    for words in (
        " 615.8 ppm.",
        " 2.9 hours.",
        " 2.26 Earth radii.",
        "is at BJD 2455003.5387500 ± 0.00216 days.",
        "right ascension 291.93° and declination -8.1°",
    ):
        assert words in text
    tess = {"toi": "1.01", "tfopwg_disp": "PC", "pl_trandep": "657", "pl_trandurh": "2"}
    (text,) = texts(archive_table(tmp_path, tess))
    assert " 657 ppm." in text
    assert " 2 hours." in text


def test_a_candidate_of_k2_is_what_its_disposition_says(tmp_path: Path) -> None:
    row = {"pl_name": "EPIC 1.01", "hostname": "EPIC 1", "soltype": "Published Candidate",
           "discoverymethod": "Transit", "disc_year": "2015"}  # fmt: skip
    rows = [
        {**row, "disposition": "FALSE POSITIVE", "disp_refname": "Montet et al. 2015"},
        {**row, "pl_name": "EPIC 2.01", "disposition": "CANDIDATE"},
        {**row, "pl_name": "K2-3 b", "disposition": "CONFIRMED", "disp_refname": "Ko et al. 2015"},
    ]
    refuted, candidate, confirmed = introductions(archive_table(tmp_path, *rows)).values()
    assert refuted == (
        "EPIC 1.01 is a false positive among the objects of interest of K2: a signal in the light "
        "of the star EPIC 1 that is not that of a planet. Its disposition as false positive is "
        "that of Montet et al. 2015."
    )
    assert candidate.startswith("EPIC 2.01 is an exoplanet candidate that orbits")
    assert confirmed.endswith("It was confirmed by Ko et al. 2015.")


def test_references_are_found_by_their_eprint(tmp_path: Path) -> None:
    link = (
        "<a refstr=KO_2015 href=https://ui.adsabs.harvard.edu/abs/2015arXiv150907750N/abstract "
        "target=ref> Ko &amp; Ida 2015 </a>"
    )
    (document,) = outcomes(
        archive_table(tmp_path, {"pl_name": "Z b", "pl_orbper": "1", "pl_refname": link})
    )
    assert isinstance(document, Document)
    (work,) = document.citations
    assert (work.as_written, work.surname, work.arxiv) == ("Ko & Ida 2015", "Ko", "1509.07750")


def test_tables_of_the_open_catalogue_in_all_their_forms(tmp_path: Path) -> None:
    now = texts(GOLDEN / "table.txt")
    rows = list(csv.reader((GOLDEN / "table.txt").read_text().splitlines()))
    tabs = tmp_path / "tabs.txt"
    tabs.write_text("\n".join("\t".join(row) for row in rows))
    assert texts(tabs) == now
    comments = [f"# {n:2}: What it is" for n in range(1, len(OLD_COLUMNS) + 1)]
    old = tmp_path / "old.txt"
    body = (GOLDEN / "table.txt").read_text().split("\n", 1)[1]
    old.write_text("\n".join(["# Open Exoplanet Catalogue.", "# ", *comments, "# ", body]))
    assert texts(old) == now


def test_the_order_of_characteristics_is_random_and_follows_from_the_seed(tmp_path: Path) -> None:
    path = GOLDEN / "systems.xml"
    assert texts(path, seed=5) == texts(path, seed=5)
    orders = {
        tuple(re.findall(r"eccentricity|period|passes|minimum", texts(path, seed=seed)[0]))
        for seed in range(20)
    }
    assert len(orders) > 5


def test_limits_and_units_of_the_xml() -> None:
    first, second, _, _ = texts(GOLDEN / "systems.xml")
    assert "eccentricity of less than 0.3." in first or "eccentricity is less than 0.3." in first
    assert "Its minimum mass, m sin i, is 0.041 +0.003/-0.002 Jupiter masses." in first
    assert "Its mass is between 0.1 and 0.2 solar masses." in second or (
        "a mass of between 0.1 and 0.2 solar masses." in second
    )
    assert "3.4 arcseconds." in second


@pytest.mark.parametrize(
    ("name", "content", "reasons"),
    [
        ("a.xml", b"", ["empty file"]),
        ("a.xml", b"<system><planet></system>", ["not well-formed XML"]),
        ("a.xml", b"<planets><planet/></planets>", ["no planetary system"]),
        ("a.xml", b"<system><planet><mass>1</mass></planet></system>", ["no planet's name"]),
        ("a.csv", b"", ["empty file"]),
        ("a.csv", b"# only\n# comments\n", ["empty file"]),
        ("a.csv", b"words\nof another kind\nx\n", ["not the columns of a catalogue"]),
        ("a.csv", b"name,radius\nKepler-1 b,2.7\n", ["not the columns of a catalogue"]),
        ("a.csv", b"pl_name,pl_orbper\n,3\n", ["no planet's name"]),
        ("a.csv", b"pl_name,pl_bmasse\nZ b,-0.3\n", ["a value that cannot be"]),
        ("a.csv", b"pl_name,pl_orbeccen\nZ b,1.7\n", ["a value that cannot be"]),
        ("a.csv", b"pl_name,pl_orbper\nZ b,\xff\n", ["not UTF-8"]),
    ],
)
def test_what_is_no_planet(tmp_path: Path, name: str, content: bytes, reasons: list[str]) -> None:
    (tmp_path / name).write_bytes(content)
    assert texts(tmp_path) == reasons


#: Columns of the table and how their units begin, of one or of many.
UNITS = {
    "mass": "Jupiter mass", "radius": "Jupiter radi", "period": "day", "semimajoraxis": "AU",
    "system_distance": "parsec", "hoststar_mass": "solar mass", "hoststar_radius": "solar radi",
}  # fmt: skip


@pytest.mark.realdata
@pytest.mark.skipif("REALDATA" not in os.environ, reason="needs real files in $REALDATA")
def test_numbers_of_a_real_table_are_in_the_prose_with_their_units() -> None:
    path = Path(os.environ["REALDATA"], "exoplanet/comma_separated/open_exoplanet_catalogue.txt")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::7]
    chosen = {row["name"]: row for row in rows}
    checked = 0
    for record in FORMAT.records(path, ReadOptions()):
        row = chosen.get(record.record_id)
        if row is None:
            continue
        document = read_record(FORMAT, record, ReadOptions(), 60)
        if isinstance(document, Refusal):
            # The catalogue has an eccentricity of 280.
            assert document.reason == "a value that cannot be"
            continue
        text = reveal(document.text)
        for column, unit in UNITS.items():
            written = row[column].strip()
            if not written:
                continue
            said = re.findall(rf"(-?\d+(?:\.\d+)?(?: × 10\[START_SUP\]-?\d+)?)\S* {unit}", text)
            values = [Decimal(it.replace(" × 10[START_SUP]", "e")) for it in said]
            assert Decimal(written) in values, (record.record_id, column)
            checked += 1
    assert checked > 2000


def test_entities_are_no_bomb_and_no_window(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("xyzzy")
    bomb = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(20)
    )
    for declared in (bomb, f'<!ENTITY u SYSTEM "{secret.as_uri()}">'):
        path = tmp_path / "s.xml"
        path.write_text(
            f"<?xml version='1.0'?><!DOCTYPE x [{declared}]><system><planet><name>Z b &u;</name>"
            "<period>3</period></planet></system>"
        )
        assert all("xyzzy" not in text and len(text) < 1000 for text in texts(path))


def test_a_system_of_too_many_planets_ends(tmp_path: Path) -> None:
    planets = "".join(f"<planet><name>Z {n}</name></planet>" for n in range(2000))
    path = tmp_path / "s.xml"
    path.write_text(f"<system>{planets}</system>")
    assert len(outcomes(path)) == framing.MOST_PLANETS
    path.write_text(f"<system>{planets}{'<name>x</name>' * 100_000}</system>")
    assert set(texts(path)) == {"too large"}
