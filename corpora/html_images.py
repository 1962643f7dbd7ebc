"""What a page says that an image shows."""

import re
from typing import Final

from corpora.html_parsing import CONTROLS
from tokenization.marked_text import clean

#: What editors put where nobody has described an image, addresses, and names of files.
_NO_DESCRIPTION: Final = re.compile(
    r"(?:enter )?(?:image|picture|link|alt|alternate) ?(?:description|text)?(?: here| goes here)?"
    r"|[a-z]+://\S*|.*\.(?:png|jpe?g|gif|svg|bmp|webp)"
    r"|(?:screen ?shot|image)\W[\d .:_-]+(?:[ap]m)?",
    re.IGNORECASE,
)
_UNSEEN: Final = {0x00AD: None, 0x200B: None, 0xFEFF: None}


def description(alt: str) -> str:
    """The alternative text of an image, cleaned; empty where it says nothing of what is shown.

    Two words are the least: one alone is the name of a person or of a file.

    >>> description("A pond  in winter. "), description("enter image description here")
    ('A pond in winter', '')
    """
    words = " ".join(clean(CONTROLS.sub("", alt)).translate(_UNSEEN).split())
    words = words.removesuffix(".")
    told = len(re.findall(r"[^\W\d_]{2,}", words)) > 1 and not _NO_DESCRIPTION.fullmatch(words)
    return words if told else ""
