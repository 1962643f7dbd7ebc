"""The section `filters` of a recipe, and of each source that differs from it.

A field `minimum_X` or `maximum_X` is a threshold for the score X: the document goes where its score
lies beyond. A null turns the threshold off; a score that has no sense for a document (the letters
of a document without prose) drops none.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from pipelines.filters.languages import LANGUAGES
from pipelines.filters.lists import ListSettings

Count = Annotated[int, Field(ge=0)] | None
Part = Annotated[float, Field(ge=0, le=1)] | None
Amount = Annotated[float, Field(ge=0)] | None
Group = Literal["ngrams", "language", "quality", "personal"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LengthSettings(_Section):
    """The size of the whole document, sequences and formulas with it.

    Characters are those that are no white space; words are what stands between white space.
    """

    minimum_bytes: Count = None
    maximum_bytes: Count = None
    minimum_characters: Count = None
    maximum_characters: Count = None
    minimum_words: Count = None
    maximum_words: Count = None


class CharacterSettings(_Section):
    """The characters of the prose, as parts of those seen; `white_space` as a part of all.

    `unreadable` is of the whole document: U+FFFD, controls, private use, unassigned.
    """

    minimum_letters: Part = None
    maximum_digits: Part = None
    maximum_symbols: Part = None
    maximum_non_ascii: Part = None
    maximum_white_space: Part = None
    maximum_unreadable: Part = 0.3


class RepetitionSettings(_Section):
    """What a document says again, as Gopher measures it (Rae et al. 2021, table A1)."""

    maximum_duplicate_lines: Part = None
    maximum_duplicate_line_characters: Part = 0.95
    maximum_duplicate_paragraphs: Part = None
    maximum_duplicate_paragraph_characters: Part = None
    maximum_top_2_grams: Part = None
    maximum_top_3_grams: Part = None
    maximum_top_4_grams: Part = None
    maximum_duplicate_5_grams: Part = None
    maximum_duplicate_6_grams: Part = None
    maximum_duplicate_7_grams: Part = None
    maximum_duplicate_8_grams: Part = None
    maximum_duplicate_9_grams: Part = None
    maximum_duplicate_10_grams: Part = None


class LanguageSettings(_Section):
    """The languages that stay, by ISO 639 codes (`en`); none given, all stay.

    A document goes where the model is sure, to `confidence` or more, that its prose is in another.
    """

    include: tuple[str, ...] = ()
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5

    @field_validator("include", mode="before")
    @classmethod
    def _norwegian_is_a_language(cls, include: Any) -> Any:
        if isinstance(include, list | tuple) and False in include:
            raise ValueError('YAML reads no as false; write "no" in quotes for Norwegian')
        return include

    @field_validator("include")
    @classmethod
    def _are_known(cls, include: tuple[str, ...]) -> tuple[str, ...]:
        for code in include:
            if code not in LANGUAGES:
                raise ValueError(
                    f"the model knows no language {code!r}; choices: {', '.join(sorted(LANGUAGES))}"
                )
        return include


class QualitySettings(_Section):
    """The rules of Gopher (Rae et al. 2021, A1.1) and of FineWeb on the prose."""

    minimum_mean_word_length: Amount = None
    maximum_mean_word_length: Amount = None
    maximum_hashes_per_word: Amount = None
    maximum_ellipses_per_word: Amount = None
    maximum_bullet_lines: Part = None
    maximum_ellipsis_lines: Part = None
    minimum_alphabetic_words: Part = None
    minimum_stop_words: Count = None
    minimum_punctuated_lines: Part = None
    maximum_short_lines: Part = None
    maximum_lines_per_word: Amount = None


class PersonalSettings(_Section):
    """How many addresses that may lead to a person a document may have."""

    maximum_email_addresses: Count = None
    maximum_ip_addresses: Count = None


class JournalSettings(_Section):
    """How often journals are cited: the approximate impact factor of the paper's section A.7.

    Citations by documents of the source to its documents in that journal, for each of the latter.
    """

    minimum_citations_per_paper: Amount = None


class Threshold(NamedTuple):
    """A threshold that is set: `score` under (or over) `bound` drops with `reason`."""

    section: str
    score: str
    is_minimum: bool
    bound: float
    reason: str


#: What a reason begins with, by section.
_REASONS: Final = {
    "characters": "character mix",
    "repetition": "repetition",
    "quality": "quality",
    "personal": "personal data",
    "journals": "journal",
}


class FilterSettings(_Section):
    """What a document has to be to stay. Empty documents go in any case.

    `lists` are by keys of the metadata: `journal`, `fields`, `licence`, `site`, `article_type`.
    `measure` names groups of scores to measure though no threshold asks for them, so that one can
    be chosen afterwards: `ngrams`, `language`, `quality`, `personal`.
    """

    length: LengthSettings = LengthSettings()
    characters: CharacterSettings = CharacterSettings()
    repetition: RepetitionSettings = RepetitionSettings()
    language: LanguageSettings = LanguageSettings()
    quality: QualitySettings = QualitySettings()
    personal: PersonalSettings = PersonalSettings()
    journals: JournalSettings = JournalSettings()
    lists: dict[str, ListSettings] = {}
    measure: tuple[Group, ...] = ()

    def changed(self, changes: Mapping[str, Any]) -> "FilterSettings":
        """These settings with those of a source, field by field; of `lists` key by key.

        Raises pydantic's ValidationError for changes that are none.
        """
        own = self.model_dump(exclude_unset=True)
        merged: dict[str, Any] = dict(own)
        for name, value in changes.items():
            both = isinstance(value, Mapping) and isinstance(own.get(name), Mapping)
            merged[name] = {**own[name], **value} if both else value
        return FilterSettings.model_validate(merged)

    def thresholds(self) -> Iterator[Threshold]:
        """The thresholds that are set, in the order in which they are tried."""
        for section in ("length", *_REASONS):
            for field, bound in getattr(self, section):
                kind, _, score = field.partition("_")
                if bound is None:
                    continue
                reason = (
                    {"minimum": "too short", "maximum": "too long"}[kind]
                    if section == "length"
                    else f"{_REASONS[section]}: {score.replace('_', ' ')}"
                )
                yield Threshold(section, score, kind == "minimum", bound, reason)

    def groups(self) -> tuple[Group, ...]:
        """The groups of scores that are dear, and that these settings need."""
        needed: set[Group] = set(self.measure)
        if self.language.include:
            needed.add("language")
        for threshold in self.thresholds():
            if threshold.section == "quality":
                needed.add("quality")
            elif threshold.section == "personal":
                needed.add("personal")
            elif threshold.score.endswith("_grams"):
                needed.add("ngrams")
        return tuple(sorted(needed))
