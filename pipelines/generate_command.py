"""`galactica generate`: continuations of prompts, suggested works, and what is valid in them."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.stopping import stopped_in_order
from tokenization import clean
from tokenization.markers import conceal

if TYPE_CHECKING:
    from galactica.generation import TextGenerator
    from pipelines.generation_checks import CheckedSpan


@stopped_in_order("the rest was not generated")
def generate_command(
    model_dir: Annotated[
        Path, typer.Argument(help="An exported model, or a released Galactica model.")
    ],
    prompt: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PROMPT]...", help="Prompts, markers in bracket spelling."),
    ] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(
            help="A file of prompts, one a line; of a .jsonl file each line is a string, or an "
            "object with `prompt`. - is standard input.",
        ),
    ] = None,
    literal: Annotated[
        bool,
        typer.Option(
            "--literal",
            help="Prompts are plain text from elsewhere: what spells a marker in them is none.",
        ),
    ] = False,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Tokens to generate at most.")] = 64,
    temperature: Annotated[
        float, typer.Option(min=0.0, help="0 takes the likeliest token each time.")
    ] = 0.0,
    top_k: Annotated[
        int | None, typer.Option(min=1, help="Draw from this many of the likeliest tokens.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Draw from the likeliest of this probability together.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 0,
    samples: Annotated[int, typer.Option(min=1, help="Continuations of each prompt.")] = 1,
    stop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MARKER",
            help="End after this marker; closing: after the one that closes what the prompt opens.",
        ),
    ] = None,
    new_document: Annotated[
        bool, typer.Option("--new-document", help="Put </s> before each prompt.")
    ] = False,
    skip_markers: Annotated[
        bool, typer.Option("--skip-markers", help="Leave markers out of what is written.")
    ] = False,
    references: Annotated[
        int, typer.Option(min=0, help="Suggest as many works to cite after each prompt instead.")
    ] = 0,
    check: Annotated[
        bool,
        typer.Option("--check", help="Say which molecules (by RDKit) and sequences are valid."),
    ] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="Prompts continued together.")] = 8,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line for each text.")
    ] = False,
) -> None:
    """Continue prompts with a model, or suggest what to cite after them.

    Neither the order of draws nor the size of batches matters: a text follows from the seed, the
    prompt and its place. An empty prompt begins a new document. Suggested works come with their
    log-probability, likeliest first.
    """
    if temperature == 0 and (samples > 1 or top_k is not None or top_p is not None):
        raise typer.BadParameter(
            "--samples, --top-k and --top-p are about draws, and --temperature 0 draws nothing: "
            "give a temperature, such as 0.7"
        )
    if references and (temperature or stop or check or skip_markers):
        raise typer.BadParameter(
            "--references is a search for the likeliest works: --temperature, --stop, --check and "
            "--skip-markers have no meaning beside it"
        )
    typed = [*(prompt or ()), *(_prompts_in(prompts) if prompts else ())]
    if not typed:
        raise typer.BadParameter("give a prompt, or a file of them by --prompts")
    if literal:
        typed = [clean(one) for one in typed]

    from galactica.generation import Sampling, TextGenerator

    sampling = Sampling(temperature, top_k, top_p, seed)
    generator = TextGenerator.open(model_dir)
    if references:
        for one in typed:
            works = generator.generate_reference(
                one,
                suggestions=references,
                max_new_tokens=max_new_tokens,
                new_document=new_document,
                marked_text=literal,
            )
            if as_json:
                _print_json({"prompt": one, "references": [asdict(work) for work in works]})
                continue
            _print(one)
            for work in works:
                text = " ".join(work.text.split())
                _print(f"{work.score:10.3f}  {text}{'' if work.complete else ' ...'}")
        return
    counts: Counter[str] = Counter()
    for written in generator.stream(
        [one for one in typed for _ in range(samples)],
        max_new_tokens=max_new_tokens,
        sampling=sampling,
        stop=stop or (),
        new_document=new_document,
        marked_text=literal,
        show_markers=not skip_markers,
        batch_size=batch_size,
    ):
        spans: list[CheckedSpan] = []
        if check:
            begun = written.prompt if literal else conceal(clean(written.prompt))
            spans = _checked(begun + _marked(generator, written.ids), counts)
        if as_json:
            facts: dict[str, Any] = {
                "prompt": written.prompt,
                "text": written.text,
                "ending": written.ending,
            }
            _print_json(facts | ({"spans": [asdict(span) for span in spans]} if check else {}))
            continue
        _print(written.prompt + written.text)
        for span in spans:
            _print(f"  {span}")
    if check:
        print(f"{counts['valid']:,} of {counts['all']:,} spans are valid", file=sys.stderr)


def _marked(generator: "TextGenerator", ids: Sequence[int]) -> str:
    """What was written, not what is shown of it, as marked text."""
    return conceal(clean(generator.tokenizer.decode(ids)))


def _checked(marked_text: str, counts: Counter[str]) -> "list[CheckedSpan]":
    # RDKit takes a second to import.
    from pipelines.generation_checks import check_spans

    spans = list(check_spans(marked_text))
    counts["all"] += len(spans)
    counts["valid"] += sum(span.fault is None for span in spans)
    return spans


def _prompts_in(path: Path) -> list[str]:
    raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no UTF-8: {error}") from error
    # A prompt may hold the other characters that Python counts as ends of lines.
    lines = (
        [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")] if text else []
    )
    if path.suffix != ".jsonl":
        return lines
    return [_prompt_of(line, f"{path}:{number}") for number, line in enumerate(lines, 1)]


def _prompt_of(line: str, where: str) -> str:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} is not JSON: {error}") from error
    prompt = record.get("prompt") if isinstance(record, dict) else record
    if not isinstance(prompt, str):
        raise ValueError(f"{where} is neither a string nor an object with a string `prompt`")
    return prompt


def _print_json(facts: dict[str, Any]) -> None:
    line = json.dumps(facts, ensure_ascii=False)
    # JSON allows these as they are, but some readers end a line at them.
    for character in "\u0085\u2028\u2029":
        line = line.replace(character, f"\\u{ord(character):04x}")
    _print(line)


def _print(line: str) -> None:
    """Write a line as UTF-8, whatever the terminal's encoding."""
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
