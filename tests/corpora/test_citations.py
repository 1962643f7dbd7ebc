"""The final form of citations: titles where known, readable words where not."""

import pytest

from corpora.citations import group, resolve, span
from corpora.documents import Citation, Document
from tokenization.markers import reveal

KNOWN = Citation(as_written="(Curie 1898)", title="On a new substance", surname="Curie")
BOVY = Citation(as_written="(Bovy et al. 2012)", year="2012")
HOU = Citation(as_written="(Hou et al. 2012)", year="2012")


def test_untitled_works_of_one_group_share_their_parentheses() -> None:
    document = Document("x", f"as shown {group([BOVY, HOU])} (see text).", citations=(BOVY, HOU))
    resolved, counts = resolve(document)
    assert resolved.text == "as shown (Bovy et al. 2012; Hou et al. 2012) (see text)."
    assert counts == {"no title": 2}
    assert resolved.citations == ()
    assert resolved.metadata["citations_unresolved"] == {"no title": 2}


def test_a_mixed_group_keeps_the_titled_span() -> None:
    document = Document("x", group([KNOWN, BOVY]) + ".", citations=(KNOWN, BOVY))
    resolved, counts = resolve(document)
    assert reveal(resolved.text) == (
        "[START_REF] On a new substance, Curie[END_REF], (Bovy et al. 2012)."
    )
    assert counts == {"resolved": 1, "no title": 1}
    assert resolved.citations == (KNOWN,)


def test_untitled_works_under_one_number_print_it_once() -> None:
    one, two = Citation(as_written="[1]", doi="10.5555/1"), Citation(as_written="[2]")
    document = Document("x", f"as {group([one, one, one, two])}.", citations=(one, one, one, two))
    resolved, counts = resolve(document)
    assert resolved.text == "as [1], [2]."
    assert counts == {"no title": 4}
    apart = Document("x", f"{span(one)} and {span(one)}", citations=(one, one))
    assert resolve(apart)[0].text == "[1] and [1]"


def test_a_reader_that_loses_an_entry_is_found_out() -> None:
    with pytest.raises(ValueError, match="1 citation spans but 0"):
        resolve(Document("x", span(KNOWN)))
