"""The corpus by category beside that of the paper: Table 2 of Galactica (arXiv 2211.09085)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pipelines.report.corpus_facts import CategoryFacts


class PaperCategory(NamedTuple):
    """A row of Table 2: millions of documents, billions of tokens, share of all tokens."""

    title: str
    million_documents: float
    billion_tokens: float
    share: float


#: Table 2, by the category of a recipe's source; 106 billion tokens in all.
TABLE_2: Final[dict[str, PaperCategory]] = {
    "papers": PaperCategory("Papers", 48, 88, 0.830),
    "code": PaperCategory("Code", 2, 7, 0.069),
    "reference": PaperCategory("Reference material", 8, 7, 0.065),
    "knowledge": PaperCategory("Knowledge bases", 2, 2, 0.020),
    "commoncrawl": PaperCategory("Filtered CommonCrawl", 0.9, 1, 0.010),
    "prompts": PaperCategory("Prompts", 1.3, 0.4, 0.003),
    "other": PaperCategory("Other", 0.02, 0.2, 0.002),
}
PAPER_TOKENS: Final = 106_000_000_000


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category here and in the paper; None where one of them does not have it."""

    title: str
    here: CategoryFacts | None
    paper: PaperCategory | None


def beside_the_paper(categories: Sequence[CategoryFacts]) -> list[CategoryRow]:
    """Every category of the paper, in its order, then those that it does not have.

    >>> rows = beside_the_paper([CategoryFacts("reasoning", 1, 10, 1.0)])
    >>> [row.title for row in rows][-2:], rows[0].here, rows[-1].paper
    (['Other', 'Reasoning'], None, None)
    """
    by_name = {category.name: category for category in categories}
    rows = [CategoryRow(paper.title, by_name.get(name), paper) for name, paper in TABLE_2.items()]
    return rows + [
        CategoryRow(category.name.capitalize(), category, None)
        for category in categories
        if category.name not in TABLE_2
    ]
