"""A trained model as a Hugging Face folder: what `AutoModelForCausalLM` and `AutoTokenizer` open.

The folder holds the weights (safetensors), `config.json`, `generation_config.json`, the tokenizer's
files, a model card and a `manifest.json` that says what it was made from. It appears whole or not
at all, and the same checkpoint gives the same bytes.
"""

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import torch
from transformers import GenerationConfig, OPTForCausalLM

from galactica.checkpoints.content import load_model_weights
from galactica.checkpoints.folders import checkpoint_folder, list_checkpoints
from galactica.checkpoints.recovery import damage
from galactica.checkpoints.training_state import TrainingState, read_training_state
from galactica.huggingface.model_card import model_card
from galactica.huggingface.model_folder import NEVER_GENERATED, no_progress_bars
from galactica.huggingface.opt import opt_config, opt_state_dict
from galactica.transformer.whole_model import whole_model
from tokenization.manifests import (
    MANIFEST_NAME,
    Manifest,
    atomic_folder,
    fingerprint_file,
    fingerprint_json,
    read_manifest,
)
from tokenization.tokenizer import CONFIG_FILE, TOKENIZER_FILE, ScienceTokenizer

STAGE: Final = "export"


def export_run(run_dir: Path, to: Path, step: int | None = None) -> Path:
    """Export a checkpoint of a run, with the run's tokenizer, into the folder `to`.

    It is the latest one, or that of `step`. An earlier export there is replaced. One process
    exports what any number of them trained. Returns `to`. Raises ValueError where there is no such
    checkpoint, where it is not as it was written, where the tokenizer is not the one the model was
    trained with, or where `to` holds anything else.
    """
    checkpoint = _checkpoint_of(run_dir, step)
    tokenizer_folder = run_dir / "tokenizer"
    try:
        state = read_training_state(checkpoint)
        _check_tokenizer(tokenizer_folder, state)
        _check_replaceable(to)
        weights = _read_weights(checkpoint, state)
    except (ValueError, OSError) as error:
        if checkpoint.is_dir():
            raise
        raise ValueError(
            f"{checkpoint} was removed while it was read, as a training does that saves newer "
            "ones: export again"
        ) from error
    card = model_card(run_dir, state, ScienceTokenizer.from_pretrained(tokenizer_folder))
    return write_model_folder(to, weights, state, tokenizer_folder, card)


def write_model_folder(
    to: Path,
    gpt_state_dict: Mapping[str, Any],
    state: TrainingState,
    tokenizer_folder: Path,
    card: str,
) -> Path:
    """Write the weights of a whole GPTModel, as they were at `state`, and a tokenizer to `to`.

    `card` is the text of its README.md.

    All weights get the precision of the embedding, which is the one they were trained in (a model
    built to be read holds some of them in float32). Raises ValueError where they do not fit the
    settings in `state`, or where `to` holds anything but an earlier export.
    """
    _check_replaceable(to)
    settings = state.model_settings
    weights = opt_state_dict(gpt_state_dict, settings, state.vocabulary_size)
    dtype = weights["lm_head.weight"].dtype
    weights = {name: weight.to(dtype) for name, weight in weights.items()}
    config = opt_config(settings, state.vocabulary_size, dtype)
    # On the meta device nothing is allocated or initialised: the weights are put in as they are.
    with torch.device("meta"):
        model = OPTForCausalLM(config)
    model.load_state_dict(weights, strict=True, assign=True)
    model.tie_weights()
    model.generation_config = GenerationConfig(
        bos_token_id=config.bos_token_id,
        eos_token_id=config.eos_token_id,
        pad_token_id=config.pad_token_id,
        suppress_tokens=NEVER_GENERATED,
    )
    with atomic_folder(to.absolute()) as folder:
        with no_progress_bars():
            model.save_pretrained(folder)
        for name in (TOKENIZER_FILE, CONFIG_FILE):
            shutil.copyfile(tokenizer_folder / name, folder / name)
        (folder / "README.md").write_text(card, encoding="utf-8")
        for file in folder.iterdir():
            # safetensors lets its owner alone read a file; the others are as the umask has them.
            file.chmod((folder / "README.md").stat().st_mode)
        outputs = {
            file.name: (file.stat().st_size, fingerprint_file(file))
            for file in sorted(folder.iterdir())
        }
        facts = asdict(state)
        inputs = {**facts.pop("fingerprints"), "tokenizer": outputs[TOKENIZER_FILE][1]}
        made_by = {name: version(name) for name in ("safetensors", "transformers")}
        manifest = Manifest(
            stage=STAGE,
            fingerprint=fingerprint_json([made_by, inputs, facts]),
            made_by=made_by,
            inputs=inputs,
            outputs=outputs,
            facts={"checkpoint": facts},
        )
        (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    return to


def _read_weights(checkpoint: Path, state: TrainingState) -> dict[str, torch.Tensor]:
    """The weights of a checkpoint, which is compared with its checksums first."""
    precision = state.training["precision"]
    with whole_model(state.model_settings, state.vocabulary_size, precision) as model:
        if (fault := damage(checkpoint)) is not None:
            raise ValueError(f"{fault}: export another checkpoint of the run, by its --step")
        load_model_weights(checkpoint, model)
        return {
            name: weight.cpu()
            for name, weight in model.state_dict().items()
            if isinstance(weight, torch.Tensor)
        }


def _checkpoint_of(run_dir: Path, step: int | None) -> Path:
    checkpoints = list_checkpoints(run_dir)
    if not checkpoints:
        raise ValueError(
            f"{run_dir} has no checkpoint to export: run `galactica pretrain` with this run "
            "directory first"
        )
    if step is None:
        return checkpoints[-1]
    checkpoint = checkpoint_folder(run_dir, step)
    if checkpoint not in checkpoints:
        names = ", ".join(path.name for path in checkpoints)
        raise ValueError(f"{run_dir} has no checkpoint of step {step}; there are {names}")
    return checkpoint


def _check_tokenizer(folder: Path, state: TrainingState) -> None:
    tokenizer = ScienceTokenizer.from_pretrained(folder)
    trained_with = state.fingerprints.get("tokenizer")
    if trained_with and trained_with != fingerprint_file(folder / TOKENIZER_FILE):
        raise ValueError(
            f"{folder} is not the tokenizer the checkpoint was trained with: it was built again "
            "since; restore it, or train anew"
        )
    if tokenizer.vocabulary_size != state.vocabulary_size:
        raise ValueError(
            f"{folder} has {tokenizer.vocabulary_size} entries, but the checkpoint was trained "
            f"with {state.vocabulary_size}"
        )


def _check_replaceable(to: Path) -> None:
    """Refuse to delete what is not an earlier export."""
    if not to.exists() or (to.is_dir() and not any(to.iterdir())):
        return
    try:
        if read_manifest(to / MANIFEST_NAME).stage == STAGE:
            return
    except (OSError, ValueError):
        pass
    raise ValueError(
        f"{to} holds something that is not an exported model, and exporting would delete it: "
        "name another folder"
    )
