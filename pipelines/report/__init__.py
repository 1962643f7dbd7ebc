"""The report: one self-contained page that shows a run's corpus, documents and losses."""

from pathlib import Path
from typing import Final

from pipelines.report.charts import NUM_COLOURS
from pipelines.report.corpus_gathering import gather_corpus
from pipelines.report.duplicate_matrix import duplicate_matrix
from pipelines.report.flow_chart import flow_chart
from pipelines.report.length_charts import length_charts
from pipelines.report.loss_charts import (
    optimizer_charts,
    overall_chart,
    overall_keys,
    split_sections,
)
from pipelines.report.page import render_page
from pipelines.report.paper_table import beside_the_paper
from pipelines.report.samples import sample_sources
from pipelines.report.token_facts import gather_tokens
from pipelines.report.training_log import gather_curves, smoothing_steps
from pipelines.run_directory import RunDirectory
from tokenization.manifests import write_atomically

__all__: Final = ["write_report"]


def write_report(run_dir: Path) -> Path:
    """Write `report.html` of a run and return its path.

    The page needs no other file and no network, and the same run gives the same bytes. Of the
    documents only some row groups are read; all numbers are those of manifests. What the run does
    not have yet (tokenizer, shards, training) the page says. Raises ValueError, saying what to do,
    for a run without documents or with damaged files, and BuildError where a build is at work.
    """
    run = RunDirectory(run_dir)
    with run.held_for_reading():
        write_atomically(run.report, _page_of(run))
    return run.report


def _page_of(run: RunDirectory) -> str:
    corpus = gather_corpus(run)
    names = [source.name for source in corpus.sources]
    styles = {name: number for number, name in enumerate(names)}
    curves = gather_curves(run, names)
    tokens = gather_tokens(run, names, corpus.markers)
    samples = sample_sources(run.documents, names, corpus.seed, corpus.markers)
    every_sample = [sample for found in samples.values() for sample in found]
    modalities = list(dict.fromkeys(m for sample in every_sample for m in sample.modalities))
    return render_page(
        corpus=corpus,
        categories=beside_the_paper(corpus.categories),
        colours={name: style % NUM_COLOURS for name, style in styles.items()},
        flow_chart=flow_chart(corpus.flow, corpus.splits),
        duplicates=duplicate_matrix(corpus.duplicates, names),
        tokens=tokens,
        tokens_are_stale=tokens is not None
        and any(
            of_tokens.documents != source.documents
            for of_tokens, source in zip(tokens.sources, corpus.sources, strict=True)
        ),
        length_charts=length_charts(tokens.sources) if tokens else [],
        samples=samples,
        modalities=modalities,
        kind_ids={modality: f"k{number}" for number, modality in enumerate(modalities)},
        curves=curves,
        smoothing_steps=smoothing_steps(len(curves.training)) if curves else None,
        overall_chart=overall_chart(curves) if curves else None,
        overall_keys=overall_keys(),
        splits=split_sections(curves, styles, corpus.markers) if curves else [],
        optimizer_charts=optimizer_charts(curves) if curves else [],
    )
