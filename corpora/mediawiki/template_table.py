"""What each template becomes: the order in which its name is looked up.

A template is code of its wiki and is not in the dump's page; what the common ones print is known
here. Others are left out and counted by name.
"""

import re
from collections.abc import Callable
from typing import Final

from corpora.mediawiki import template_chemistry, template_numbers
from corpora.mediawiki.arguments import Arguments
from corpora.mediawiki.cited import (
    note,
    read_reference,
    repeated_reference,
    short_keys,
    short_reference,
)
from corpora.mediawiki.inline import plain_words
from corpora.mediawiki.measures import convert
from corpora.mediawiki.parser_functions import expression, if_equal, switch
from corpora.mediawiki.raw_tags import formula
from corpora.mediawiki.state import GONE, Mark, PageState
from corpora.mediawiki.template_mathematics import mathematics
from corpora.mediawiki.template_names import is_disambiguation, is_silent, is_soft_redirect
from corpora.mediawiki.template_text import text_template
from corpora.mediawiki.works import template_work, work_of_template
from tokenization.marked_text import clean

#: Names of unknown templates that are counted apart; further ones are counted together.
_MOST_NAMES: Final = 200
_LONGEST_NAME: Final = 60
#: Of an unknown template's only argument.
_LONGEST_WORDS: Final = 100
OTHER_NAMES: Final = "(others)"

Handler = Callable[[Arguments, PageState], str]


def expand_template(arguments: list[str], state: PageState, *, between_words: bool = False) -> str:
    """The text of `{{name|argument|...}}`, whose arguments are reduced already.

    An unknown one that stands `between_words` prints its argument where it has just one.
    """
    name = " ".join(arguments[0].replace("_", " ").split()).lower()
    while name.startswith(("subst:", "safesubst:", "template:", "vorlage:", "modèle:", ":")):
        name = name.partition(":")[2].strip()
    if not name:
        return ""
    if ":" in name or name in _VARIABLES or name.startswith("#"):
        words = _parser_function(name, arguments, state)
        if words is not None:
            return words
    given = Arguments(arguments[1:])
    handler = _HANDLERS.get(name)
    if handler is not None:
        return handler(given, state)
    work = work_of_template(name, given, state)
    if work is not None:
        return state.mark(Mark((work,)))
    if name.startswith(("lang", "ipa-")) and state.site.language[:2] not in ("", "en"):
        # The name of the language would be in the wiki's own, which is not known here.
        given.named.setdefault("label", "none")
    words = text_template(name, given)
    if words is not None:
        return words
    if is_disambiguation(name):
        state.disambiguation = True
    elif is_soft_redirect(name):
        state.soft_redirect = True
    elif not is_silent(name):
        known = name[:_LONGEST_NAME]
        full = len(state.unknown_templates) >= _MOST_NAMES
        counted = OTHER_NAMES if full and known not in state.unknown_templates else known
        state.unknown_templates[clean(counted)] += 1
        return (_only_words(given) or GONE) if between_words else ""
    return ""


def _only_words(given: Arguments) -> str:
    """The one argument of a template that is words, or the one after a language's code."""
    parts = given.positional()
    if len(parts) == 2 and re.fullmatch(r"[a-z]{2,3}(?:-[\w-]{2,10})?", parts[0]):
        parts = parts[1:]
    words = parts[0] if len(parts) == 1 else ""
    plain = len(words) <= _LONGEST_WORDS and "\n" not in words and "http" not in words
    return words if plain and re.search(r"[^\W\d_]", words) else ""


_VARIABLES: Final = frozenset(
    ("pagename", "fullpagename", "basepagename", "subpagename", "rootpagename", "pagenamee",
     "sitename", "namespace", "ns:0")
)  # fmt: skip


def _parser_function(name: str, arguments: list[str], state: PageState) -> str | None:
    """Magic words and parser functions (https://www.mediawiki.org/wiki/Help:Magic_words)."""
    if name in ("namespace", "ns:0"):
        return ""
    if name == "sitename":
        return state.site.name
    if name in _VARIABLES:
        return state.title
    function, _, _ = name.partition(":")
    first = arguments[0].partition(":")[2].replace(GONE, "").strip()
    match function:
        case "#tag":
            return _tag(first.lower(), Arguments(arguments[1:]), state)
        case "formatnum" | "lc" | "uc" | "lcfirst" | "ucfirst" | "nowrap" | "anchorencode":
            return _CASES.get(function, str)(first)
        case "pagename" | "fullpagename" | "urlencode" | "#dateformat" | "#formatdate":
            return first
        case "plural":
            return (arguments[1:] or [""])[0 if first == "1" else -1].strip()
        case "#if":
            chosen = arguments[1:2] if first else arguments[2:3]
            return "".join(chosen).strip()
        case "#ifeq":
            return if_equal(first, arguments[1:])
        case "#switch":
            return switch(first, arguments[1:])
        case "#expr":
            return expression(first)
        case "#ifexist":
            return "".join(arguments[1:2]).strip()
        case "#iferror":
            return "".join(arguments[2:3]).strip() if arguments[2:] else first
        case "doi" | "int" | "msg" | "raw":
            return ""
    return None


_CASES: Final[dict[str, Callable[[str], str]]] = {
    "lc": str.lower,
    "uc": str.upper,
    "lcfirst": lambda words: words[:1].lower() + words[1:],
    "ucfirst": lambda words: words[:1].upper() + words[1:],
}


def _tag(name: str, given: Arguments, state: PageState) -> str:
    """{{#tag:ref|content|name=x}}: an extension tag with content from templates."""
    if name == "ref":
        return read_reference(given.named, given.at(1), state)
    if name == "math":
        return formula(given.at(1), state)
    return "" if name in ("references", "gallery", "timeline", "syntaxhighlight") else given.at(1)


def _refn(given: Arguments, state: PageState) -> str:
    attributes = {"name": given.get("name"), "group": given.get("group") or "note"}
    return read_reference(attributes, given.at(1), state)


def _repeated(given: Arguments, state: PageState) -> str:
    names = [part for part in given.positional() if part]
    return "".join(
        repeated_reference({"name": name, "group": given.get("group", "grp")}, state)
        for name in names[:20]
    )


def _note(given: Arguments, state: PageState) -> str:
    words = given.get("1", "text")
    name = given.get("name")
    if name:
        return read_reference({"name": name, "group": "lower-alpha"}, words, state)
    return note(words, state)


def _short(given: Arguments, state: PageState) -> str:
    return short_reference(short_keys(given), state)


def _short_in_text(given: Arguments, state: PageState) -> str:
    """{{harvtxt|Smith|2001}}: `Smith`, then the citation."""
    names = [part for part in given.positional() if not re.match(r"\d{4}", part)][:2]
    return f"{' & '.join(names)} {_short(given, state)}"


def _archived(given: Arguments, state: PageState) -> str:
    """{{wayback}} and {{webarchive}}: an address after a work that was named, or the work."""
    if not given.get("title", "titel", "text"):
        return ""
    return state.mark(Mark((template_work("wayback", given, state),)))


def _anchor(given: Arguments, state: PageState) -> str:
    return "CITEREF" + "".join(plain_words(part, state) for part in given.positional())


_HANDLERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("efn", "efn-ua", "efn-la", "efn-lr", "efn-ur", "efn-lg", "efn note",
                     "footnote", "anm", "notetag"), _note),
    **dict.fromkeys(("refn", "refn2"), _refn),
    **dict.fromkeys(("r", "ref name", "refname"), _repeated),
    **dict.fromkeys(("sfn", "sfnp", "sfnm", "sfnmp", "harv", "harvnb", "harvp", "harvcol",
                     "harvcolnb",
                     "harvard citation", "harvard citation no brackets", "harvnbs", "sfnotep"),
                    _short),
    **dict.fromkeys(("harvtxt", "harvcoltxt", "harvs", "harvard citation text"), _short_in_text),
    **dict.fromkeys(("wayback", "webarchive"), _archived),
    **dict.fromkeys(("harvid", "sfnref", "harvard reference"), _anchor),
    **dict.fromkeys(("math", "mvar", "bigmath", "tmath", "intmath", "math2"),
                    lambda given, state: mathematics(given.at(1), state)),
    **dict.fromkeys(("e", "e10", "10^", "esp"),
                    lambda given, _: template_numbers.exponent(given.at(1))),
    **dict.fromkeys(("val",), lambda given, _: template_numbers.val(given)),
    **dict.fromkeys(("frac", "fraction", "fract"),
                    lambda given, _: template_numbers.fraction(given)),
    **dict.fromkeys(("sfrac", "ifrac", "math frac"),
                    lambda given, _: template_numbers.structured_fraction(given)),
    **dict.fromkeys(("convert", "converted"), lambda given, _: convert(given)),
    "cvt": lambda given, _: convert(given, short=True),
    **dict.fromkeys(("as of", "asof"), lambda given, _: template_numbers.as_of(given)),
    **dict.fromkeys(("start date", "end date", "birth date", "death date", "birth date and age",
                     "death date and age", "start date and age", "birth-date", "death-date", "bda",
                     "film date", "release date", "launch date", "dob", "birth-date and age"),
                    lambda given, _: template_numbers.month_date(given)),
    **dict.fromkeys(("dts", "date table sorting"),
                    lambda given, _: template_numbers.table_date(given)),
    **dict.fromkeys(("subatomic particle", "subatomicparticle"),
                    lambda given, _: template_chemistry.particle(given)),
    **dict.fromkeys(("ce", "chem/ce", "mhchem"),
                    lambda given, state: formula(rf"\ce{{{given.at(1)}}}", state)),
    "chem": lambda given, _: template_chemistry.chem(given),
    "chem2": lambda given, _: template_chemistry.chem2(given),
    **dict.fromkeys(("nuclide", "simplenuclide", "nuclide link", "simple nuclide", "isotope",
                     "simplenuclide2", "nuclide2"),
                    lambda given, _: template_chemistry.nuclide(given)),
}  # fmt: skip
