r"""Switches that a paper declares and sets: `\newif\ifdraft`, `\newtoggle`, `\setboolean`."""

from collections.abc import Callable

from corpora.latex.expansion.definitions import Definitions
from corpora.latex.expansion.stream import TokenStream
from corpora.latex.tokens import untokenize, words

Command = Callable[[str], None]


class Switches:
    r"""The commands that declare and set switches; `own` gets a paper's `\drafttrue`."""

    def __init__(
        self, stream: TokenStream, definitions: Definitions, own: dict[str, Command]
    ) -> None:
        self._stream = stream
        self._definitions = definitions
        self._own = own
        new = r"\newif \newbool \newboolean \newtoggle \providebool \provideboolean \providetoggle"
        switching = r"\setbool \setboolean \settoggle \booltrue \toggletrue \boolfalse \togglefalse"
        self.commands: dict[str, Command] = {
            **dict.fromkeys(words(new), self._declare),
            **dict.fromkeys(words(switching), self._set),
        }

    def _declare(self, command: str) -> None:
        stream = self._stream
        if command == "\\newif":
            name = stream.command_name()
            if not name.startswith("\\if"):
                return
        else:
            stem = untokenize(stream.argument()).strip()
            name = f"toggle {stem}" if "toggle" in command else f"\\if{stem}"
        self._definitions.conditionals.setdefault(name, False)
        if name[0] == "\\":
            for value in (True, False):
                switch = f"\\{name[3:]}{'true' if value else 'false'}"
                self._own[switch] = self._switch(name, value)

    def _switch(self, name: str, value: bool) -> Command:
        def switch(_: str) -> None:
            self._definitions.conditionals[name] = value

        return switch

    def _set(self, command: str) -> None:
        name = untokenize(self._stream.argument()).strip()
        value = command.endswith("true")
        if command.startswith("\\set"):
            value = untokenize(self._stream.argument()).strip() == "true"
        key = f"toggle {name}" if "toggle" in command else f"\\if{name}"
        self._definitions.conditionals[key] = value
