"""Prompts: records of question answering, summarization, entities and others through templates.

Galactica mixes such prompts into pre-training (Taylor et al. 2022, section 3.2), train splits only.
A template says where a record has its fields and how they are phrased (`templates`); the phrasing
of a record is chosen by seed.
"""

from typing import Final

from corpora.documents import Format
from corpora.prompts.reading import read
from corpora.prompts.records import PromptOptions, files_beside, find, records

FORMAT: Final = Format(
    name="prompts",
    summary="Questions, summaries, entities and others through a template (JSON, CSV, Parquet)",
    find=find,
    records=records,
    read=read,
    options=PromptOptions,
    beside=files_beside,
)
