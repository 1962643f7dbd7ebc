"""What the stages of identity tell: duplicates between sources, and identifiers that are wrong."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipelines.execution import StageResult
from pipelines.parts import Part

logger = logging.getLogger(__name__)


def duplicate_documents(identity: StageResult, parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The documents that sources lose to each other, as `documents/manifest.json` lists them.

    `kept_in` is a source, or `SOURCE (held out)`.
    """
    total: Counter[tuple[str, str]] = Counter()
    for part, manifest in zip(parts, identity.manifests, strict=True):
        for entry in manifest.facts["duplicates"]:
            total[entry["kept_in"], part.source] += entry["documents"]
    return [
        {"by": "identity", "kept_in": kept_in, "removed_from": source, "documents": count}
        for (kept_in, source), count in sorted(total.items())
    ]


def passed_over(identity: StageResult) -> list[dict[str, Any]]:
    """The identifiers that stand on more documents than identify a work, those on most first, as
    `documents/manifest.json` lists them."""
    named = [entry for manifest in identity.manifests for entry in manifest.facts["passed_over"]]
    return sorted(named, key=lambda entry: (-entry["documents"], entry["identifier"]))


def warn_of_passed_over(identity: StageResult, documents_per_work: int) -> None:
    """Name those identifiers in the log: the first ten, and how many more there are."""
    named = passed_over(identity)
    for entry in named[:10]:
        logger.warning(
            "identity: %s stands on %s documents, more than deduplication.documents_per_work "
            "(%s): it identifies none of them and is passed over",
            entry["identifier"],
            f"{entry['documents']:,}",
            f"{documents_per_work:,}",
        )
    if len(named) > 10:
        logger.warning("identity: so do %s other identifiers or more", f"{len(named) - 10:,}")


def warn_of_too_large(linked: StageResult, documents_per_work: int) -> None:
    """Say in the log how many documents wrong identifiers chain together."""
    total = sum(m.facts["documents_of_too_large_works"] for m in linked.manifests)
    if total:
        logger.warning(
            "identity: identifiers link %s documents to more than deduplication.documents_per_work "
            "(%s) others, as where columns of a table are out of step: these are compared one "
            "identifier at a time",
            f"{total:,}",
            f"{documents_per_work:,}",
        )
