r"""Files read in place: `\input`, `\import`, and the styles that lie beside a paper."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Final

from corpora.latex.dialects import harvmac
from corpora.latex.dialects.harvmac import Harvmac
from corpora.latex.expansion.definitions import Definitions
from corpora.latex.expansion.packages import PACKAGES
from corpora.latex.expansion.stream import TokenStream
from corpora.latex.project import Project
from corpora.latex.tokens import END_OF_FILE, tokenize, untokenize

_INPUTS: Final = ("\\input", "\\include", "\\subfile", "\\subfileinclude")
_INPUT_DEPTH: Final = 40
_STYLE_LIMIT_BYTES: Final = 200_000


class Files:
    """The files open in an expansion, and the commands that take in others."""

    def __init__(
        self,
        project: Project,
        stream: TokenStream,
        definitions: Definitions,
        text: Callable[[list[str]], str],
    ) -> None:
        self.project = project
        self.stream = stream
        self.definitions = definitions
        self.missing: list[str] = []
        self.open: list[str] = []
        #: Commands that take in files, and those that such a file brings (harvmac's).
        self.commands: dict[str, Callable[[str], None]] = {
            **dict.fromkeys(_INPUTS, self.input),
            **dict.fromkeys(("\\import", "\\subimport", "\\inputfrom"), self.import_from),
            **dict.fromkeys(("\\usepackage", "\\RequirePackage"), self.package),
            **dict.fromkeys(("\\endinput", "\\bye"), self.endinput),
        }
        self._read: set[str] = set()
        self._text = text

    def input(self, command: str) -> None:
        r"""`\input{file}`, `\input file`."""
        group = self.stream.group()
        if group is None:
            parts: list[str] = []
            while (
                self.stream.pending
                and self.stream.pending[-1][0] not in " \n\\{}\x04\x0f"
                and len(parts) < 20
            ):
                parts.append(self.stream.pending.pop())
            group = parts
        name = self._text(group)
        if re.fullmatch(r"(?:.*/)?harvmac(?:\.tex)?", name.strip()):
            self.commands.update(Harvmac(self.stream, self.definitions).commands)
            self.stream.push(tokenize(harvmac.SOURCE))
            return
        self._include(name, "")

    def import_from(self, _: str) -> None:
        r"""`\import{folder}{file}`."""
        self.stream.star()
        folder = self._text(self.stream.argument())
        self._include(self._text(self.stream.argument()), folder)

    def package(self, _: str) -> None:
        r"""`\usepackage{a,b}`: a style beside the paper, or what this reader knows of a package."""
        self.stream.optional()
        names = untokenize(self.stream.argument())
        self.stream.optional()
        for name in names.split(","):
            path = self.project.resolve(name, "", (".sty",))
            if path is None and name.strip() in PACKAGES:
                self.stream.push(tokenize(PACKAGES[name.strip()]))
            if path is None or len(self.project.files[path]) > _STYLE_LIMIT_BYTES:
                continue
            if path in self.open:
                continue
            # A style's printed tokens stand in the preamble, whose text is never shown.
            self._push_file(
                path,
                tokenize(
                    self.project.text(path), self.definitions.code_environments, internal=True
                ),
            )

    def _include(self, name: str, folder: str) -> None:
        current = self.open[-1] if self.open else ""
        base = str(PurePosixPath(current).parent)
        path = self.project.resolve(
            f"{folder}/{name}" if folder else name, base, (".tex", "", ".ltx")
        )
        if path is None or path in self.open or len(self.open) > _INPUT_DEPTH:
            if not name.lower().endswith((".bbl", ".pdf", ".pgf", ".tikz", ".eps")):
                self.missing.append(name.strip())
            return
        if path.lower().endswith((".bbl", ".sty", ".cls", ".bib")):
            return
        self._push_file(
            path,
            _document_body(tokenize(self.project.text(path), self.definitions.code_environments)),
        )

    def _push_file(self, path: str, tokens: list[str]) -> None:
        self.open.append(path)
        self.definitions.in_style = path.endswith((".sty", ".cls"))
        if path not in self._read:
            self._read.add(path)
            self.stream.allow(tokens)
        self.stream.pending.append(END_OF_FILE)
        self.stream.push(tokens)

    def close(self) -> None:
        """The innermost file has ended."""
        self.open.pop()
        current = self.open[-1] if self.open else ""
        self.definitions.in_style = current.endswith((".sty", ".cls"))

    def exists(self, name: str) -> bool:
        """Whether a file of this name could be taken in."""
        current = self.open[-1] if self.open else ""
        folder = str(PurePosixPath(current).parent)
        return self.project.resolve(name, folder, ("", ".tex")) is not None

    def endinput(self, _: str) -> None:
        """Passes over the rest of the innermost file."""
        while self.stream.pending and self.stream.pending[-1] != END_OF_FILE:
            self.stream.pending.pop()


def _document_body(tokens: list[str]) -> list[str]:
    """What stands between `\\begin{document}` and `\\end{document}` of a subfile, else all."""
    start, end = 0, len(tokens)
    for at in range(len(tokens) - 3):
        if tokens[at + 2] == "document" and tokens[at + 1] == "{":
            if tokens[at] == "\\begin":
                start = at + 4
            elif tokens[at] == "\\end":
                end = at
                break
    return tokens[start:end]
