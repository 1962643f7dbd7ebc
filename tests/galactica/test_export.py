import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    OPTForCausalLM,
    pipeline,
)

from galactica.checkpoints.content import training_content
from galactica.checkpoints.folders import remove_checkpoint
from galactica.checkpoints.training_state import TrainingState
from galactica.checkpoints.writing import CheckpointWriter
from galactica.huggingface import export
from galactica.huggingface.export import export_run
from galactica.huggingface.model_card import model_card
from galactica.parallelism.process_groups import parallel_groups
from galactica.settings import ModelSettings, TrainingSettings
from galactica.trainer.optimization import build_optimizer, wrap_for_data_parallel
from galactica.transformer.model import build_model
from tokenization import ScienceTokenizer, TokenizerSettings, amino, cite
from tokenization.manifests import fingerprint_file, read_manifest
from tokenization.training import train_tokenizer

MODEL = ModelSettings(
    num_layers=2, hidden_size=48, num_attention_heads=3, max_position_embeddings=32
)
TRAINING = TrainingSettings(
    epochs=1,
    sequence_length_tokens=32,
    global_batch_size_samples=4,
    micro_batch_size_samples=4,
    learning_rate=1e-3,
)
HERE = Path(__file__).parent
PROMPT = "[START_AMINO]MKV"


class Run:
    """A run directory with a tokenizer and the checkpoint of a random model, and what it gives."""

    def __init__(self, folder: Path, training: TrainingSettings = TRAINING) -> None:
        self.folder = folder
        texts = ["The water of the sea. " + amino("MKVLLE") + cite("On growth", "Thompson")] * 4
        settings = TokenizerSettings(vocabulary_size=300)
        tokenizer = train_tokenizer(texts, settings, latex_markers=True)
        tokenizer.save_pretrained(folder / "tokenizer", model_max_length=32)
        self.state = TrainingState(
            step=7,
            consumed_samples=28,
            total_samples=100,
            seed=0,
            vocabulary_size=tokenizer.vocabulary_size,
            model=MODEL.model_dump(mode="json"),
            training=training.model_dump(mode="json"),
            fingerprints={"tokenizer": fingerprint_file(folder / "tokenizer" / "tokenizer.json")},
            versions={},
        )
        generator = torch.Generator().manual_seed(2)
        self.ids = torch.randint(0, tokenizer.vocabulary_size, (3, 32), generator=generator)
        with parallel_groups(training, seed=1) as layout:
            model = build_model(MODEL, training, tokenizer.vocabulary_size)
            with torch.no_grad():
                for name, weight in model.named_parameters():
                    random = torch.randn(weight.shape, generator=generator)
                    weight.copy_(1 + 0.2 * random if "norm" in name else 0.15 * random)
            self.row = model.embedding.word_embeddings.weight[3].detach().clone()
            optimizer = build_optimizer(wrap_for_data_parallel(model, training), training)
            writer = CheckpointWriter(folder, 2, asynchronous=False)
            writer.save(self.state, training_content(model, optimizer, layout))
            model.eval()
            inputs, positions = self.ids[:, :-1], torch.arange(31).expand(3, 31)
            with torch.no_grad():
                self.logits = model(inputs, positions, None)[..., : tokenizer.vocabulary_size]
                self.loss = model(inputs, positions, None, labels=self.ids[:, 1:]).mean()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def model_dir(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_run(run.folder, tmp_path_factory.mktemp("exported") / "model")


def test_transformers_gives_the_loss_of_megatron(run: Run, model_dir: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(model_dir)
    assert isinstance(model, OPTForCausalLM)
    assert model.lm_head.weight.data_ptr() == model.get_input_embeddings().weight.data_ptr()
    with torch.no_grad():
        output = model.eval()(run.ids, labels=run.ids)
    assert run.logits.std() > 0.5
    torch.testing.assert_close(output.logits[:, :-1], run.logits, atol=1e-4, rtol=0)
    torch.testing.assert_close(output.loss, run.loss, atol=1e-4, rtol=0)


def test_the_folder_is_complete_and_says_what_it_is(run: Run, model_dir: Path) -> None:
    assert {file.name for file in model_dir.iterdir()} == {
        "README.md",
        "config.json",
        "generation_config.json",
        "manifest.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    # Whoever may read one file of it may read all: models are shared.
    assert len({file.stat().st_mode for file in model_dir.iterdir()}) == 1
    manifest = read_manifest(model_dir / "manifest.json")
    assert manifest.stage == "export"
    assert manifest.facts["checkpoint"]["step"] == 7
    for name, (size, fingerprint) in manifest.outputs.items():
        assert (model_dir / name).stat().st_size == size
        assert fingerprint_file(model_dir / name) == fingerprint
    card = (model_dir / "README.md").read_text()
    assert "896 tokens in 7 steps of a run of 100 samples, not finished" in card
    config = json.loads((model_dir / "config.json").read_text())
    assert config["architectures"] == ["OPTForCausalLM"]
    assert (config["pad_token_id"], config["eos_token_id"], config["bos_token_id"]) == (1, 2, 0)
    for file in model_dir.iterdir():
        assert str(run.folder).encode() not in file.read_bytes()
    ids = AutoTokenizer.from_pretrained(model_dir).encode(PROMPT)
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("length", "start", "told"),
    [
        (32, {}, "| 32 tokens |"),
        (16, {}, "| 32 tokens, of which the first 16 were trained |"),
        (16, {"start_from": "0f"}, "| 32 tokens |"),  # the other model's may have been
    ],
)
def test_the_card_says_how_much_of_the_context_was_trained(
    run: Run, length: int, start: dict[str, str], told: str
) -> None:
    state = replace(
        run.state,
        training=run.state.training | {"sequence_length_tokens": length},
        fingerprints=run.state.fingerprints | start,
    )
    tokenizer = ScienceTokenizer.from_pretrained(run.folder / "tokenizer")
    assert f"| longest context {told}\n" in model_card(run.folder, state, tokenizer)


def test_a_changed_weight_is_not_exported(run: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(run.folder, tmp_path / "run")
    weights = next(copy.glob("checkpoints/*/*_0.distcp"))
    row = run.row.numpy().tobytes()
    content = weights.read_bytes()
    assert content.count(row) == 1
    weights.write_bytes(content.replace(row, bytes(len(row))))
    with pytest.raises(
        ValueError, match=r"0\.distcp has other content than was written: export an"
    ):
        export_run(copy, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_checkpoint_that_a_training_removes_meanwhile_is_told_as_that(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(run.folder, tmp_path / "run")

    def superseded(checkpoint: Path, _: object) -> None:
        remove_checkpoint(checkpoint)
        raise ValueError("its files cannot be read")

    monkeypatch.setattr(export, "load_model_weights", superseded)
    with pytest.raises(ValueError, match=r"step-0000007 was removed while it was read, .* again"):
        export_run(copy, tmp_path / "model")


def test_the_checkpoint_of_a_step_is_exported(run: Run, tmp_path: Path) -> None:
    latest = run.folder / "checkpoints" / "step-0000007"
    earlier = shutil.copytree(latest, latest.with_name("step-0000003"))
    try:
        (earlier / "training_state.json").write_text(
            (latest / "training_state.json").read_text().replace('"step": 7', '"step": 3')
        )
        export_run(run.folder, tmp_path / "model", 3)
        facts = read_manifest(tmp_path / "model" / "manifest.json").facts
        assert facts["checkpoint"]["step"] == 3
        with pytest.raises(ValueError, match="no checkpoint of step 4; there are step-0000003, st"):
            export_run(run.folder, tmp_path / "other", 4)
    finally:
        shutil.rmtree(earlier)


def test_the_code_of_the_model_card_runs(
    model_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (model_dir / "README.md").read_text().split("```")[1].removeprefix("python\n")
    monkeypatch.chdir(model_dir)
    exec(code.replace("max_new_tokens=40", "max_new_tokens=4"), {})
    assert capsys.readouterr().out.startswith("[START_AMINO]")


def test_a_pipeline_of_transformers_continues_prompts(model_dir: Path) -> None:
    config = GenerationConfig.from_pretrained(model_dir)
    assert (config.bos_token_id, config.eos_token_id, config.pad_token_id) == (0, 2, 1)
    # What no document holds is never written.
    assert config.suppress_tokens == [0, 1, 3]
    write = pipeline("text-generation", model=str(model_dir), device="cpu")
    prompts = [PROMPT, "[START_AMINO]MKVLLE[END_AMINO] The water"]
    for prompt, written in zip(prompts, write(prompts, max_new_tokens=5), strict=True):
        assert written[0]["generated_text"].startswith(prompt)
        assert len(written[0]["generated_text"]) > len(prompt)


@pytest.mark.slow
@pytest.mark.parametrize("split", ["tensor_parallel", "pipeline_parallel"])
def test_a_model_trained_in_two_parts_is_exported_whole(split: str, tmp_path: Path) -> None:
    """Two processes save a model split between them and the loss it gave; one exports it."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(HERE)])}
    subprocess.run(
        [*command, str(HERE / "split_model.py"), split, tmp_path], check=True, env=environment
    )
    ids = torch.load(tmp_path / "ids.pt")
    model = AutoModelForCausalLM.from_pretrained(export_run(tmp_path, tmp_path / "model"))
    with torch.no_grad():
        loss = model.eval()(ids, labels=ids).loss
    torch.testing.assert_close(loss, torch.load(tmp_path / "loss.pt"), atol=1e-4, rtol=0)


def test_bfloat16_weights_stay_bfloat16(tmp_path: Path) -> None:
    run = Run(tmp_path, TRAINING.model_copy(update={"precision": "bf16"}))
    folder = export_run(tmp_path, tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.bfloat16}
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    assert model.dtype == torch.bfloat16
    with torch.no_grad():
        loss = model(run.ids, labels=run.ids).loss
    torch.testing.assert_close(loss.float(), run.loss.float(), atol=2e-2, rtol=0)


def test_an_export_is_repeatable_and_replaces_an_earlier_one(run: Run, tmp_path: Path) -> None:
    to = export_run(run.folder, tmp_path / "model")
    first = {file.name: file.read_bytes() for file in to.iterdir()}
    (to / "config.json").write_text("{}")
    assert export_run(run.folder, to) == to
    assert {file.name: file.read_bytes() for file in to.iterdir()} == first
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_of_other_things_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match="exporting would delete it"):
        export_run(run.folder, tmp_path)
    with pytest.raises(ValueError, match="exporting would delete it"):
        export_run(run.folder, tmp_path / "thesis.tex")
    with pytest.raises(ValueError, match="exporting would delete it"):
        export_run(run.folder, run.folder)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_run_that_cannot_be_exported(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no checkpoint to export: run `galactica pretrain`"):
        export_run(tmp_path, tmp_path / "model")
    other = Run(tmp_path / "other")
    tokenizer = other.folder / "tokenizer" / "tokenizer.json"
    trained_with = tokenizer.read_bytes()
    tokenizer.write_bytes(trained_with + b"\n")
    with pytest.raises(ValueError, match="is not the tokenizer the checkpoint was trained with"):
        export_run(other.folder, tmp_path / "model")
    tokenizer.write_bytes(trained_with)
    (path,) = other.folder.glob("checkpoints/*/training_state.json")
    path.write_text(path.read_text().replace('"vocabulary_size": 300', '"vocabulary_size": 299'))
    with pytest.raises(ValueError, match="300 entries, but the checkpoint was trained with 299"):
        export_run(other.folder, tmp_path / "model")
    assert not (tmp_path / "model").exists()
