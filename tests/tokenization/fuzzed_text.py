"""Documents in marked text, put together at random from what is hard: fast enough for millions."""

import random
import string
from collections.abc import Iterator

from tokenization.markers import MarkerTable

#: Characters that normalization, the patterns or the bytes treat apart: combining marks, letters
#: that decompose, ligatures, digits of other scripts, numbers that are no digits, spaces, Hangul
#: pieces, emoji, private use, full-width forms, one that becomes eighteen.
BORDERS = (
    "\u0301\u0338\u20d2\u0327é\u212bﬁ½²₂٣Ⅷ一〇\u00a0\u2003\u3000\u2028\u200b\u200d\x85\x00\r\t\n  "
    "\u1100\u1161\u11a8각𝟘😀\uf8ff\U000f0000\ufeff＜＞／１Ａ～αβ∑   \t\t@@§ﷺ\u0344\u0f73"
)
_WORDS = (
    "the water of sea salt kilogram pressure conductivity theory bathymetric temperature return "
    "def self in phase equation \\frac{x}{y} \\kappa_i == -> (( )) 1024 0.5 ** // don't "
    "http://a.b/c C(=O)[O-] MKVLLE [C] [=C] [Branch1] [Ring2] [Zz] température Wärmeleitfähigkeit "
    "水の温度 ---- ___"
).split()
_LETTERS = string.ascii_letters + "é"


def fuzzed_documents(seed: int, table: MarkerTable, *, spelt: bool) -> Iterator[str]:
    """Endless documents of up to twelve parts; `spelt` adds spellings of markers, whole or not."""
    chance = random.Random(seed)
    code_points = [row.code_point for row in table.rows]
    spellings = [row.spelling for row in table.rows] + ["</s>", "<s>", "<pad>", "<unk>"]
    forged = [
        *spellings,
        *(spelling[:-1] for spelling in spellings),
        *(spelling[1:] for spelling in spellings),
        *("".join(chr(ord(c) + 0xFEE0) for c in spelling) for spelling in spellings),
    ]

    def character() -> str:
        number = chance.choice(
            [
                chance.randrange(0x3000),
                chance.randrange(0xD800),
                chance.randrange(0xE100, 0x10000),
                chance.randrange(0x10000, 0x110000),
            ]
        )
        return chr(number)

    def part() -> str:
        kind = chance.randrange(20)
        if kind < 8:
            return chance.choice(["", " ", "  ", "\n", "\t"]) + chance.choice(_WORDS)
        if kind < 11:
            return "".join(chance.choices(BORDERS, k=chance.randint(1, 4)))
        if kind < 14:
            return chance.choice(code_points)
        if kind < 15:
            return chance.choice(" =-_#aZ.é\t@") * chance.randint(1, 40)
        if kind < 16:
            return "".join(chance.choices(_LETTERS, k=chance.randint(1, 45)))
        if kind < 18:
            return "".join(character() for _ in range(chance.randint(1, 4)))
        if spelt:
            return chance.choice(forged)
        return " " * chance.randint(1, 20) + chance.choice(["return", "x", "(", "\n", "1", "é"])

    while True:
        yield "".join(part() for _ in range(chance.randint(0, 12)))
