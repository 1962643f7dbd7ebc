"""Templates that print one argument or always the same, and names of languages: data.

Names are in lower case; in the first table a blank is written `_`.
"""

from typing import Final

from tokenization.wrappers import subscript

_SUN, _EARTH, _JUPITER = (subscript(sign, marked=True) for sign in "☉⊕J")

#: A blank is written `_`.
_LANGUAGES: Final = """
    ar:Arabic bg:Bulgarian bn:Bengali ca:Catalan cs:Czech cy:Welsh da:Danish de:German
    el:Greek en:English es:Spanish et:Estonian eu:Basque fa:Persian fi:Finnish fr:French
    ga:Irish gd:Scottish_Gaelic grc:Ancient_Greek gr:Greek he:Hebrew hi:Hindi hr:Croatian
    hu:Hungarian hy:Armenian id:Indonesian is:Icelandic it:Italian ja:Japanese ka:Georgian
    ko:Korean la:Latin lt:Lithuanian lv:Latvian mk:Macedonian ms:Malay mt:Maltese nl:Dutch
    no:Norwegian nb:Norwegian nn:Norwegian pl:Polish pt:Portuguese ro:Romanian ru:Russian
    sa:Sanskrit sk:Slovak sl:Slovene sq:Albanian sr:Serbian sv:Swedish sw:Swahili ta:Tamil
    te:Telugu th:Thai tr:Turkish uk:Ukrainian ur:Urdu vi:Vietnamese yi:Yiddish zh:Chinese
    ang:Old_English enm:Middle_English be:Belarusian ml:Malayalam mr:Marathi pa:Punjabi
    ne:Nepali si:Sinhala my:Burmese km:Khmer lo:Lao bo:Tibetan mn:Mongolian kk:Kazakh
    uz:Uzbek az:Azerbaijani ku:Kurdish ps:Pashto af:Afrikaans zu:Zulu eo:Esperanto
    haw:Hawaiian mi:Maori lb:Luxembourgish gl:Galician oc:Occitan br:Breton
"""
LANGUAGES: Final = dict(entry.split(":") for entry in _LANGUAGES.split())
#: Templates that print one argument, and its position, from 1; 0 is the last.
ARGUMENT: Final = {
    **dict.fromkeys(
        """
        nowrap nobr nobreak small smaller big large larger nobold noitalic normal em strong
        abbr tooltip abbrv proper_name as_written not_a_typo notatypo typo mono monospace
        kbd samp var visible_anchor vanchor va citation_needed_span cn_span clarify_span
        center centre underline u overline strikethrough strike smallcaps sc smallcaps_all
        sc2 allcaps caps unicode polytonic hebrew arabic ipa-all lie plainlist flatlist
        normalfont serif sans-serif sans fixed bold italic b i dfn flag flagu flagcountry
        country left right align resize_text nohtml hi trim red green blue gray grey
        flagathlete term defn glossary_link glink pseudoheading tq xt lk nbhyph dubious_span
        vague_span underlined noflag fix-span disputed_span failed_verification_span
        synthesis_span page_needed_span specify_span better_source_needed_span efn_text
        nowraplinks lc uc ucfirst lcfirst scientific_name species_list_item au abbreviation
        initialism référence_nécessaire référence_souhaitée refnec heures nobr_romain romain
        souligner incise petit
        """.split(),
        1,
    ),
    **dict.fromkeys(
        """
        resize color colour colored background_color bgcolor cwikt
        h:title script iw2 fontsize font
        """.split(),
        2,
    ),
    **dict.fromkeys(
        """
        langr gls
        """.split(),
        0,
    ),
}
#: What templates print that print the same everywhere, and their names.
_PRINTED: Final = (
    ("=", "= ; steady"),
    ("|", "!"),
    ("&#124;", "pipe"),
    ("||", "!!"),
    ("|-", "!-"),
    ("&#123;", "("),
    ("&#125;", ")"),
    ("&#123;&#123;", "(("),
    ("&#125;&#125;", "))"),
    ("{|", "(!"),
    ("|}", "!)"),
    ("&#39;", "' ; -'"),
    ("&#39;s", "'s"),
    ("&#39; &quot;", "' \""),
    ("&quot; &#39;", "\" '"),
    ("&#39;&quot;", "'\""),
    ("&quot;&#39;", "\"'"),
    (" · ", "* ; · ; dot ; middot"),
    (" • ", "• ; bullet ; bull"),
    (" / ", "\\"),
    (
        " ",
        "nbsp ; space ; spaces ; thinsp ; thin space ; hair space ; hairsp ; nnbsp ; pad ; "
        "indent ; in5 ; gap ; spc ; en space ; em space ; emsp ; ensp ; figure space",
    ),
    (" – ", "snd ; spnd ; spaced ndash ; spaced en dash ; dash"),
    ("–", "ndash ; en dash ; endash"),
    ("—", "mdash ; em dash ; emdash ; --"),
    (" — ", "spaced mdash ; smd ; mdashb"),
    ("−", "minus"),
    ("-", "hyphen"),
    ("⇌", "eqm"),
    ("×", "times ; x ; hybrid"),
    ("±", "± ; plusminus"),
    ("π", "pi"),
    ("τ", "tau"),
    ("φ", "phi"),
    ("γ", "gamma"),
    ("λ", "lambda"),
    ("θ", "theta"),
    ("μ", "mu"),
    ("ʻ", "okina"),
    ("ʾ", "hamza"),
    ("ʿ", "ayin"),
    ("Yes", "yes"),
    ("No", "no"),
    ("N/A", "n/a ; na"),
    ("Partial", "partial"),
    ("Unknown", "unknown"),
    ("Maybe", "maybe"),
    ("?", "dunno"),
    ("Some", "some"),
    ("Any", "any"),
    ("✓", "tick ; check ; checkmark ; ya ; aye"),
    ("✗", "cross ; nay ; x mark ; cross mark"),
    ("None", "none"),
    ("TBA", "tba"),
    ("TBD", "tbd"),
    ("Won", "won"),
    ("Nominated", "nom"),
    ("Pending", "pending"),
    ("Included", "included"),
    ("Dropped", "dropped"),
    ("Good", "good"),
    ("Bad", "bad"),
    ("Free", "free"),
    ("Proprietary", "nonfree ; proprietary"),
    ("Active", "active"),
    ("AD", "ad"),
    ("BC", "bc"),
    ("BCE", "bce"),
    ("CE", "ce"),
    ("⟨", "langle"),
    ("⟩", "rangle"),
    ("°", "deg"),
    ("...", "... ; ellipsis"),
    ('"', "ditto"),
    ("▲", "increase ; gain ; up"),
    ("▼", "decrease ; loss ; down"),
    ("♂", "male"),
    ("♀", "female"),
    ("†", "extinct ; dagger"),
    ("‡", "double-dagger ; ddagger ; double dagger"),
    ("&#42;", "asterisk"),
    ("§", "section-sign"),
    ("©", "copyright ; (c)"),
    ("₹", "rupee ; inr"),
    ("∞", "infin"),
    ("[sic]", "sic"),
    ("c.", "circa"),
    (f"M{_SUN}", "solar mass ; msun"),
    (f"R{_SUN}", "solar radius ; rsun"),
    (f"L{_SUN}", "solar luminosity ; lsun"),
    (f"M{_EARTH}", "earth mass ; mearth"),
    (f"R{_EARTH}", "earth radius ; rearth"),
    (f"M{_JUPITER}", "jupiter mass ; mjup"),
    (f"R{_JUPITER}", "jupiter radius ; rjup"),
    ("♭", "flat"),
    ("♯", "sharp"),
    ("♮", "natural"),
    ("#", "number sign"),
)
CONSTANT: Final = {name: words for words, names in _PRINTED for name in names.split(" ; ")}
