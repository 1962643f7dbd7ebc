"""Templates of languages: pronunciations, words with the name of their language, transcriptions.

https://en.wikipedia.org/wiki/Template:IPA, Template:Lang, Template:Lang-zh, Template:Nihongo.
"""

import re
from collections.abc import Callable
from typing import Final

from corpora.mediawiki.arguments import Arguments
from corpora.mediawiki.template_words import LANGUAGES


def ipa(given: Arguments) -> str:
    """{{IPA|fr|ʃa}}: a pronunciation in its brackets."""
    arguments = given.positional()
    words = arguments[1] if len(arguments) > 1 and len(arguments[0]) <= 3 else given.at(1)
    return words if re.match(r"\s*[\[/⟨]", words) or len(arguments) < 2 else f"[{words}]"


def ipac(given: Arguments) -> str:
    """{{IPAc-en|ˌ|æ|r}}: symbols, and words that say whose pronunciation it is."""
    symbols = [
        part
        for part in given.positional()
        if part.lower() not in _PRONUNCIATION
        and not part.lower().endswith((".ogg", ".wav", ".oga"))
    ]
    return f"/{''.join(symbols).replace('_', ' ')}/" if symbols else ""


_PRONUNCIATION: Final = frozenset(
    "lang pron pronunciation local locally uk us also us/uk ukalso usalso uk: us: audio nz au or "
    "ukpron uspron alsouk alsous ipa small".split()
)


def language_ipa(code: str) -> Callable[[Arguments], str]:
    """The shape of {{IPA-fr|ʃa}}."""

    def words(given: Arguments) -> str:
        name = LANGUAGES.get(code, "").replace("_", " ") if not given.get("label") else ""
        return f"{name}: [{given.at(1)}]".removeprefix(": ")

    return words


def in_language(given: Arguments) -> str:
    """{{langx|la|felis}}."""
    return with_language(given.at(1), given.get("2", "text"), given)


def with_language(code: str, words: str, given: Arguments) -> str:
    """Words after the name of their language, where that is wanted and known."""
    name = LANGUAGES.get(code.partition("-")[0], "").replace("_", " ")
    if given.get("label") == "none" or given.get("links") == "none" or not name:
        return words
    return f"{name}: {words}"


def chinese(given: Arguments) -> str:
    """{{zh|t=貓|p=māo}}."""
    labels = (("t", "traditional Chinese"), ("s", "simplified Chinese"), ("c", "Chinese"),
              ("p", "pinyin"), ("hp", "pinyin"), ("w", "Wade–Giles"), ("j", "Jyutping"),
              ("y", "Yale"), ("poj", "Pe̍h-ōe-jī"), ("l", "lit."))  # fmt: skip
    said = [f"{label}: {given.get(key)}" for key, label in labels if given.get(key)]
    return "; ".join(said) or given.at(1)


def nihongo(given: Arguments) -> str:
    """{{nihongo|Cat|猫|neko}}."""
    inside = ", ".join(part for part in (given.at(2), given.at(3), given.get("extra", "4")) if part)
    return f"{given.at(1)} ({inside})" if inside and given.at(1) else given.at(1) or inside
