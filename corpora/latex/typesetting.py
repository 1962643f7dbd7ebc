r"""Runs of characters as TeX prints them: ligatures, quotation marks, accents, shorthands."""

import re
import unicodedata
from typing import Final

_OPENED: Final = re.compile('“([^“”"`]{1,300})"')


def typographic(text: str) -> str:
    """A paragraph with its blanks collapsed and its quotation marks paired.

    >>> typographic("a  ‘used' word, isn't it ")
    "a ‘used’ word, isn't it"
    """
    text = " ".join(text.split())
    if "“" in text and '"' in text:
        # TeX prints `"` as a closing mark.
        text = _OPENED.sub("“\\1”", text)
    if "‘" in text:
        if "‘‘" in text:
            # TeX makes one mark of two, however an editor wrote them.
            text = text.replace("‘‘", "“").replace("’’", "”")
        text = re.sub(r"‘([^‘’]{1,200}?)'(?!\w)", "‘\\1’", text)
    return text


def accented(base: str, accent: str) -> str:
    r"""A base with a combining accent on its first letter, composed.

    >>> accented("etude", "\u0301")
    'étude'
    """
    base = base.replace("ı", "i").replace("ȷ", "j") if accent > "" else base
    if not base:
        return ""
    return unicodedata.normalize("NFC", base[0] + accent + base[1:])


_GERMAN: Final = {
    **{f'"{plain}': umlaut for plain, umlaut in zip("aouAOUsz", "äöüÄÖÜßß", strict=True)},
    '"`': "„", "\"'": "“", '"<': "«", '">': "»", '"=': "-", '"~': "-", '"-': "", '""': "", '"|': "",
}  # fmt: skip


def german(run: str) -> str:
    """A run of characters with babel's German shorthands carried out.

    >>> german('Stra"se und "`K"uhe"\\'')
    'Straße und „Kühe“'
    """
    return re.sub(r'"[aouAOUsz`\'<>=~\-"|]', lambda match: _GERMAN[match.group()], run)


def typeset(run: str) -> str:
    """A run of characters with TeX's ligatures as Unicode.

    >>> typeset("``pages 3--4''---")
    '“pages 3–4”—'
    """
    if "-" in run:
        run = run.replace("---", "—").replace("--", "–")
    if "`" in run or "'" in run:
        run = run.replace("``", "“").replace("''", "”").replace("?`", "¿").replace("!`", "¡")
        run = run.replace("`", "‘")
    return run
