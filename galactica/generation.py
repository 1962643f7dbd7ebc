"""Text from an exported model, by plain transformers: no code of ours is in the loop."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from tokenization.markers import END_OF_DOCUMENT_ID, PAD_ID


def generate(
    model_dir: Path,
    prompt: str,
    *,
    max_new_tokens: int = 64,
    temperature: float = 0.0,
    top_k: int | None = None,
    seed: int = 0,
) -> str:
    """The prompt and its continuation, in bracket spelling.

    It ends with the document, after `max_new_tokens`, or where the model's context is full.

    With `temperature` 0 the likeliest token is taken each time; above 0, tokens are drawn from the
    `top_k` likeliest (all, if None), the same ones for the same seed. An empty prompt begins a new
    document, as `</s>` before a prompt does.

    Raises ValueError where `model_dir` holds no exported model, or the prompt leaves no room in
    the model's context or is not text.
    """
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"temperature is {temperature}; it must be 0 or a finite number above")
    if not (model_dir / "config.json").is_file():
        raise ValueError(
            f"{model_dir} is not an exported model (it has no config.json): give the folder that "
            "`galactica export` wrote, such as runs/demo/model"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(model_dir, local_files_only=True)
        with no_progress_bars():
            model = AutoModelForCausalLM.from_pretrained(model_dir, local_files_only=True).eval()
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"{model_dir} cannot be opened as a model: {reason}") from error
    # Raises UnicodeEncodeError, a ValueError, where the prompt was not UTF-8.
    prompt.encode()
    ids = tokenizer.encode(prompt, add_special_tokens=False) or [END_OF_DOCUMENT_ID]
    room = model.config.max_position_embeddings - len(ids)
    if room < 1:
        raise ValueError(
            f"the prompt has {len(ids)} tokens, but the model reads "
            f"{model.config.max_position_embeddings} at most: shorten it"
        )
    sampling = {"temperature": temperature, "top_k": top_k or 0} if temperature > 0 else {}
    torch.manual_seed(seed)
    inputs = torch.tensor([ids])
    output = model.generate(
        inputs,
        attention_mask=torch.ones_like(inputs),
        max_new_tokens=min(max_new_tokens, room),
        do_sample=temperature > 0,
        eos_token_id=END_OF_DOCUMENT_ID,
        pad_token_id=PAD_ID,
        **sampling,
    )[0, len(ids) :].tolist()
    if output[-1] == END_OF_DOCUMENT_ID:
        output.pop()
    return prompt + str(tokenizer.decode(output, skip_special_tokens=False))


@contextmanager
def no_progress_bars() -> Iterator[None]:
    """Keep transformers from drawing a bar for each file: in a log they are noise."""
    shown = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()
