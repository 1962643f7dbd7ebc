"""`galactica tokenizer`: train, convert, compare and look into tokenizers."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from tokenizers import Tokenizer

from pipelines.progress import ConsoleProgress
from pipelines.run_directory import RunDirectory
from pipelines.stopping import stopped_in_order
from pipelines.tokenizer_display import (
    comparison_table,
    output_console,
    print_inline,
    print_rows,
)
from pipelines.tokenizer_folder import refuse_other_tokenizer, save_tokenizer
from pipelines.tokenizer_training import (
    Plan,
    Trained,
    make_settings,
    plan_of_run,
    train_on_run,
    train_on_text,
)
from tokenization import ScienceTokenizer, clean
from tokenization.comparison import Subject, compare, load_subject, subject, table_of
from tokenization.conversion import LICENCE_NOTICE, RELEASED_CONTEXT_TOKENS, convert_released
from tokenization.plain_text import find_text_files, read_texts
from tokenization.show import corpus_rows, token_rows
from tokenization.training import with_markers

tokenizer_program = typer.Typer(
    help="Train, convert, compare and look into tokenizers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ToOption = Annotated[Path, typer.Option("--to", help="The folder to write.")]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace another tokenizer that the folder holds.")
]
MarkersOption = Annotated[
    str,
    typer.Option(
        metavar="NAME,...",
        help="Markers to add: RNA, SELFIES, MATERIAL, or one of your own as NAME:MODE, where MODE "
        "is text, characters or symbols.",
    ),
]
ColumnOption = Annotated[
    str, typer.Option(help="Where the text is in Parquet and in JSON lines.", metavar="NAME")
]


@tokenizer_program.command(
    "train",
    epilog="Example: galactica tokenizer train papers/ notes/*.md --to my-tokenizer; "
    "galactica tokenizer train --run-dir runs/demo --vocabulary-size 32000 --to my-tokenizer",
)
def train_command(
    to: ToOption,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH...", help="Text files, folders of them, or glob patterns."),
    ] = None,
    run_dir: Annotated[
        Path | None, typer.Option("--run-dir", help="Train on the documents of this run instead.")
    ] = None,
    vocabulary_size: Annotated[
        int | None, typer.Option(help="Entries, markers included.  [default: 50000]")
    ] = None,
    sample_fraction: Annotated[
        float | None, typer.Option(help="The share of documents to learn from.  [default: 0.02]")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the sample.  [default: 0]")
    ] = None,
    normalizer: Annotated[
        str | None, typer.Option(help="nfkc, nfc or none.  [default: nfc]")
    ] = None,
    latex_markers: Annotated[
        bool | None,
        typer.Option(
            "--latex-markers/--no-latex-markers",
            help="Have [START_LATEX] and [END_LATEX].  [default: yes]",
        ),
    ] = None,
    markers: MarkersOption = "",
    column: ColumnOption = "text",
    overwrite: OverwriteOption = False,
) -> None:
    """Train a tokenizer on the documents of a run, or on files of plain text.

    Of a run the training documents are used, and its recipe gives what no option says; --markers
    come after the recipe's. Plain text is UTF-8 (.txt .md .rst .tex ..., JSON lines, Parquet). Its
    documents are the blocks between blank lines, each sampled by a hash of its own words: neither
    the order nor the names of files matter. It is cleaned as all outside text: markers spelt in
    it are ordinary text.
    """
    changes: dict[str, Any] = {
        "vocabulary_size": vocabulary_size,
        "sample_fraction": sample_fraction,
        "normalizer": normalizer,
        "markers": marker_settings(markers),
    }
    if (run_dir is None) == (not paths):
        raise typer.BadParameter("give either text files or --run-dir")
    if not overwrite:
        refuse_other_tokenizer(to)
    console = Console()
    with stopped_in_order("nothing of it is kept"), ConsoleProgress(console) as progress:
        if run_dir is not None:
            run = RunDirectory(run_dir)
            own = {"latex_markers": latex_markers, "seed": seed}
            trained = train_on_run(run, plan_of_run(run, changes | own), progress)
        else:
            given = {key: value for key, value in changes.items() if value is not None}
            plan = Plan(make_settings(**given), latex_markers is not False, seed or 0)
            trained = train_on_text(paths or [], column, plan, progress)
        save_tokenizer(
            trained.tokenizer,
            to,
            overwrite=overwrite,
            model_max_length=trained.plan.model_max_length,
        )
    _print_summary(trained)
    print(f"Wrote {to}")


def _print_summary(trained: Trained) -> None:
    account, tokenizer = trained.account, trained.tokenizer
    print(f"read       {account.read:,} documents, {account.read_bytes:,} bytes")
    print(f"sampled    {account.sampled:,} documents, {account.sampled_bytes:,} bytes")
    for what, number in sorted(account.noticed.items()):
        print(f"           {number:,} {what}")
    names = ", ".join(marker.name for marker in tokenizer.markers if marker.closes is None)
    print(f"entries    {tokenizer.vocabulary_size:,}, among them markers {names}")
    if trained.measured_tokens:
        print(
            f"compressed {trained.measured_bytes / trained.measured_tokens:.2f} bytes a token, on "
            f"{trained.measured_bytes:,} bytes of the sample"
        )


@tokenizer_program.command(
    "convert",
    epilog="Example: galactica tokenizer convert galactica-1.3b/tokenizer.json --to galactica-sc",
)
def convert_command(
    released: Annotated[
        Path, typer.Argument(metavar="RELEASED_JSON", help="The released tokenizer.json.")
    ],
    to: ToOption,
    latex_markers: Annotated[
        bool, typer.Option("--latex-markers", help="Add [START_LATEX] and [END_LATEX].")
    ] = False,
    markers: MarkersOption = "",
    overwrite: OverwriteOption = False,
) -> None:
    """Make the released Galactica tokenizer self-contained: same ids, no escape step needed.

    Plain AutoTokenizer then reads molecules and sequences one character a token. By default
    nothing is added: the 50,000 ids fit the published checkpoints. Markers that are added take
    the ids from 50,000 on, and the embeddings of a checkpoint must be resized for them.
    """
    tokenizer = convert_released(released, latex_markers=latex_markers)
    if added := marker_settings(markers):
        tokenizer = with_markers(tokenizer, make_settings(markers=added).markers)
    save_tokenizer(tokenizer, to, overwrite=overwrite, model_max_length=RELEASED_CONTEXT_TOKENS)
    print(LICENCE_NOTICE)
    print(f"Wrote {to}: {tokenizer.vocabulary_size:,} entries, {len(tokenizer.markers)} markers")


@tokenizer_program.command(
    "compare",
    epilog="Example: galactica tokenizer compare runs/demo/tokenizer gpt2-folder paper.md",
)
def compare_command(
    first: Annotated[
        Path, typer.Argument(metavar="A", help="A tokenizer folder or tokenizer.json, of any kind.")
    ],
    second: Annotated[Path, typer.Argument(metavar="B", help="The tokenizer to compare with.")],
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Text with markers in bracket spelling, or documents/*.parquet."
        ),
    ],
    column: ColumnOption = "text",
) -> None:
    """Compare two tokenizers on the same text: tokens a byte, by modality, side by side.

    Both read every text whole and in bracket spelling, [START_DNA]ATG[END_DNA], without control
    tokens around it; each token counts for the modality its last character is in. What a marker
    costs is a row of its own: one token where a tokenizer knows it, several where not. The
    released Galactica tokenizer is read as it is, without its escape step.
    """
    subjects = (_load_subject(first), _load_subject(second))
    table = table_of(subjects)
    with (
        stopped_in_order("nothing was compared"),
        ConsoleProgress(Console(stderr=True)) as progress,
    ):
        counts: Counter[str] = Counter()
        paths = find_text_files(files, column)
        progress.stage_started("compare", sum(path.stat().st_size for path in paths))

        def texts() -> Iterator[str]:
            for path in paths:
                yield from read_texts(path, column, counts, progress.advanced, table)

        rows = compare(*subjects, texts(), table)
    if not rows:
        raise ValueError(f"no text in {', '.join(files)}")
    for what, number in sorted(counts.items()):
        print(f"{number:,} {what}", file=sys.stderr)
    output_console().print(comparison_table((str(first), str(second)), rows))


def _load_subject(path: Path) -> Subject:
    try:
        return load_subject(path)
    except FileNotFoundError as error:
        if not path.is_dir():
            raise
        slow = _slow_tokenizer(path)
        if slow is None:
            raise FileNotFoundError(
                f"{error}, and transformers cannot read another tokenizer there"
            ) from error
        return subject(str(path), slow)


def _slow_tokenizer(folder: Path) -> Tokenizer | None:
    """A tokenizer of other files (`vocab.json`, `tokenizer.model`), as transformers converts it."""
    try:
        from transformers import AutoTokenizer

        slow = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        return slow.backend_tokenizer
    except Exception:  # whatever transformers raises: the caller says that nothing could be read
        return None


@tokenizer_program.command(
    "show",
    epilog='Example: galactica tokenizer show runs/demo/tokenizer "[START_AMINO]MKV"; '
    "galactica tokenizer show runs/demo/tokenizer - --corpus < paper.txt",
)
def show_command(
    tokenizer: Annotated[Path, typer.Argument(help="A tokenizer folder or tokenizer.json.")],
    text: Annotated[
        str, typer.Argument(help="A text, markers in bracket spelling; - reads standard input.")
    ],
    table: Annotated[
        bool | None,
        typer.Option("--table/--inline", help="Only the lines, or only the text; both by default."),
    ] = None,
    corpus: Annotated[
        bool,
        typer.Option(
            "--corpus",
            help="As the text of a document is read: markers spelt in it are ordinary text.",
        ),
    ] = False,
) -> None:
    """Show a text's tokens: inline, and one a line with its id, text and kind.

    ␣ is a space; what does not print is escaped. NO_COLOR is respected.
    """
    loaded = ScienceTokenizer.from_pretrained(tokenizer)
    written = _standard_input() if text == "-" else text
    if corpus:
        cleaned: Counter[str] = Counter()
        rows = corpus_rows(loaded, clean(written, cleaned))
        for what, number in sorted(cleaned.items()):
            print(f"{number:,} {what}", file=sys.stderr)
    else:
        rows = token_rows(loaded, written)
    console = output_console()
    if not table:
        print_inline(console, rows)
    if table is None and rows:
        console.print()
    if table is not False:
        print_rows(console, rows)


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"standard input is no UTF-8: {error}") from error


def marker_settings(written: str) -> list[Any]:
    """`RNA,POLYMER:characters`, the value of `--markers`, as the `markers` of a recipe."""
    entries: list[Any] = []
    for entry in filter(None, (part.strip() for part in written.split(","))):
        name, colon, mode = entry.partition(":")
        entries.append({"name": name, "mode": mode} if colon else name)
    return entries
