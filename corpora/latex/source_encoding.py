r"""The characters of a LaTeX file: UTF-8, what it or its paper declares, or what its bytes say."""

import re
import unicodedata
from collections import Counter
from typing import Final

from corpora.pdf_characters import without_ligatures
from tokenization.marked_text import clean

#: Options of inputenc and of its forerunners, `\usepackage{isolatin1}`.
_DECLARED: Final = re.compile(
    rb"\\usepackage\s*\[([^\]]{1,100})\]\s*\{(?:inputenc|inputenx)\}|"
    rb"\\inputencoding\s*\{([^{}]{1,40})\}|"
    rb"^%\s*!\s*[Tt][Ee][Xx]\s+encoding\s*=\s*([\w-]{1,40})|"
    rb"-\*-.{0,60}?coding:\s*([\w-]{1,40})|"
    rb"\\(?:usepackage|documentstyle)\b[^{}\n]{0,80}?[\[{,](isolatin1?|isolatin2|applemac|latin1)\b|"
    rb"\\begin\{CJK\*?\}(?:\[[^\]]{0,30}\])?\{(\w{2,8})\}",
    re.MULTILINE,
)
_CODECS: Final = {
    "latin1": "cp1252", "isolatin": "cp1252", "isolatin1": "cp1252", "iso-latin-1": "cp1252",
    "iso-8859-1": "cp1252", "ansinew": "cp1252", "cp1252": "cp1252", "windows-1252": "cp1252",
    "latin2": "iso8859-2", "isolatin2": "iso8859-2", "iso-8859-2": "iso8859-2",
    "latin3": "iso8859-3", "latin4": "iso8859-4", "latin5": "iso8859-9", "latin9": "iso8859-15",
    "latin10": "iso8859-16", "iso-8859-15": "iso8859-15", "cp1250": "cp1250", "cp1251": "cp1251",
    "cp1257": "cp1257", "cp850": "cp850", "cp852": "cp852", "cp437": "cp437", "cp437de": "cp437",
    "cp865": "cp865", "cp866": "cp866", "koi8-r": "koi8-r", "koi8-ru": "koi8-u",
    "iso88595": "iso8859-5", "applemac": "mac-roman", "macroman": "mac-roman",
    "mac-roman": "mac-roman", "macce": "mac-latin2", "maccyr": "mac-cyrillic",
    "gbk": "gb18030", "gb": "gb18030", "gb18030": "gb18030", "bg5": "big5", "bg5plus": "big5",
    "big5": "big5", "sjis": "shift_jis", "shift_jis": "shift_jis", "jis": "euc_jp",
    "euc-jp": "euc_jp", "eucjp": "euc_jp", "ks": "euc_kr", "kscs": "euc_kr", "euc-kr": "euc_kr",
    "utf8": "utf-8", "utf8x": "utf-8", "utf-8": "utf-8",
}  # fmt: skip
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
#: What no page shows: controls, marks of byte order, and soft hyphens, where a line may break.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\xad\ufeff\u200b\u2028\u2029]")


def declared_encoding(data: bytes) -> str | None:
    r"""The codec that a file says it is written in, or None.

    >>> declared_encoding(rb"\usepackage[applemac]{inputenc}")
    'mac-roman'
    """
    for match in _DECLARED.finditer(data[:40_000]):
        name = next(group for group in match.groups() if group).decode("ascii", "replace")
        for option in name.split(","):
            codec = _CODECS.get(option.strip().lower().replace("_", "-"))
            if codec is not None:
                return codec
    return None


def decode(data: bytes, cleaned: Counter[str] | None = None, declared: str | None = None) -> str:
    r"""A source file as text: UTF-8, else what it declares, else what its bytes suggest.

    `declared` is the encoding of the paper it belongs to. Control characters are removed (the
    reader uses some of them as its own signs), and the text is cleaned of reserved characters;
    ligatures become the letters that they join.

    >>> decode("\\usepackage[latin1]{inputenc} caf\xe9".encode("latin-1"))[-4:]
    'café'
    """
    text = _decoded(data, declared)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    text = _CONTROLS.sub("", text)
    return unicodedata.normalize("NFC", without_ligatures(clean(text, cleaned)))


def without_wide_characters(data: bytes) -> bytes:
    """UTF-16 as UTF-8, so that bytes can be searched; anything else as it is."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").lstrip("\ufeff").encode()
    head = data[:400]
    for codec, offset in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros, others = head[offset::2].count(0), head[1 - offset :: 2].count(0)
        if len(head) > 20 and zeros * 10 > len(head) * 4 and others == 0:
            return data.decode(codec, "replace").encode()
    return data


def _decoded(data: bytes, declared: str | None) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").lstrip("\ufeff")
    if b"\x1b$B" in data or b"\x1b$@" in data:
        return data.decode("iso2022_jp", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    codec = declared_encoding(data) or declared
    if codec is not None and codec != "utf-8":
        return data.decode(codec, "replace")
    # A few lines from another hand, or none in UTF-8 at all: each line by itself.
    guess = _guessed(data)
    lines = []
    for line in data.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line.decode(guess, "replace"))
    return "\n".join(lines)


def _guessed(data: bytes) -> str:
    """Windows-1252, or Mac Roman: the Macintosh has its accented letters there."""
    inside = re.findall(rb"(?<=[a-z])[\x80-\x9f](?=[a-z])", data)
    above = re.findall(rb"(?<=[a-z])[\xc0-\xff](?=[a-z])", data)
    # The apostrophe of Windows stands between letters too.
    letters = sum(1 for byte in inside if byte not in (b"\x92", b"\x91", b"\x96", b"\x97"))
    return "mac-roman" if letters > 2 * len(above) and letters > 1 else "cp1252"
