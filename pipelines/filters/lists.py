"""Include and exclude lists over what the metadata of a document says: journals, fields, licences.

Values are compared without case and with white space as single blanks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: No name of a journal or a licence is longer; what comes after is not looked at.
_LONGEST_VALUE: Final = 1_000
Entries = tuple[Annotated[str, Field(min_length=1, max_length=200)], ...]


class ListSettings(BaseModel):
    """What a key of the metadata may say.

    Entries of `include` and `exclude` are whole values, in which `*` stands for anything: `MIT`,
    `math.*`. Entries of `include_words` and `exclude_words` are words or phrases that stand in the
    value as whole words: `law` is in `Harvard Law Review` and not in `Lawson's Journal`. A document
    goes where a value is excluded, or where there is something to include and nothing is. Of a key
    with several values one is enough for either, but every one of several licences has to be
    included. A document without the key stays, unless `unknown: drop`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    include: Entries = ()
    include_words: Entries = ()
    exclude: Entries = ()
    exclude_words: Entries = ()
    unknown: Annotated[str, Field(pattern="^(keep|drop)$")] = "keep"

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.include or self.include_words or self.exclude or self.exclude_words) and (
            self.unknown == "keep"
        ):
            raise ValueError("a list with no entries; give include, include_words, exclude, ...")
        return self


#: Keys whose every value has to be included: a tree of files under two licences is under both.
_EVERY_VALUE: Final = ("licence",)


@dataclass(frozen=True)
class MetadataList:
    """One key's lists, ready to be asked."""

    key: str
    included: re.Pattern[str] | None
    excluded: re.Pattern[str] | None
    drops_unknown: bool

    @classmethod
    def of(cls, key: str, settings: ListSettings) -> Self:
        """The lists of a key as its settings have them."""
        return cls(
            key,
            _pattern(settings.include, settings.include_words),
            _pattern(settings.exclude, settings.exclude_words),
            settings.unknown == "drop",
        )

    def reason(self, value: Any) -> str | None:
        """Why a document with this value of the key goes; None where it stays.

        >>> journals = MetadataList.of("journal", ListSettings(exclude_words=("law",)))
        >>> journals.reason("Harvard Law Review"), journals.reason("Lawson's Journal")
        ('journal excluded', None)
        """
        values = _values(value, self.key)
        if not values:
            return f"{self.key} unknown" if self.drops_unknown else None
        if self.excluded is not None and any(map(self.excluded.search, values)):
            return f"{self.key} excluded"
        if self.included is not None:
            found = [self.included.search(each) is not None for each in values]
            if not (all(found) if self.key in _EVERY_VALUE else any(found)):
                return f"{self.key} not included"
        return None


def _values(value: Any, key: str) -> list[str]:
    """The values of a key: of a list its entries, of licences the names between commas."""
    entries: Sequence[Any] = value if isinstance(value, list) else [value]
    plain = [
        str(entry)[:_LONGEST_VALUE] for entry in entries if isinstance(entry, str | int | float)
    ]
    if key in _EVERY_VALUE:
        plain = [name for entry in plain for name in entry.split(",")]
    return list(filter(None, map(folded, plain)))


def _pattern(entries: Entries, words: Entries) -> re.Pattern[str] | None:
    whole = ["^" + ".*".join(map(re.escape, folded(entry).split("*"))) + "$" for entry in entries]
    inside = [rf"(?<!\w){re.escape(folded(entry))}(?!\w)" for entry in words]
    return re.compile("|".join([*whole, *inside])) if whole or inside else None


def folded(value: str) -> str:
    """A value without case and with white space as single blanks."""
    return " ".join(value.casefold().split())
