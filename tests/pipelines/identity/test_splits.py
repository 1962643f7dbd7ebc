"""Validation and named hold-outs."""

from pathlib import Path

import pytest

from pipelines.identity.settings import HoldOutSettings
from tests.pipelines.identity.parts_by_hand import Written, decide


def _many(count: int, prefix: str = "d") -> list[Written]:
    return [Written(f"{prefix}{n}", {}, f"Text {prefix}{n}.") for n in range(count)]


def test_a_source_of_few_documents_holds_one_out_and_of_fewer_none(tmp_path: Path) -> None:
    decided = decide(
        tmp_path,
        {"four": ("other", [_many(2), _many(2, "e")]), "three": ("other", [_many(3)])},
        split={"validation_fraction": 0.0001, "minimum_documents": 4},
    )
    assert [verdict.split for verdict in decided["four"]].count("validation") == 1
    assert [verdict.split for verdict in decided["three"]].count("validation") == 0


def test_the_split_does_not_depend_on_the_other_documents(tmp_path: Path) -> None:
    settings = {"validation_fraction": 0.3}
    few = decide(tmp_path / "few", {"a": ("other", [_many(40)])}, split=settings)["a"]
    more = decide(tmp_path / "more", {"a": ("other", [_many(30), _many(80)[30:]])}, split=settings)
    splits = {verdict.doc_id: verdict.split for verdict in more["a"]}
    assert {verdict.doc_id: verdict.split for verdict in few}.items() <= splits.items()
    other_seed = decide(tmp_path / "s", {"a": ("other", [_many(40)])}, split=settings, seed=1)
    assert [v.split for v in other_seed["a"]] != [v.split for v in few]


def test_a_random_hold_out_has_as_many_documents_as_it_says(tmp_path: Path) -> None:
    decided = decide(
        tmp_path,
        {"a": ("other", [_many(30), _many(30, "e")]), "b": ("other", [_many(30, "f")])},
        split={"validation_fraction": 0.1},
        hold_outs=[
            {"name": "first", "sources": ["a"], "documents": 7},
            {"name": "second", "sources": ["a", "b"], "documents": 11},
            {"name": "third", "sources": ["b"], "documents": 1000},
        ],
    )
    splits = [verdict.split for name in decided for verdict in decided[name]]
    assert splits.count("first") == 7
    assert splits.count("second") == 11
    assert {verdict.split for verdict in decided["b"]} == {"second", "third"}


def test_a_clade_is_found_by_lineage_and_by_organism(tmp_path: Path) -> None:
    elephant = {"lineage": ["Eukaryota", "Paenungulata", "Elephantidae"], "organism": "Loxodonta"}
    documents = [
        Written("a", elephant),
        Written("b", {"organism": "paenungulata"}),
        Written("c", {"lineage": "Paenungulata"}),
        Written("d", {"lineage": ["Primates"], "organism": "Homo sapiens"}),
    ]
    decided = decide(
        tmp_path,
        {"uniprot": ("knowledge", [documents]), "other": ("knowledge", [documents[:1]])},
        split={"validation_fraction": 0},
        hold_outs=[{"name": "clade", "sources": ["uniprot"], "clade": "Paenungulata"}],
    )
    assert [verdict.split for verdict in decided["uniprot"]] == ["clade", "clade", "train", "train"]
    assert decided["other"][0].split == "train"


@pytest.mark.parametrize(
    "given",
    [{}, {"documents": 1, "clade": "Mammalia"}, {"documents": 1, "name": "validation"}],
)
def test_a_hold_out_that_cannot_be_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="hold-out"):
        HoldOutSettings.model_validate({"name": "x", "sources": ["a"], **given})
