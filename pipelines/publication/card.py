"""The dataset card: README.md with the YAML metadata that the Hugging Face hub reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from pipelines.publication.licences import LicenceCounts, listed_terms
from pipelines.publication.parquet_files import SCHEMA
from pipelines.publication.spelling import literal_spellings
from tokenization.markers import MarkerTable

#: The configuration of all sources; the others have the names of theirs.
ALL_SOURCES: Final = "default"
#: Licences of one source that the card names; the others are counted.
LICENCES_SHOWN: Final = 10
#: Upper bounds of the hub's `size_categories`.
_SIZES: Final = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
    (10**10, "1B<n<10B"),
    (10**11, "10B<n<100B"),
    (10**12, "100B<n<1T"),
)


@dataclass(frozen=True, slots=True)
class PublishedSplit:
    """One split of one source as it was written."""

    name: str
    documents: int
    text_and_metadata_bytes: int
    file_bytes: int


@dataclass(frozen=True, slots=True)
class PublishedSource:
    """One source as it was written; `settings` is its section of the recipe."""

    settings: Mapping[str, Any]
    splits: tuple[PublishedSplit, ...]
    licences: LicenceCounts

    @property
    def name(self) -> str:
        """The name of the source, which is that of its configuration."""
        return str(self.settings["name"])


def render_card(
    recipe: Mapping[str, Any],
    corpus: Mapping[str, Any],
    sources: Sequence[PublishedSource],
    split_order: Sequence[str],
    table: MarkerTable,
) -> str:
    """The text of README.md.

    `recipe` and `corpus` are the recipe and the facts of `documents/manifest.json`.
    """
    name = recipe["name"]
    front = yaml.safe_dump(
        _metadata(name, sources, split_order), sort_keys=False, allow_unicode=True
    )
    total = sum(split.documents for source in sources for split in source.splits)
    parts = [
        f"---\n{front}---\n",
        f"# {name}\n",
        f"{total:,} documents of {len(sources)} sources, as the run that made them left them: "
        "filtered, deduplicated and split. "
        "[`provenance/documents.json`](provenance/documents.json) has the recipe, the versions and "
        "the account of every record.\n",
        "## Documents\n",
        _documents_table(sources, split_order),
        "## Licences\n",
        "Every row has the licence that its own record names in the column `licence`, null where "
        "it names none. The terms are those that a provider states for its files, given where the "
        "source has its name and format; what is not recorded is not known.\n",
        _licence_table(sources),
        _LOADING.format(
            split=split_order[0],
            source=next((s.name for s in sources if s.name != ALL_SOURCES), ALL_SOURCES),
        ),
        _columns(split_order),
        _markers(table),
        "## What was left out\n",
        _dropped(corpus),
    ]
    return "\n".join(parts)


def _metadata(
    name: str, sources: Sequence[PublishedSource], split_order: Sequence[str]
) -> dict[str, Any]:
    total = sum(split.documents for source in sources for split in source.splits)
    configurations = [(ALL_SOURCES, "*", sources)]
    configurations += [(s.name, s.name, [s]) for s in sources if s.name != ALL_SOURCES]
    described: list[dict[str, Any]] = []
    files: list[dict[str, Any]] = []
    for configuration, folder, chosen in configurations:
        splits = [
            (split, [s for source in chosen for s in source.splits if s.name == split])
            for split in split_order
        ]
        splits = [(split, found) for split, found in splits if found]
        if not splits:
            continue
        files.append(
            {
                "config_name": configuration,
                "data_files": [
                    {"split": split, "path": f"data/{folder}/{split}-*.parquet"}
                    for split, _ in splits
                ],
            }
        )
        described.append(
            {
                "config_name": configuration,
                "features": [{"name": field.name, "dtype": str(field.type)} for field in SCHEMA],
                "splits": [
                    {
                        "name": split,
                        "num_bytes": sum(part.text_and_metadata_bytes for part in found),
                        "num_examples": sum(part.documents for part in found),
                    }
                    for split, found in splits
                ],
                "download_size": sum(part.file_bytes for _, found in splits for part in found),
                "dataset_size": sum(
                    part.text_and_metadata_bytes for _, found in splits for part in found
                ),
            }
        )
    return {
        "pretty_name": name,
        # Sources have terms of their own: the hub's word for that is `other`, with a link.
        "license": "other",
        "license_name": "per-source",
        "license_link": "README.md#licences",
        "task_categories": ["text-generation"],
        "size_categories": [next((text for bound, text in _SIZES if total < bound), "n>1T")],
        "tags": ["science", "galactica"],
        "configs": files,
        "dataset_info": described,
    }


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def plain(text: str, longest: int = 160) -> str:
    r"""Words from outside as a code span of a table's cell: no markup, one line, of bounded length.

    >>> print(plain("CC|BY\n`4`<b>"))
    `CC/BY '4'<b>`
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = line.replace("`", "'").replace("|", "/")
    return f"`{line[:longest]}{'…' if len(line) > longest else ''}`" if line else ""


def _documents_table(sources: Sequence[PublishedSource], split_order: Sequence[str]) -> str:
    rows = []
    for source in sources:
        by_name = {split.name: split for split in source.splits}
        counts = [f"{by_name[n].documents:,}" if n in by_name else "" for n in split_order]
        size = sum(split.file_bytes for split in source.splits)
        rows.append(
            [f"`{source.name}`", source.settings["category"], *counts, f"{size / 1e6:,.1f}"]
        )
    return _table(["source", "category", *split_order, "MB"], rows)


def _licence_table(sources: Sequence[PublishedSource]) -> str:
    rows = []
    for source in sources:
        counts = source.licences
        shown = counts.most_common(LICENCES_SHOWN)
        named = [f"{plain(licence)} {count:,}" for licence, count in shown]
        others = counts.named.total() - sum(count for _, count in shown) + counts.further
        if others:
            named.append(f"others {others:,}")
        if counts.unnamed:
            named.append(f"none named {counts.unnamed:,}")
        rows.append(
            [
                f"`{source.name}`",
                "<br>".join(named),
                listed_terms(source.settings).replace("|", "/"),
            ]
        )
    return _table(["source", "licences named by its documents", "terms of the provider"], rows)


_LOADING: Final = """## Loading

```python
from datasets import load_dataset

everything = load_dataset("FOLDER_OR_NAME", split="{split}")
one_source = load_dataset("FOLDER_OR_NAME", "{source}", split="{split}", streaming=True)
```
"""


def _columns(split_order: Sequence[str]) -> str:
    held_out = [split for split in split_order if split not in ("train", "validation")]
    also = f" {', '.join(f'`{name}`' for name in held_out)} are hold-outs." if held_out else ""
    return f"""`doc_id` is unique; `source` and `category` are the recipe's; `text` is below;
`metadata` is JSON: what the record said of itself, and `citations`, an entry for each citation of
the text, in order; `licence` is above. `validation` documents are held out of training by a hash
of their id.{also}
"""


def _markers(table: MarkerTable) -> str:
    code_points = {m.spelling: f"\\u{ord(m.code_point):04x}" for m in table.rows}
    lines = "\n".join(f'    "{spelling}": "{code}",' for spelling, code in code_points.items())
    literal = "\n".join(
        f'    "{spelling}",' for spelling in literal_spellings(table) if spelling not in code_points
    )
    return f"""## Markers

Spans of other kinds than prose stand between markers in bracket spelling: `[START_REF]` a citation
`[END_REF]`. **A literal spelling that stood in the raw text** (a paper on tokenizers that writes
`</s>`) **has a ZERO WIDTH SPACE, U+200B, after its first character**, and one more where it had
some: so every spelling without one is a marker, and no document forges one. `metadata` is written
by the same rule.

`galactica` reads marked text, where a marker is one reserved character. Exactly back to it:

```python
import re

MARKERS = {{
{lines}
}}
LITERALS = [
    *MARKERS,
{literal}
]
_MARKER = re.compile("|".join(map(re.escape, MARKERS)))
_LITERAL = re.compile(
    "([\\\\[<])\\u200b(\\u200b*+(?:" + "|".join(re.escape(s[1:]) for s in LITERALS) + "))"
)


def conceal(text: str) -> str:
    text = _MARKER.sub(lambda match: MARKERS[match.group()], text)
    return _LITERAL.sub(r"\\1\\2", text)  # in this order: a literal never becomes a marker
```
"""


def _dropped(corpus: Mapping[str, Any]) -> str:
    rows = list(_drops(corpus["sources"]))
    text = "Every record that was read is a document or has a reason:\n\n"
    text += _table(["source", "stage", "reason", "records"], rows)
    duplicates = corpus.get("duplicates", [])
    if duplicates:
        text += "\nWhat two sources held stays in the one of higher priority. Documents that are "
        text += "the same by an identifier went as wholes, others lost paragraphs:\n\n"
        text += _table(
            ["kept in", "removed from", "by", "documents", "paragraphs", "bytes"],
            [
                [
                    f"`{pair['kept_in']}`",
                    f"`{pair['removed_from']}`",
                    pair.get("by", "content"),
                    *(
                        f"{pair[name]:,}" if name in pair else ""
                        for name in ("documents", "paragraphs", "bytes")
                    ),
                ]
                for pair in duplicates
            ],
        )
    contamination = corpus.get("contamination", [])
    if contamination:
        text += "\nWhat overlapped with evaluation sets was taken out:\n\n"
        text += _table(
            ["evaluation", "documents", "paragraphs"],
            [
                [plain(str(hit["evaluation"])), f"{hit['documents']:,}", f"{hit['paragraphs']:,}"]
                for hit in contamination
            ],
        )
    return text


def _drops(sources: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, counts in sources.items():
        yield [f"`{name}`", "", "read", f"{counts['read']:,}"]
        for passage in counts["flow"]:
            for reason, count in passage["dropped"].items():
                yield [f"`{name}`", passage["stage"], plain(reason), f"−{count:,}"]
        yield [f"`{name}`", "", "published", f"{counts['wrote']:,}"]
