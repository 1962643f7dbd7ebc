"""Templates that hold no words of an article, and those that say that a page is no article.

Names are in lower case. Most are English Wikipedia's; the other languages' are the common ones.
"""

import re
from typing import Final

#: Left out without being counted as unknown.
_SILENT: Final = frozenset(
    name.strip()
    for name in """
    #invoke, #tag, -, 0, about, about-distinguish, about2, academic peer reviewed, according to
    whom, accuracy, acm portal, advert, afd, age, age in years, ahnentafel bottom, ahnentafel
    top, align, allmovie title, allmusic, alphabetical toc, ambiguous, american english,
    american english editnotice, anchor, anchors, appendix, article connexe, article détaillé,
    artigo principal, artículo principal, as of?, attached kml, attribution needed, audio,
    authority control, autobiography, autoritätskontrolle, awkward, bare url, bare url inline,
    bare url pdf, bases, begriffsklärungshinweis, belege fehlen, better source, better source
    needed, bibleverse-nb, blp sources, blp unsourced, book bar, br, break, british english,
    broader, bron, by whom, by whom?, c-span, cbignore, cc-notice, ccbysasource, center bottom,
    center top, centre top, chart, chinese name, chronology citation needed, citation needed,
    citation style, citation-needed, cite needed, citeneeded, clarification needed, clarify,
    clarify me, cleanup, cleanup bare urls, cleanup lang, cleanup list, cleanup rewrite, cleanup
    section, clear, clear both, clear left, clear right, clr, cn, coi, col begin, col break, col
    end, col-2, col-3, col-4, col-5, col-begin, col-break, col-end, col-float, col-float-break,
    col-float-end, col-start, colbegin, colend, collapse bottom, collapse top, collapsed top,
    column, column-count, columns, columns-end, columns-start, commons, commons and category,
    commons category, commons category multi, commons category-inline, commons-inline,
    commonscat, commonscat-inline, compact toc, compacttoc, confused, confusing, contains
    chinese text, contains indic text, contains ipa, contains japanese text, contains special
    characters, context, contradict inline, contradictory inline, control de autoridades,
    controllo di autorità, coord, coord missing, coordinates, coordinates missing, copy edit,
    copy edit section, copyedit, correct title, csl, curlie, date needed, dead end, dead link,
    deadlink, defaultsort, define, definition needed, details, disambiguation needed, discuss,
    displaytitle, disputed, disputed inline, disputed section, disputed-inline,
    disputed-section, distinguish, distinguish2, div col, div col break, div col end, div col
    start, divcol, dl, dmoz, dn, documentation, dual, dubious, efn-list, elucidate, empty
    section, end, end box, end div col, end flatlist, end hlist, end plainlist, endflatlist,
    endhlist, endplainlist, engvar, engvarb, engvaro, esoteric, essay-like, example farm,
    example needed, examples, expand, expand french, expand german, expand language, expand
    section, expand spanish, expert, expert needed, expert-subject, exzellent, fa, fact, failed
    verification, family name hatnote, familytree, featured article, featured list, find a
    grave, flag icon, flagdeco, flagg, flagicon, flatlist end, flex columns, float box,
    footnotes, for, for other uses, for-multi, for2, free-content attribution, full, full
    citation needed, further, further ill, further information, ga, globalize, globalize
    section, good article, google scholar id, gr, graph:chart, graph:lines, gutenberg author,
    hatnote, hauptartikel, help:ipa, hidden begin, hidden bottom, hidden end, hidden top, hoax,
    hoofdartikel, horizontal toc, how, hs, hsp, ifsubst, image frame, imdb name, imdb title,
    importance inline, importance section, importance?, in popular culture, in use,
    inappropriate tone, include-usgov, inflation-fn, inflation-year, inflation/fn,
    incomprehensible inline, inconsistent, internet archive
    author, interprogetto, inuse, ipa key, ipa notice, irrelevant citation, issues, italic
    title, italic title infobox, italictitle, iucn status, jargon, jargon-inline, lead, lead
    missing, lead rewrite, lead too long, lead too short, lesenswert, library resources box,
    librivox author, liens, like resume, link note, linkrot, listaref, listen, location map,
    location map many, location map+, location map~, lowercase, lowercase title, lowercasetitle,
    lückenhaft, mactutor, mactutor biography, main, main article, main articles, mapframe,
    maplink, mathgenealogy, medical citations needed, medref, medrs, merge, merge from, merge
    to, mergefrom, mergeto, module rating, more, more citations needed, more citations needed
    section, more footnotes, more footnotes needed, more medical citations needed, move,
    multi-listen end, multi-listen item, multi-listen start, multicol, multicol-break,
    multicol-end, multiple issues, navboxes, navboxes bottom, navboxes top, needs update,
    neutrality inline, news release, nist-pd, no footnotes, no references, nobr begin,
    non-primary source needed, nonspecific, normdaten, not english, not in citation, not in
    citation given, not in source, not to be confused with, nota disambigua, notability, note,
    note label, note list, notelist, notelist-la, notelist-lr, notelist-talk, notelist-ua,
    notelist-ur, notes, notoc, nowrap begin, nowrap end, nowraplinks, npov, ntsh, obsolete
    source, official, official url, official website, one source, opinion, or, or inline, or?,
    orcid, original research, original research inline, orphan, osm location map, other
    hurricanes, other people, other people2, other places, other ships, other uses, other uses
    of, other uses2, otheruses, otros usos, out of date, outdated, over-quotation, overlinked,
    overly detailed, page needed, page number needed, pages needed, palette, pd-notice, peacock,
    peacock inline, persondata, personendaten, plainlist end, plainlist start, pn, portail,
    portal, portal bar, portal inline, portal-inline, portale, portals, portuguese name, pov,
    pov section, pov statement, pov-statement, pp, pp-blp, pp-dispute, pp-extended, pp-move,
    pp-move-indef, pp-pc, pp-pc1, pp-protected, pp-semi, pp-semi-blp, pp-semi-indef,
    pp-vandalism, primary source, primary source inline, primary sources, prod, pronunciation,
    prose, protected, psi, quantify, recentism, redirect, redirect-distinguish, redirect-multi,
    redirect-several, redirect2, redirect4, ref, ref label, ref list, refbegin, refbox, refend,
    references, referencias, refimprove, refimprove section, refimprovesect, reflist, refnec,
    refs, refs columns, relevance inline, relevance?, rellink, rough translation, rp, rs?,
    références, s-ach, s-aft, s-bef, s-end, s-off,
    s-par, s-start, s-ttl, says who, see, see also, see main, self-published, self-published
    inline, self-published source, selfref, short description, shortcut, shortdesc, shy, side
    box, sidebar, siehe auch, similar names, sister project, sister project auto, sister project
    links, sisterlinks, small div, smalldiv, sort key, source-attribution, spanish name, special
    characters, specify, speculation inline, spelling?, split, split section, spoken article,
    spoken wikipedia, sps, stack, stack begin, stack end, start box, subject bar, subst only,
    succession box, synthesis, taxon bar, taxonbar, technical, technical reasons, tfd,
    third-party, third-party inline, third-party source needed, time fact, title language, toc,
    toc hidden, toc left, toc limit, toc right, toc top, tocleft, toclimit, tocright, tone, tone
    inline, too technical, traduction/référence, tree list, tree list/end, trivia, unbalanced,
    under construction, underconstruction, underlinked, undue, undue inline, undue weight, undue
    weight inline, unref, unreferenced, unreferenced section, unreliable medical source,
    unreliable source, unreliable source?, update, update after, update inline, update section,
    url, use american english, use australian english, use british english, use british english
    oxford spelling, use canadian english, use dmy, use dmy dates, use harvard referencing, use
    indian english, use list-defined references, use mdy dates, use new zealand english, use
    oxford spelling, use shortened footnotes, use south african english, use ymd dates,
    usgovernment, vague, vedi anche, ver desambiguação, veraltet, verification needed, verify
    credibility, verify source, very long, viaf, vital article, void, voir homonyme, voir
    homonymes, volume needed, véase también, wbr, weasel, weasel inline, weasel-inline, what,
    when, where, which, who, whom, why, wikibooks, wikibooks-inline, wikidata, wikidata-inline,
    wikinews, wikinews-inline, wikinewscat, wikipedia books, wikipedia-books, wikiquote,
    wikiquote-inline, wikisource, wikisource author, wikisource-inline, wikisource1911enc,
    wikispecies, wikispecies-inline, wikiversity, wikiversity-inline, wikivoyage,
    wikivoyage-inline, wikt, wiktionary, wiktionary pipe, wiktionary-inline, wj, wrap, year
    needed, zie dp, zwj, zwnj, zwsp, à sourcer, ébauche, überarbeiten
    """.replace("\n", " ").split(",")
)  # fmt: skip
_SILENT_PATTERN: Final = re.compile(
    r"infobox.*|info/.*|ficha.*|chembox.*|drugbox.*|taxobox.*|automatic taxobox.*|speciesbox.*|"
    r"subspeciesbox.*|hybridbox.*|virusbox.*|mycomorphbox.*|geobox.*|.* infobox|protein|enzyme|"
    r"gnf protein box|pbb.*|"
    r"navbox.*|.*navbox|.* sidebar|sidebar.*|.*-stub|.*[ -]stub|stub|pp-.*|r from .*|r to .*|"
    r"use .* english|use .* dates|cleanup.*|expand .*|(?:very )?long section|more .* needed|"
    r".* needed|.*\[clarification.*|lang-code|defaultsort:.*|displaytitle:.*|defaultsortkey:.*|"
    r"#(?:if.*|switch|invoke|expr|related|time|babel|coordinates|property|statements|section|"
    r"lst).*:.*|"
    r"portal:.*|wikipedia:.*|talk:.*|user:.*|toc .*|location map.*|s-.*|"
    r"flagicon.*|ipa symbol.*|sister.*|commons.*|wikisource.*|wiktionary.*|"
    r"periodic table.*|.* topics|.* topic|.* footer|.* navigation|certification table.*",
    re.DOTALL,
)
_DISAMBIGUATION: Final = re.compile(
    r"(?:.* )?disambig(?:uation)?(?: page)?(?:-cleanup| cleanup)?|disamb|dab|hndis|hndab|geodis|"
    r"mathdab|mathematics disambiguation|letter-numbercombdisambig|numberdis|roaddis|schooldis|"
    r"airport disambig|begriffsklärung|homonymie|desambiguación|desambiguação|disambigua|dp|"
    r"disambigua|неоднозначность|многозначность|aimai|曖昧さ回避|消歧义|消歧義|ujednoznacznienie|"
    r"rozcestník|багатозначність|förgrening|grensida|peker|flertydig|täsmennyssivu|egyért|"
    r"egyértelmű|anlam ayrımı|동음이의|توضيح|פירושונים|doorverwijspagina|αποσαφήνιση|"
    r"dezambiguizare|apartigilo|razločitev|rozlišovacia stránka|disambiguasi|định hướng|"
    r"desambiguació|homonymie[- ].*|paronymie|argipen|пояснение|вишезначна одредница"
)
_SOFT_REDIRECT: Final = frozenset(
    ("soft redirect", "softredirect", "wiktionary redirect", "wi", "category redirect",
     "wikisource redirect", "commons redirect", "soft redirect with wikidata item")
)  # fmt: skip


def is_silent(name: str) -> bool:
    """Whether a template is known to hold no words of the article."""
    return name in _SILENT or _SILENT_PATTERN.fullmatch(name[:200]) is not None


def is_disambiguation(name: str) -> bool:
    """Whether a template says that its page tells articles of one name apart."""
    return _DISAMBIGUATION.fullmatch(name[:80]) is not None and "needed" not in name


def is_soft_redirect(name: str) -> bool:
    """Whether a template sends the reader to another wiki."""
    return name in _SOFT_REDIRECT
