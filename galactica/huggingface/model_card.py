"""The model card of an exported model: what the run's own manifests say, and nothing else.

What a manifest does not say is left out. The corpus is described only where the shards of the run
are still those that the checkpoint was trained on.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from galactica.checkpoints.training_state import TrainingState
from galactica.huggingface.import_hf import STAGE as IMPORT_STAGE
from galactica.logs.run_logs import METRICS_PATH
from galactica.validation.losses import VALIDATION
from tokenization import ScienceTokenizer
from tokenization.manifests import MANIFEST_NAME, read_manifest

#: Settings of the training that a card shows, where they were given.
_SHOWN_SETTINGS: Final = (
    ("epochs", "epochs asked for", "{:g}"),
    ("sequence_length_tokens", "sequence length", "{:,} tokens"),
    ("learning_rate", "highest learning rate", "{:g}"),
    ("weight_decay", "weight decay", "{:g}"),
    ("precision", "precision", "{}"),
)

_USE: Final = """## Use

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(".")
model = AutoModelForCausalLM.from_pretrained(".")
inputs = tokenizer("[START_AMINO]", return_tensors="pt")
print(tokenizer.decode(model.generate(**inputs, max_new_tokens=40)[0]))
```

Prompts spell the markers out: `[START_REF]` asks for a citation, `[START_I_SMILES]` for a
molecule, `[START_AMINO]` for a protein, `<work>` for worked steps; `</s>` before a prompt begins a
new document. Do not pass the openings to transformers as additional special tokens: sequences
would no longer be read one character a token.

The model continues text by its likelihood. What it writes, citations and numbers included, can be
false and must be checked.
"""


def model_card(run_dir: Path, state: TrainingState, tokenizer: ScienceTokenizer) -> str:
    """The README.md of an exported model, as the Hugging Face hub shows it."""
    imported = _imported(run_dir)
    parameters = state.model_settings.num_parameters(state.vocabulary_size)
    licence = imported.get("license")
    head = ["---", *([f"license: {licence}"] if licence else []), "library_name: transformers"]
    head += ["pipeline_tag: text-generation", "tags:", "- science", "---", ""]
    sections = [
        f"# A language model of science, {parameters / 1e6:,.1f} million parameters",
        "A decoder-only transformer after Galactica (Taylor et al. 2022, arXiv 2211.09085), "
        f"{_origin(state, imported)} It loads as `OPTForCausalLM`.",
        _table(("", ""), _model_rows(state, tokenizer)),
        *_training(run_dir, state),
        *_corpus(run_dir, state),
        _USE,
    ]
    return "\n".join(head) + "\n" + "\n\n".join(sections)


def _imported(run_dir: Path) -> Mapping[str, Any]:
    try:
        manifest = read_manifest(run_dir / MANIFEST_NAME)
    except FileNotFoundError:
        return {}
    return manifest.facts["imported"] if manifest.stage == IMPORT_STAGE else {}


def _origin(state: TrainingState, imported: Mapping[str, Any]) -> str:
    if imported:
        added = imported["new_entries"]
        more = (
            f", with {added} new vocabulary entries, whose embeddings are the mean of the others"
            if added
            else ""
        )
        return f"imported from the OPT model `{imported['name']}`{more}; not trained here."
    if start := state.fingerprints.get("start_from"):
        return f"trained further with Megatron-core from weights of the fingerprint `{start}`."
    return "trained with Megatron-core from scratch."


def _model_rows(state: TrainingState, tokenizer: ScienceTokenizer) -> Iterator[tuple[str, str]]:
    model = state.model_settings
    shape = (model.num_layers, model.hidden_size, model.num_attention_heads)
    yield "layers, width, heads", ", ".join(map(str, shape))
    yield "longest context", _longest_context(state)
    yield "vocabulary", f"{state.vocabulary_size:,} entries"
    openings = [marker.spelling for marker in tokenizer.markers if marker.closes is None]
    yield "markers", " ".join(f"`{spelling}`" for spelling in openings)


def _longest_context(state: TrainingState) -> str:
    """What fits, and how much of it was trained: the positions after are as they were drawn."""
    positions = state.model_settings.max_position_embeddings
    words = f"{positions:,} tokens"
    if not state.total_samples or "start_from" in state.fingerprints:
        return words  # another training's affair
    trained = state.training["sequence_length_tokens"]
    if trained < positions:
        words += f", of which the first {trained:,} were trained"
    return words


def _training(run_dir: Path, state: TrainingState) -> Iterator[str]:
    if not state.total_samples:
        return
    settings = state.training
    tokens = state.consumed_samples * settings["sequence_length_tokens"]
    whole = "" if state.finished else f" of a run of {state.total_samples:,} samples, not finished"
    if reason := state.loss_watch.reason:
        whole = f", stopped early: {reason}"
    batch = settings["global_batch_size_samples"] * settings["sequence_length_tokens"]
    rows = [
        ("trained on", f"{tokens:,} tokens in {state.step:,} steps{whole}"),
        ("batch", f"{batch:,} tokens"),
    ]
    rows += [
        (label, form.format(settings[name]))
        for name, label, form in _SHOWN_SETTINGS
        if settings.get(name) is not None
    ]
    yield "## Training"
    yield _table(("", ""), rows)
    losses = _validation_losses(run_dir, state)
    if losses:
        yield "Validation loss at this step, in nats a token:"
        yield _table(("source", "loss"), [(name, _number(loss)) for name, loss in losses.items()])


def _number(loss: float | None) -> str:
    return "infinite" if loss is None else f"{loss:.4f}"


def _validation_losses(run_dir: Path, state: TrainingState) -> dict[str, float | None]:
    """Those that the run logged for the step of the checkpoint, by source; None is infinite."""
    path = run_dir / METRICS_PATH
    losses: dict[str, float | None] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                facts = json.loads(line)
            except ValueError:
                break  # cut short by a kill
            if facts.get("step") == state.step and facts.get("split") == VALIDATION:
                losses = facts["validation_loss"]
    return losses


def _corpus(run_dir: Path, state: TrainingState) -> Iterator[str]:
    trained_on = state.fingerprints.get("shards/train")
    shards = run_dir / "shards" / "train" / MANIFEST_NAME
    if trained_on is None or not shards.is_file():
        return
    described = read_manifest(shards).facts["shards"]
    if described["fingerprint"] != trained_on:
        return
    documents = run_dir / "documents" / MANIFEST_NAME
    sources: Mapping[str, Any] = (
        read_manifest(documents).facts["sources"] if documents.is_file() else {}
    )
    counts = described["sources"]
    rows: list[tuple[str, ...]] = [
        (
            name,
            sources.get(name, {}).get("category", ""),
            f"{counted['documents']:,}",
            f"{counted['tokens']:,}",
        )
        for name, counted in counts.items()
    ]
    total = [sum(counted[what] for counted in counts.values()) for what in ("documents", "tokens")]
    rows.append(("all", "", *(f"{number:,}" for number in total)))
    yield "## Corpus"
    yield "What one epoch of the training split holds:"
    yield _table(("source", "category", "documents", "tokens"), rows)
    yield f"Its shards have the fingerprint `{trained_on}`."


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, ("---",) * len(head), *rows]
    # A name from a recipe must not end its cell.
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )
