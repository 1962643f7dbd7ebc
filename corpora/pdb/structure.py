"""A structure of the Protein Data Bank as both of its formats give it, without coordinates."""

from dataclasses import dataclass, field

from corpora.documents import Citation
from corpora.sequences import Kind


@dataclass(slots=True)
class Polymer:
    """A molecule of the structure: `letters` in one-letter code, the parent's where a residue is
    modified. `modified` counts those by their names."""

    chains: list[str]
    kind: Kind
    letters: str
    name: str = ""
    organism: str = ""
    taxonomy_id: int | None = None
    fragment: str = ""
    mutation: str = ""
    ec_numbers: str = ""
    modified: dict[str, int] = field(default_factory=dict)
    caps: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Structure:
    """What a file says of its structure. `resolution` is in ångström as written, `date` that of
    the deposition as `1998-03-27`."""

    identifier: str = ""
    title: str = ""
    classification: str = ""
    methods: list[str] = field(default_factory=list)
    resolution: str = ""
    date: str = ""
    keywords: str = ""
    polymers: list[Polymer] = field(default_factory=list)
    citation: Citation | None = None
