"""Templates: how the records of one data set become prompts, written in YAML.

A template of its own file and one shipped here are the same thing; `templates/` holds those that
are shipped, and `templates/phrasings.yaml` the phrasings of each task, which a template takes where
it has none of its own.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from corpora.documents import RecordUnreadable
from corpora.prompts.choices import CHOICE_FIELDS, Answer, Choices
from corpora.prompts.entities import ENTITY_FIELDS, Entities
from corpora.prompts.fields import FieldOrPath, Paths, field_texts, stands
from corpora.prompts.phrasings import Phrasing, parse_phrasing
from corpora.prompts.tasks import Task
from corpora.strict_yaml import parse_yaml

_PHRASINGS: Final = "phrasings.yaml"
#: A template file is a page of text.
_MAX_BYTES: Final = 1 << 20


def _name_beside(name: str) -> str:
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise ValueError(f"{name!r} is not the name of a file that lies beside the records")
    return name


class HeldOut(BaseModel):
    """Records of the test split in a file that holds all of them: those whose `id` stands in one of
    the `files` beside it, as the name of an object's member or in a list, or is a number in one of
    the `ranges`, first and last."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: tuple[Annotated[str, AfterValidator(_name_beside)], ...] = ()
    id: Paths
    ranges: tuple[tuple[int, int], ...] = ()


class Template(BaseModel):
    """One data set's prompts.

    `recognized_by` are paths that a record of this data set has, all of them: for sources that name
    no template. `columns` are those of a table that does not name them. `each` is a path of lists
    whose items are the records, with the fields of what they stand in; `together` are lists of one
    length whose k-th items are a record's. `fields` are what phrasings may take, `constants` the
    same for every record.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    task: Task
    recognized_by: tuple[FieldOrPath, ...] = ()
    columns: tuple[str, ...] = ()
    each: str = ""
    together: tuple[str, ...] = ()
    fields: dict[str, FieldOrPath] = {}
    constants: dict[str, str] = {}
    choices: Choices | None = None
    answer: Answer | None = None
    entities: Entities | None = None
    held_out: HeldOut | None = None
    phrasings: tuple[str, ...] = ()

    _parsed: tuple[Phrasing, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _phrasings_take_fields(self) -> Self:
        if (self.choices is None) != (self.answer is None):
            raise ValueError("choices and answer go together; without choices answer is a field")
        known = {*self.fields, *self.constants}
        known |= set(CHOICE_FIELDS) if self.choices else set()
        known |= set(ENTITY_FIELDS) if self.entities else set()
        written = self.phrasings or shared_phrasings()[self.task]
        parsed = []
        for number, text in enumerate(written, start=1):
            phrasing = parse_phrasing(text)
            for place in phrasing.places():
                for name in place.fields():
                    # A phrasing of a task may have places for what not every data set has.
                    if name not in known and (self.phrasings or not place.optional):
                        raise ValueError(
                            f"phrasing {number} takes {name!r}, which is no field; the fields are "
                            f"{', '.join(sorted(known))}"
                        )
            parsed.append(phrasing)
        self._parsed = tuple(parsed)
        return self

    def parsed_phrasings(self) -> tuple[Phrasing, ...]:
        """Its phrasings, parsed."""
        return self._parsed

    def recognizes(self, row: Mapping[str, object]) -> bool:
        """Whether a record has what the records of this data set have."""
        return bool(self.recognized_by) and all(
            bool(field_texts(row, field, Counter())) if field.after else stands(row, field.path)
            for field in self.recognized_by
        )


def read_template(file: Path) -> Template:
    """The template of a file. Raises ValueError with the file, the field and what is wrong."""
    if file.stat().st_size > _MAX_BYTES:
        raise ValueError(f"template {file.name}: larger than {_MAX_BYTES} bytes")
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"template {file.name}: not UTF-8: {error}") from None
    return _parsed(text, file.name)


def _parsed(text: str, name: str) -> Template:
    try:
        content = parse_yaml(text)
    except ValueError as error:
        raise ValueError(f"template {name}: not YAML: {error}") from None
    try:
        return Template.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'template'}: {fault['msg']}"
            for fault in error.errors()
        )
        known = ", ".join(Template.model_fields)
        raise ValueError(f"template {name}: {faults} (a template has: {known})") from None


@cache
def shipped_templates() -> Mapping[str, Template]:
    """Every template that is shipped, by name."""
    return {
        file.name.removesuffix(".yaml"): _parsed(file.read_text(encoding="utf-8"), file.name)
        for file in sorted(_folder().iterdir(), key=lambda file: file.name)
        if file.name.endswith(".yaml") and file.name != _PHRASINGS
    }


@cache
def shared_phrasings() -> Mapping[str, tuple[str, ...]]:
    """The phrasings of each task."""
    content = parse_yaml((_folder() / _PHRASINGS).read_text(encoding="utf-8"))
    assert set(content) == set(get_args(Task)), "a task without phrasings"
    return {task: tuple(phrasings) for task, phrasings in content.items()}


def _folder() -> Any:
    return resources.files("corpora.prompts") / "templates"


def shipped_template(name: str) -> Template:
    """A shipped template. Raises ValueError, with the choices, for a name that is none."""
    templates = shipped_templates()
    if name not in templates:
        raise ValueError(f"no template {name!r}; choices: {', '.join(templates)}")
    return templates[name]


def recognized(row: Mapping[str, object]) -> tuple[str, Template]:
    """The shipped template that knows a record by most of its fields, and its name.

    Raises RecordUnreadable, with the fields and the templates, where none or several do.
    """
    knowing = [
        (len(template.recognized_by), name)
        for name, template in shipped_templates().items()
        if template.recognizes(row)
    ]
    most = max(knowing, default=(0, ""))[0]
    best = [name for count, name in knowing if count == most]
    if len(best) == 1:
        return best[0], shipped_templates()[best[0]]
    what = f"several know it: {', '.join(best)}" if best else "none knows it"
    fields = ", ".join(map(str, list(row)[:20]))
    raise RecordUnreadable(
        "no template", f"{what}; name one (options: template): {', '.join(shipped_templates())}. "
        f"The fields are {fields}",
    )  # fmt: skip
