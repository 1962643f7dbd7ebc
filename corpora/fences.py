"""Code fences of Markdown that no content can close early."""

import re
from typing import Final

_BACKTICKS: Final = re.compile("`{3,}")


def fenced(content: str, language: str = "") -> str:
    """`content` in a code fence, longer than any run of backticks inside (CommonMark, 4.5).

    >>> print(fenced("print(1)", "python"))
    ```python
    print(1)
    ```
    >>> fenced("a ``` b").splitlines()[0]
    '````'
    """
    longest = max((len(run) for run in _BACKTICKS.findall(content)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{content}\n{fence}"
