"""Text from an exported model: continuations of prompts, and references with their scores.

The folder is one that `galactica export` wrote. Prompts are typed with markers in bracket spelling
(`[START_AMINO]MKV`), and so is what comes out. The loop is that of transformers; ours are the
draws, which follow from the seed and the prompt's place alone, and where a text ends.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

import torch
from safetensors import SafetensorError
from transformers import (
    AutoModelForCausalLM,
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    PreTrainedModel,
    StoppingCriteria,
    StoppingCriteriaList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)
from transformers.utils import logging as transformers_logging

from tokenization import ScienceTokenizer
from tokenization.markers import CONTROL_TOKENS, END_OF_DOCUMENT_ID, PAD_ID, Marker

#: Control tokens that no document holds: the model has learned nothing of them.
NEVER_GENERATED: Final = [id_ for id_ in range(len(CONTROL_TOKENS)) if id_ != END_OF_DOCUMENT_ID]
#: Stands, among the markers at which to stop, for the one that closes the span a prompt left open.
CLOSING: Final = "closing"
_START_REF: Final = "[START_REF]"
_END_REF: Final = "[END_REF]"


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen.

    With `temperature` 0 it is the likeliest. Above 0 it is drawn, from the `top_k` likeliest and
    from the likeliest that have `top_p` of the probability together (all, where None). Raises
    ValueError for what is not that.
    """

    temperature: float = 0.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise ValueError(
                f"temperature is {self.temperature}; it must be 0 or a finite number above"
            )
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k is {self.top_k}; it must be 1 or more")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is {self.top_p}; it must be above 0 and at most 1")


class Ending(StrEnum):
    """Why a text ends: with the document, at a marker, or because no more was asked for."""

    DOCUMENT = "document"
    MARKER = "marker"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Continuation:
    """What follows a prompt. `ids` are its tokens, the end of the document left out."""

    prompt: str
    text: str
    ids: tuple[int, ...]
    ending: Ending


@dataclass(frozen=True, slots=True)
class Reference:
    """A work that the model would cite: `Title, Surname`.

    `score` is the log-probability, in nats, of the tokens from `[START_REF]` through `[END_REF]`.
    Where `complete` is off the text was cut, and there is no end in the score.
    """

    text: str
    score: float
    complete: bool


class TextGenerator:
    """An exported model, open, with its tokenizer."""

    def __init__(self, model: PreTrainedModel, tokenizer: ScienceTokenizer) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.context_tokens: int = model.config.max_position_embeddings
        ids = {marker: tokenizer.token_to_id(marker.spelling) for marker in tokenizer.markers}
        self._marker_of = {id_: marker for marker, id_ in ids.items() if id_ is not None}

    @classmethod
    def open(cls, model_dir: Path) -> Self:
        """Open the folder, on the GPU where there is one.

        Raises ValueError, saying why, where it holds no exported model.
        """
        if not (model_dir / "config.json").is_file():
            raise ValueError(
                f"{model_dir} is not an exported model (it has no config.json): give the folder "
                "that `galactica export` wrote, such as runs/demo/model"
            )
        try:
            tokenizer = ScienceTokenizer.from_pretrained(model_dir)
        except ValueError as error:
            raise ValueError(
                f"{error}. A model from elsewhere goes through `galactica import-hf` and "
                "`galactica export` first"
            ) from error
        try:
            with no_progress_bars():
                model = AutoModelForCausalLM.from_pretrained(
                    model_dir, local_files_only=True, trust_remote_code=False
                )
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise ValueError(f"{model_dir} cannot be opened as a model: {reason}") from error
        if model.config.vocab_size != tokenizer.vocabulary_size:
            raise ValueError(
                f"{model_dir} holds a model of {model.config.vocab_size} entries and a tokenizer "
                f"of {tokenizer.vocabulary_size}: they are not of one export"
            )
        return cls(model.to("cuda") if torch.cuda.is_available() else model, tokenizer)

    def generate(
        self,
        prompts: Sequence[str],
        *,
        max_new_tokens: int = 64,
        sampling: Sampling = Sampling(),
        stop: Iterable[str] = (),
        new_document: bool = False,
        show_markers: bool = True,
        batch_size: int = 8,
    ) -> list[Continuation]:
        """Continue every prompt, in their order.

        A text ends with its document, after `max_new_tokens`, where the model's context is full,
        or after one of the markers `stop`, in bracket spelling; `closing` stands for the marker
        that closes the span which a prompt leaves open. With `new_document`, and where a prompt is
        empty, `</s>` stands before it. Without `show_markers` the texts hold what is between them
        alone.

        What is drawn for a prompt follows from the seed and its number in the list; how many are
        read together (`batch_size`) changes it by rounding at most.

        Raises ValueError where a prompt leaves no room in the context or is not text, and where
        one of `stop` is no marker of the tokenizer or `closing` has nothing to close.
        """
        if max_new_tokens < 1:
            raise ValueError(f"max_new_tokens is {max_new_tokens}; it must be 1 or more")
        wanted = tuple(stop)
        read = [self._read(prompt, new_document) for prompt in prompts]
        stops = [self._stops(ids, wanted) for ids in read]
        found: dict[int, Continuation] = {}
        for batch in self._batches(read, max_new_tokens, batch_size):
            room = self.context_tokens - max(len(read[number]) for number in batch)
            outputs = self._continue(
                [read[number] for number in batch],
                min(max_new_tokens, room),
                _draws(sampling, batch),
                [stops[number] for number in batch],
            )
            for number, output in zip(batch, outputs, strict=True):
                found[number] = self._cut(prompts[number], output, stops[number], show_markers)
        return [found[number] for number in range(len(prompts))]

    def generate_reference(
        self,
        prompt: str,
        *,
        suggestions: int = 5,
        max_new_tokens: int = 64,
        new_document: bool = False,
    ) -> list[Reference]:
        """The works that the model would cite after a text, likeliest first (Galactica, 5.4).

        `[START_REF]` follows the prompt, unless it ends within such a span (a title begun).
        They are found by a search with as many beams as `suggestions`: there may be fewer works,
        where several beams spell one, and a likelier one may be missed. Raises as `generate` does.
        """
        if suggestions < 1:
            raise ValueError(f"suggestions is {suggestions}; it must be 1 or more")
        ids = self._read(prompt, new_document)
        opened = self._open_span(ids)
        if opened is None or opened.spelling != _START_REF:
            blank = "" if not prompt or prompt[-1].isspace() else " "
            prompt += blank + _START_REF
            ids = self._read(prompt, new_document)
        end = self.tokenizer.token_to_id(_END_REF)
        inputs = torch.tensor([ids], device=self.model.device)
        with torch.no_grad():
            output = self.model.generate(
                inputs,
                attention_mask=torch.ones_like(inputs),
                generation_config=GenerationConfig(
                    max_new_tokens=min(max_new_tokens, self.context_tokens - len(ids)),
                    do_sample=False,
                    # With one beam there are no scores.
                    num_beams=max(2, suggestions),
                    num_return_sequences=suggestions,
                    # Sums of log-probabilities, whatever the length.
                    length_penalty=0.0,
                    eos_token_id=end,
                    pad_token_id=PAD_ID,
                    suppress_tokens=[*NEVER_GENERATED, END_OF_DOCUMENT_ID],
                    return_dict_in_generate=True,
                    output_scores=True,
                ),
            )
        works: dict[str, Reference] = {}
        for sequence, score in zip(
            output.sequences.tolist(), output.sequences_scores.tolist(), strict=True
        ):
            tokens = sequence[len(ids) :]
            complete = end in tokens
            if complete:
                tokens = tokens[: tokens.index(end)]
            text = self.tokenizer.decode([id_ for id_ in tokens if id_ != PAD_ID]).strip()
            works.setdefault(text, Reference(text, score, complete))
        return sorted(works.values(), key=lambda work: -work.score)

    def _read(self, prompt: str, new_document: bool) -> list[int]:
        """The ids of a prompt, with room after them."""
        ids = self.tokenizer.encode(prompt)
        if new_document or not ids:
            ids = [END_OF_DOCUMENT_ID, *ids]
        if len(ids) >= self.context_tokens:
            raise ValueError(
                f"the prompt has {len(ids)} tokens, but the model reads {self.context_tokens} at "
                "most, what it is to write included: shorten it"
            )
        return ids

    def _open_span(self, ids: Iterable[int]) -> Marker | None:
        """The opening of the innermost span that some ids leave open."""
        opened: list[Marker] = []
        for id_ in ids:
            if id_ == END_OF_DOCUMENT_ID:
                opened.clear()
            marker = self._marker_of.get(id_)
            if marker is None:
                continue
            if marker.closed_by is not None:
                opened.append(marker)
            elif opened and marker.closes == opened[-1].spelling:
                opened.pop()
        return opened[-1] if opened else None

    def _stops(self, ids: Sequence[int], wanted: Sequence[str]) -> frozenset[int]:
        stops = set()
        for spelling in wanted:
            if spelling == CLOSING:
                opened = self._open_span(ids)
                if opened is None or opened.closed_by is None:
                    raise ValueError(
                        "a prompt leaves no span open, so there is no closing marker to stop at: "
                        "name the marker"
                    )
                spelling = opened.closed_by
            id_ = self.tokenizer.token_to_id(spelling)
            if id_ not in self._marker_of:
                choices = ", ".join(marker.spelling for marker in self._marker_of.values())
                raise ValueError(f"{spelling!r} is no marker of the model; choices: {choices}")
            stops.add(id_)
        return frozenset(stops)

    def _batches(
        self, read: Sequence[Sequence[int]], max_new_tokens: int, batch_size: int
    ) -> Iterator[list[int]]:
        """Numbers of prompts that are continued together.

        One that fills the context before it has all tokens asked for goes alone: it would cut the
        others short.
        """
        together = []
        for number, ids in enumerate(read):
            if len(ids) + max_new_tokens > self.context_tokens:
                yield [number]
            else:
                together.append(number)
        for start in range(0, len(together), batch_size):
            yield together[start : start + batch_size]

    def _continue(
        self,
        prompts: Sequence[Sequence[int]],
        max_new_tokens: int,
        draws: list[LogitsProcessor],
        stops: Sequence[frozenset[int]],
    ) -> list[list[int]]:
        longest = max(map(len, prompts))
        inputs = torch.tensor([[PAD_ID] * (longest - len(ids)) + list(ids) for ids in prompts])
        mask = torch.tensor([[0] * (longest - len(ids)) + [1] * len(ids) for ids in prompts])
        with torch.no_grad():
            output = self.model.generate(
                inputs.to(self.model.device),
                attention_mask=mask.to(self.model.device),
                generation_config=GenerationConfig(
                    max_new_tokens=max_new_tokens,
                    do_sample=False,
                    eos_token_id=END_OF_DOCUMENT_ID,
                    pad_token_id=PAD_ID,
                    suppress_tokens=NEVER_GENERATED,
                ),
                logits_processor=LogitsProcessorList(draws),
                stopping_criteria=StoppingCriteriaList([_StopsOfRows(stops)]),
            )
        ids: list[list[int]] = output[:, longest:].tolist()
        return ids

    def _cut(
        self, prompt: str, output: Sequence[int], stops: frozenset[int], show_markers: bool
    ) -> Continuation:
        """A row of what was generated, without what fills it up after its end."""
        ids: list[int] = []
        ending = Ending.LENGTH
        for id_ in output:
            if id_ == END_OF_DOCUMENT_ID:
                ending = Ending.DOCUMENT
                break
            ids.append(id_)
            if id_ in stops:
                ending = Ending.MARKER
                break
        shown = ids if show_markers else [id_ for id_ in ids if id_ not in self._marker_of]
        return Continuation(prompt, self.tokenizer.decode(shown), tuple(ids), ending)


class _StopsOfRows(StoppingCriteria):
    """Ends each row of a batch at markers of its own."""

    def __init__(self, stops: Sequence[frozenset[int]]) -> None:
        self._stops = stops

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        last = input_ids[:, -1].tolist()
        ended = [id_ in stops for id_, stops in zip(last, self._stops, strict=True)]
        return torch.tensor(ended, device=input_ids.device)


class _SeededDraws(LogitsProcessor):
    """Adds noise to logits so that the likeliest token is then one drawn by its probability.

    With Gumbel noise, minus the logarithm of exponential noise, that is exact (Maddison et al.
    2014, arXiv 1411.0030). Every row draws from a generator of its own, and no other is touched.
    """

    def __init__(self, seeds: Sequence[str]) -> None:
        digests = (hashlib.blake2b(seed.encode(), digest_size=7).digest() for seed in seeds)
        self._generators = [
            torch.Generator().manual_seed(int.from_bytes(digest, "big")) for digest in digests
        ]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        noise = torch.empty(scores.shape, dtype=torch.float64)
        for row, generator in zip(noise, self._generators, strict=True):
            row.exponential_(generator=generator)
        # 0 would be a token of infinite luck, even one that must not be drawn.
        return scores.double() - noise.clamp_min_(1e-300).log_().to(scores.device)


def _draws(sampling: Sampling, numbers: Iterable[int]) -> list[LogitsProcessor]:
    """What makes a search for the likeliest token the sampling that was asked for."""
    if sampling.temperature == 0:
        return []
    chain: list[LogitsProcessor] = [TemperatureLogitsWarper(sampling.temperature)]
    if sampling.top_k is not None:
        chain.append(TopKLogitsWarper(sampling.top_k))
    if sampling.top_p is not None:
        chain.append(TopPLogitsWarper(sampling.top_p))
    return [*chain, _SeededDraws([f"{sampling.seed}/{number}" for number in numbers])]


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
