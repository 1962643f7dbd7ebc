"""The stage that decides: scores and metadata of a part to a verdict on each of its documents."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from pipelines.documents_table import read_column
from pipelines.execution import Outcome
from pipelines.filters.journal_citations import citations_per_paper, journal_of
from pipelines.filters.lists import MetadataList
from pipelines.filters.settings import FilterSettings, Threshold
from pipelines.parts import write_verdict

EMPTY: Final = "empty"
OTHER_LANGUAGE: Final = "language"
#: Scores in a document's metadata are to so many digits; thresholds are compared with all of them.
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class DecideArgument:
    """A part and its scores to the verdict on its documents.

    `journals` has the counts of the source's journals, where its filters need them.
    """

    documents: Path
    scores: Path
    journals: tuple[Path, ...]
    settings: FilterSettings
    verdict: Path


def decide(argument: DecideArgument) -> Outcome:
    """Write why each document goes, or null, and its `scores` as the text of a JSON object."""
    lists = [MetadataList.of(key, each) for key, each in argument.settings.lists.items()]
    # The metadata are read only where something asks for them: those of papers are large.
    is_asked = bool(lists or argument.journals)
    metadata = iter(read_column(argument.documents, "metadata")) if is_asked else repeat("{}")
    journals = citations_per_paper(argument.journals)
    thresholds = tuple(argument.settings.thresholds())
    reasons: list[str | None] = []
    written: list[str] = []
    for scores in _rows(argument.scores):
        known = json.loads(next(metadata))
        if journals:
            scores["citations_per_paper"] = journals.get(journal_of(known))
        reasons.append(reason_against(scores, known, argument.settings, thresholds, lists))
        written.append(_json(scores))
    argument.verdict.parent.mkdir(parents=True, exist_ok=True)
    write_verdict(argument.verdict, reasons, {"scores": written})
    dropped = Counter(reason for reason in reasons if reason is not None)
    return Outcome(
        outputs=[argument.verdict],
        read=len(reasons),
        wrote=len(reasons) - dropped.total(),
        dropped=dropped,
    )


def reason_against(
    scores: Mapping[str, Any],
    metadata: Mapping[str, Any],
    settings: FilterSettings,
    thresholds: Sequence[Threshold],
    lists: Sequence[MetadataList],
) -> str | None:
    """Why a document with these scores and metadata goes; None where it stays."""
    if not scores["characters"]:
        return EMPTY
    for each in lists:
        reason = each.reason(metadata.get(each.key))
        if reason is not None:
            return reason
    if settings.language.include:
        language = scores.get("language")
        is_other = language is not None and language not in settings.language.include
        if is_other and scores["language_confidence"] >= settings.language.confidence:
            return OTHER_LANGUAGE
    for threshold in thresholds:
        score = scores.get(threshold.score)
        if score is None:
            continue
        if score < threshold.bound if threshold.is_minimum else score > threshold.bound:
            return threshold.reason
    return None


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1024):
            yield from batch.to_pylist()


def _json(scores: Mapping[str, Any]) -> str:
    rounded = {name: _rounded(score) for name, score in sorted(scores.items()) if score is not None}
    return json.dumps(rounded, ensure_ascii=False)


def _rounded(score: Any) -> Any:
    if not isinstance(score, float):
        return score
    return int(score) if score.is_integer() else float(f"{score:.{_DIGITS}g}")
