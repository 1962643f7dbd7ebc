"""`galactica verify`: finds nothing in a run as it was built, and every damage there can be."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipelines.commands import main
from pipelines.documents_table import read_documents, write_documents
from pipelines.execution import BuildError, Progress
from pipelines.parts import REASON, read_verdict, write_verdict
from pipelines.process_pool import ProcessPool
from pipelines.run_directory import RunDirectory
from pipelines.verification import verify_run
from pipelines.verification.accounts import is_summary
from pipelines.verification.decoding import MarkedTextDecoder, ids_fault
from pipelines.verification.whole_run import DescribedRun
from tests.edited_manifests import manifest_content, write_manifest
from tests.pipelines.small_builds import build_run
from tests.pipelines.whole_builds import contents, write_recipe
from tokenization import ScienceTokenizer, TokenizerSettings
from tokenization.manifests import Manifest, fingerprint_file
from tokenization.markers import code_point
from tokenization.training import train_tokenizer


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    write_recipe(folder / "raw")
    build_run(folder / "raw", folder / "run")
    return folder / "run"


@pytest.fixture
def run(built: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(built, tmp_path / "run"))


def faults_of(run: Path) -> list[str]:
    with ProcessPool(1) as executor:
        return verify_run(RunDirectory(run), executor, Progress()).faults


def redescribe(run: Path, path: Path) -> None:
    """Make every manifest describe the file as it is now: what is left to find is in the file."""
    for manifest in run.rglob("*manifest.json"):
        content = manifest_content(manifest)
        for name in content["outputs"]:
            if (manifest.parent / name).resolve() == path.resolve():
                content["outputs"][name] = [path.stat().st_size, fingerprint_file(path)]
                for file in content.get("shards", {}).get("files", []):
                    if file["name"] == name:
                        file["fingerprint"] = fingerprint_file(path)
                write_manifest(manifest, content)


def change_manifest(path: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change a manifest as one would who knows of its checksum."""
    content = manifest_content(path)
    change(content)
    write_manifest(path, content)


def test_a_run_as_it_was_built_is_right_on_any_number_of_workers(built: Path) -> None:
    before = contents(built)
    for workers in (1, 2):
        with ProcessPool(workers) as executor:
            found = verify_run(RunDirectory(built), executor, Progress())
        assert found.faults == []
        corpus = json.loads((built / "documents/manifest.json").read_text())
        assert found.records["documents"] == corpus["wrote"] > 40
        splits = ("train", "validation", "contexts")
        assert sum(found.records[f"shards/{split}"] for split in splits) == corpus["wrote"]
        assert found.records["quarantine"] == 1
        assert all(line.endswith(": right") for line in found.lines())
    assert contents(built) == before


def one_of_each_kind(run: Path) -> dict[str, Path]:
    """A file of each folder and ending, the last one of those that are large enough to damage."""
    found: dict[tuple[str, ...], Path] = {}
    for path in sorted(run.rglob("*")):
        name = path.relative_to(run)
        if path.is_file() and name.parts[0] != "logs" and path.stat().st_size > 1:
            ending = "manifest" if path.name.endswith("manifest.json") else path.suffix
            found[(*name.parts[:-1][:3], ending)] = path
    return {path.relative_to(run).as_posix(): path for path in found.values()}


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(_flipped(path.read_bytes())),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes() + b"x"),
        lambda path: path.unlink(),
    ],
    ids=["a bit changed", "cut", "longer", "missing"],
)
def test_every_kind_of_file_is_named_when_it_is_damaged(
    run: Path, damage: Callable[[Path], object]
) -> None:
    damaged = [name for name in one_of_each_kind(run) if not name.endswith("manifest.json")]
    assert len(damaged) > 20
    for name in damaged:
        damage(run / name)
    faults = faults_of(run)
    for name in damaged:
        assert any(fault.startswith(f"{name}: ") for fault in faults), name


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(read=7_000_000),
        lambda content: content.update(inputs={"another": "0"}),
        lambda content: content.update(outputs=[1]),
        lambda content: content.pop("dropped"),
    ],
    ids=["records", "inputs", "outputs", "a key"],
)
def test_every_kind_of_manifest_is_named_when_it_is_changed(
    run: Path, change: Callable[[dict[str, object]], None]
) -> None:
    manifests = [name for name in one_of_each_kind(run) if name.endswith("manifest.json")]
    assert len(manifests) > 15
    for name in manifests:
        change_manifest(run / name, change)
    faults = faults_of_manifests(run)
    for name in manifests:
        if not (is_summary(name) and name.startswith(("documents/", "shards/manifest"))):
            assert any(fault.startswith(f"{name}: ") for fault in faults), name


def faults_of_manifests(run: Path) -> list[str]:
    described = DescribedRun(run)
    described.read()
    return described.faults


def test_a_manifest_that_is_none_or_gone_is_named(run: Path) -> None:
    (run / "stages/ingest/gsm8k/part-00000.manifest.json").write_text('{"stage": "ingest"}')
    (run / "documents/gsm8k/part-00000.manifest.json").unlink()
    faults = "\n".join(faults_of(run))
    assert "stages/ingest/gsm8k/part-00000.manifest.json: cannot be read" in faults
    assert "stages/ingest/gsm8k/part-00000.parquet: no manifest describes this file" in faults
    assert "documents/gsm8k/part-00000.parquet: no manifest describes this file" in faults


def test_a_changed_fact_is_named_in_every_kind_of_manifest(run: Path) -> None:
    manifests = [name for name in one_of_each_kind(run) if name.endswith("manifest.json")]
    for name in manifests:
        content = json.loads((run / name).read_text())
        content["made_by"] = {**content["made_by"], "python": "2.7"}
        write_manifest(run / name, content)
    faults = faults_of_manifests(run)
    for name in manifests:
        assert any(
            fault.startswith(f"{name}: ") and "changed since it was written" in fault
            for fault in faults
        ), name


@pytest.mark.parametrize(
    "name", ["documents/manifest.json", "shards/manifest.json", "shards/train/manifest.json"]
)
def test_a_summary_that_is_gone_is_named(run: Path, name: str) -> None:
    (run / name).unlink()
    assert any(fault.startswith(f"{name}: missing") for fault in faults_of_manifests(run))


def test_manifests_that_changed_places_are_named(run: Path) -> None:
    one = run / "documents/gsm8k/part-00000.manifest.json"
    other = one.with_name("part-00001.manifest.json")
    other.write_bytes(one.read_bytes())
    name = other.relative_to(run).as_posix()
    assert any(
        fault.startswith(f"{name}: describes part-00000.parquet")
        for fault in faults_of_manifests(run)
    )


def test_a_manifest_in_another_layout_is_named(run: Path) -> None:
    manifests = [name for name in one_of_each_kind(run) if name.endswith("manifest.json")]
    for name in manifests:
        (run / name).write_bytes((run / name).read_bytes() + b"\n")
    assert sorted(faults_of_manifests(run)) == sorted(
        f"{name}: its bytes are not those that were written" for name in manifests
    )


def test_a_file_that_no_manifest_describes_is_named(run: Path) -> None:
    for name in ("documents/gsm8k/.part-00000.parquet.1a2b3c4d.partial", "shards/train/x", "notes"):
        (run / name).write_text("x")
    assert faults_of(run) == sorted(
        f"{name}: no manifest describes this file"
        for name in (
            "documents/gsm8k/.part-00000.parquet.1a2b3c4d.partial",
            "notes",
            "shards/train/x",
        )
    )


def test_an_output_outside_of_the_run_is_refused(run: Path) -> None:
    manifest = run / "stages/ingest/gsm8k/part-00000.manifest.json"
    change_manifest(manifest, lambda content: content["outputs"].update({"/etc/passwd": [1, ""]}))
    assert any("outside of the run directory" in fault for fault in faults_of(run))


def test_records_that_do_not_add_up_are_named(run: Path) -> None:
    def lose(content: dict[str, object]) -> None:
        content["wrote"] = int(str(content["wrote"])) - 1

    change_manifest(run / "stages/tokens/gsm8k/part-00000.manifest.json", lose)
    faults = "\n".join(faults_of(run))
    assert "stages/tokens/gsm8k/part-00000.manifest.json: records are not conserved" in faults
    assert "stage tokens wrote 48 records, of which stage shards read 49" in faults
    assert "shards/manifest.json: read 49 and wrote 49, its tasks 49 and 48" in faults


def test_the_passage_of_documents_is_compared_with_the_tasks(run: Path) -> None:
    def lose(content: dict[str, object]) -> None:
        content["read"] = content["wrote"] = int(str(content["wrote"])) - 1

    change_manifest(run / "stages/resolved/latex/part-00000.manifest.json", lose)
    faults = "\n".join(faults_of(run))
    assert "documents/manifest.json: source latex: stage resolved read 12" in faults
    assert "stages/resolved/latex/part-00000.parquet: " in faults


def test_what_was_made_from_another_file_is_named(run: Path) -> None:
    path = run / "stages/ingest/gsm8k/part-00000.parquet"
    rows = [row._replace(metadata='{"other": 1}') for row in read_documents(path)]
    write_documents(path, rows)
    redescribe(run, path)
    assert any("was made from another 'gsm8k/part-00000'" in fault for fault in faults_of(run))


def test_a_model_is_made_from_the_shards_that_are_there(run: Path) -> None:
    shards = {
        f"shards/{split}": json.loads((run / "shards" / split / "manifest.json").read_text())[
            "shards"
        ]["fingerprint"]
        for split in ("train", "validation")
    }
    (run / "model").mkdir()
    path = run / "model" / "manifest.json"
    for inputs, faults in (
        (shards | {"start_from": "of another run"}, []),
        (
            shards | {"shards/train": "0" * 32},
            ["model/manifest.json: was made from another 'shards/train' than there is now"],
        ),
    ):
        path.write_text(Manifest("export", "", inputs=inputs).to_json())
        assert faults_of_manifests(run) == faults


def rewrite_documents(run: Path, change: Callable[[str], str]) -> None:
    path = run / "documents/gsm8k/part-00000.parquet"
    rows = []
    for number, row in enumerate(read_documents(path)):
        text = change(row.text) if number == 0 else row.text
        rows.append(row._replace(text=text, num_bytes=len(text.encode())))
    write_documents(path, rows)
    redescribe(run, path)


def test_a_document_that_its_tokens_do_not_decode_to_is_named(run: Path) -> None:
    shutil.rmtree(run / "stages")  # what was made from what is no longer told
    first = next(iter(read_documents(run / "documents/gsm8k/part-00000.parquet")))
    rewrite_documents(run, lambda text: text[:-1] + "?")
    assert faults_of(run) == [f"{first.doc_id} ({first.split}): shards do not decode to its text"]


def test_markers_out_of_pair_are_named(run: Path) -> None:
    shutil.rmtree(run / "stages")
    rewrite_documents(run, lambda text: text[:-3] + code_point("[START_REF]"))
    (fault,) = faults_of(run)
    assert fault.startswith("documents/gsm8k/part-00000.parquet: gsm8k/")
    assert "[START_REF] at character" in fault


def test_a_document_that_is_in_no_shard_of_its_split_is_named(run: Path) -> None:
    shutil.rmtree(run / "stages")
    path = run / "documents/gsm8k/part-00000.parquet"
    first, *others = read_documents(path)
    other = {"train": "validation", "validation": "train"}[first.split]
    rows = [first._replace(split=other), *others]
    write_documents(path, rows)
    redescribe(run, path)
    splits = Counter(row.split for row in rows)
    change_manifest(
        path.with_suffix(".manifest.json"), lambda content: content.update(splits=splits)
    )
    assert faults_of(run) == sorted(
        [
            f"{first.doc_id} ({first.split}): 0 in documents/, 1 in shards",
            f"{first.doc_id} ({other}): 1 in documents/, 0 in shards",
        ]
    )


def test_documents_that_are_fewer_than_described_are_counted(run: Path) -> None:
    path = run / "documents/gsm8k/part-00000.parquet"
    write_documents(path, list(read_documents(path))[1:])
    redescribe(run, path)
    assert any("documents, where its manifest says" in fault for fault in faults_of(run))


@pytest.mark.parametrize(
    ("stage", "tampered"),
    [
        ("filter", lambda reasons: [None] * len(reasons)),
        ("identity", lambda reasons: [None] * len(reasons)),
        ("identity", lambda reasons: [reason or "repeated document" for reason in reasons]),
        ("identity", lambda reasons: [reason and "another reason" for reason in reasons]),
        # One more is gone, for the reason of the filter.
        ("identity", lambda reasons: [*sorted(reasons, key=str)[::-1][:-1], "too short"]),
    ],
)
def test_a_verdict_on_filtered_documents_is_compared_with_its_manifest(
    run: Path, stage: str, tampered: Callable[[list[str | None]], list[str | None]]
) -> None:
    folders = {"filter": "stages/filter", "identity": "stages/identity/verdicts"}
    paths = {each: run / folder / "gsm8k/part-00000.parquet" for each, folder in folders.items()}
    for path in paths.values():  # as they were built: both hold what the filters dropped
        assert read_verdict(path)[REASON].count("too short") == 1
    path = paths[stage]
    write_verdict(path, tampered(read_verdict(path)[REASON]))
    redescribe(run, path)
    assert [
        fault for fault in faults_of(run) if fault.startswith(f"{path.relative_to(run)}: keeps")
    ]


def test_quarantined_records_are_those_that_were_dropped(run: Path) -> None:
    path = run / "quarantine/gsm8k/part-00000.jsonl"
    path.write_text(path.read_text() * 2)
    redescribe(run, path)
    (first, second) = faults_of(run)
    assert first.endswith("2 records with 'not JSON', 1 dropped")
    assert second.endswith("holds 2 'not JSON', where its manifest says 1 'not JSON'")


def test_token_ids_that_cannot_be_are_named() -> None:
    ends = np.array([3, 5])

    def fault(*ids: int) -> tuple[int, str] | None:
        return ids_fault(np.array(ids, np.uint16), ends, 600)

    assert fault(30, 31, 2, 40, 2) is None
    assert fault(30, 31, 2, 600, 2) == (1, "id 600 is outside the vocabulary of 600")
    assert fault(30, 31, 32, 40, 2) == (0, "does not end in </s>")
    assert fault(30, 2, 2, 40, 2) == (0, "holds </s> before its end")
    assert fault(30, 31, 2, 1, 2) == (1, "holds <pad> before its end")
    assert ids_fault(np.array([2]), np.array([1, 1]), 600) == (1, "no token ids")


def test_ids_decode_to_the_marked_text_with_markers_told_from_their_spelling(
    tmp_path: Path,
) -> None:
    texts = [
        "ab ﬁne \N{GREEK SMALL LETTER MU} e\u0301",
        f"{code_point('[START_SMILES]')}CC(=O)O{code_point('[END_SMILES]')} and [START_SMILES]C",
        f"a{code_point('[START_REF]')}Title, Name{code_point('[END_REF]')} </s> <s>",
        "",
    ]
    tokenizer: ScienceTokenizer = train_tokenizer(
        texts, TokenizerSettings(vocabulary_size=300, normalizer="nfkc"), latex_markers=True
    )
    tokenizer.save_pretrained(tmp_path)
    decoder = MarkedTextDecoder(tmp_path / "tokenizer.json")
    ids, offsets = tokenizer.encode_documents(texts)
    decoded, ends = decoder.decode(ids, offsets[1:])
    parts = np.split(np.frombuffer(decoded, np.uint8), ends[:-1])
    assert [part.tobytes() for part in parts] == [decoder.expected(text) for text in texts]
    assert decoder.expected(texts[0]) == "ab fine μ é".encode()


@pytest.mark.slow
def test_nothing_is_left_of_stages_and_splits_that_a_recipe_no_longer_has(
    built: Path, run: Path
) -> None:
    raw = built.parent / "raw"
    assert (run / "shards/contexts").is_dir()
    assert (run / "stages/deduplication").is_dir()
    build_run(raw, run, "deduplication.enabled=false", "hold_outs=[]")
    assert not (run / "shards/contexts").exists()
    assert not (run / "hold_outs").exists()
    assert not (run / "stages/deduplication").exists()
    assert faults_of(run) == []
    build_run(raw, run)
    assert contents(run) == contents(built)


def test_a_run_is_not_verified_while_it_is_built(run: Path) -> None:
    directory = RunDirectory(run)
    with (
        directory.locked(),
        pytest.raises(BuildError, match="in use by a galactica build"),
        directory.held_for_reading(),
    ):
        pass


def test_the_command_says_what_is_wrong_and_fails(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["galactica", "verify", "--run-dir", str(run), "--workers", "1"]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert f"Nothing is wrong in {run}." in capsys.readouterr().out
    (run / "shards/train/manifest.json").unlink()
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "shards/train/state.json: no manifest describes this file" in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="holds no corpus"):
        faults_of(tmp_path)
