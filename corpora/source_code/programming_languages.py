"""Which files are source code, and the name of their language as Markdown fences spell it."""

import re
from pathlib import PurePosixPath
from typing import Final

_LANGUAGES: Final[dict[str, str]] = {
    suffix: language
    for language, suffixes in {
        "python": ".py .pyi .pyw",
        "cython": ".pyx .pxd .pxi",
        "c": ".c .h",
        "cpp": ".cc .cpp .cxx .c++ .hpp .hh .hxx .ipp",
        "cuda": ".cu .cuh",
        "rust": ".rs",
        "go": ".go",
        "java": ".java",
        "javascript": ".js .mjs .cjs .jsx",
        "typescript": ".ts .tsx",
        "julia": ".jl",
        "r": ".r",
        "matlab": ".m",
        "fortran": ".f .for .f77 .f90 .f95 .f03 .f08",
        "bash": ".sh .bash",
        "scala": ".scala",
        "haskell": ".hs",
        "ocaml": ".ml .mli",
        "lean": ".lean",
        "verilog": ".v",
        "sql": ".sql",
        "notebook": ".ipynb",
    }.items()
    for suffix in suffixes.split()
}
NOTEBOOK: Final = "notebook"
README: Final = "readme"
_README_NAME: Final = re.compile(
    r"readme(?:(?:[._-][a-z]{2}(?:-[a-z]{2})?)?\.(?:md|rst|txt|markdown))?", re.IGNORECASE
)

_CPP_IN_HEADER: Final = re.compile(
    r"^[ \t]*(?:class\s+\w|namespace\b|template\s*<|using\s+\w)", re.MULTILINE
)
_OBJECTIVE_C: Final = re.compile(r"^[ \t]*(?:@interface|@implementation|#import)\b", re.MULTILINE)
_COQ: Final = re.compile(
    r"^[ \t]*(?:Require|From|Theorem|Lemma|Definition|Inductive|Module)\b", re.MULTILINE
)


def is_readme(name: str) -> bool:
    """Whether a file name is a README that is prose.

    >>> [is_readme(name) for name in ("README", "readme.md", "README.zh-CN.md", "readme.py")]
    [True, True, True, False]
    """
    return _README_NAME.fullmatch(name) is not None


def is_source(name: str) -> bool:
    """Whether a file name is one of source code, a notebook or a README."""
    return is_readme(name) or PurePosixPath(name).suffix.lower() in _LANGUAGES


def language_of(name: str, text: str) -> str | None:
    """The language of a file, by its suffix and, where suffixes are shared, by its text.

    None for a file that only looks like source code: `.ts` is Qt's translation files too.

    >>> language_of("matrix.h", "namespace linear {"), language_of("matrix.h", "int rank;")
    ('cpp', 'c')
    """
    if is_readme(name):
        return README
    language = _LANGUAGES.get(PurePosixPath(name).suffix.lower())
    if language == "c" and name.lower().endswith(".h") and _CPP_IN_HEADER.search(text):
        return "cpp"
    if language == "matlab" and _OBJECTIVE_C.search(text):
        return "objective-c"
    if language == "verilog" and _COQ.search(text):
        return "coq"
    if language == "typescript" and text.lstrip("\ufeff \n").startswith("<"):
        return None
    return language
