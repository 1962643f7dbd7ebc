"""The report: one self-contained page that shows a run's corpus, documents and losses."""

from pathlib import Path
from typing import Final

from pipelines.report.charts import NUM_COLOURS
from pipelines.report.facts import gather_corpus
from pipelines.report.loss_charts import training_chart, validation_chart, validation_table
from pipelines.report.page import render_page
from pipelines.report.samples import sample_document
from pipelines.report.training_log import gather_losses, smoothing_steps
from pipelines.run_directory import RunDirectory
from tokenization.manifests import write_atomically

__all__: Final = ["write_report"]


def write_report(run_dir: Path) -> Path:
    """Write `report.html` of a run and return its path.

    The page needs no other file and no network, and the same run gives the same bytes. What the
    run does not have yet (tokenizer, shards, training) the page says. Raises ValueError, saying
    what to do, for a run without documents or with damaged files.
    """
    run = RunDirectory(run_dir)
    corpus = gather_corpus(run)
    names = [source.name for source in corpus.sources]
    styles = {name: number for number, name in enumerate(names)}
    losses = gather_losses(run, names)
    found = [sample_document(run.documents, name, corpus.seed, corpus.markers) for name in names]
    samples = [sample for sample in found if sample is not None]
    page = render_page(
        corpus=corpus,
        colours={name: style % NUM_COLOURS for name, style in styles.items()},
        samples=samples,
        modalities=list(dict.fromkeys(m for sample in samples for m in sample.modalities)),
        losses=losses,
        smoothing_steps=smoothing_steps(len(losses.training)) if losses else None,
        training_chart=training_chart(losses) if losses else None,
        validation_chart=validation_chart(losses, styles) if losses else None,
        validation_table=validation_table(losses, styles) if losses else None,
    )
    write_atomically(run.report, page)
    return run.report
