# ruff: noqa: E501  (one reference reads better on one line)
"""Titles of references that no publisher tagged: each style of printing, and what has no title."""

import pytest
from lxml import etree

from corpora.jats.printed_references import printed_reference
from corpora.jats.prose_titles import find_title

TITLED = {
    # Vancouver, the year in front or behind.
    "Samet H, Lee K (2006) Foundations of data structures. Kaufmann.": ("Foundations of data structures", "Samet", "2006"),
    "de la Rosa M, O'Neil KP Jr, et al. Growth of algae in ponds. Pond Sci. 2011;3:4–9.": ("Growth of algae in ponds", "de la Rosa", "2011"),
    "12. Wu L. Algae [Internet]. Pond Press; 2011.": ("Algae", "Wu", "2011"),
    "Okoro C M, Diaz P. Whither the pond? A review. Pond Sci 2011": ("Whither the pond? A review", "Okoro", "2011"),
    "Okoro CM. Growth of Chlorella sp. in the pond. In: Wu L, editor. Ponds.": ("Growth of Chlorella sp. in the pond", "Okoro", None),
    # Harvard, APA, Nature.
    "Okoro, C. M., & Diaz-Sol, P. (2011a). Growth of algae in ponds: a model. Pond Science, 3(2), 4–9.": ("Growth of algae in ponds: a model", "Okoro", "2011"),
    "Okoro, C. & Diaz, P. Growth of 1,092 algae. Pond Sci. 3, 4–9 (2011).": ("Growth of 1,092 algae", "Okoro", "2011"),
    "Okoro C., Diaz P., 2011. Growth of algae (Chlorella L.) in ponds. Pond Sci. 3:4–9.": ("Growth of algae (Chlorella L.) in ponds", "Okoro", "2011"),
    # Physics, Science.
    "C. M. Okoro, P. Diaz, Growth of algae in ponds, Pond Sci. Lett. 3, 4 (2011).": ("Growth of algae in ponds", "Okoro", "2011"),
    "C. Okoro (Pond Collaboration), Growth of algae in ponds, in Proceedings of Ponds (2011).": ("Growth of algae in ponds", "Okoro", "2011"),
    "C. Okoro, “Growth of algae in ponds,” Pond Sci. 3, 4 (2011).": ("Growth of algae in ponds", "Okoro", "2011"),
    "C. Okoro, “Whither the pond?” Pond Sci. 3, 4 (2011).": ("Whither the pond?", "Okoro", "2011"),
    "C. Okoro and P. Diaz, “Pond algae,” Pond Sci. 3, 4 (2011).": ("Pond algae", "Okoro", "2011"),
    "Okoro C, Diaz P (2011) Growth of Viola odora (L.) Pond in (semi. wild) ponds. Pond Sci 3": ("Growth of Viola odora (L.) Pond in (semi. wild) ponds", "Okoro", "2011"),
    "Okoro C. [Growth of algae. A review]. Pond Sci 2011": ("[Growth of algae. A review]", "Okoro", "2011"),
    # Organizations, and nobody.
    "Pond Authority. Guide to ponds. 2011. https://pond.example": ("Guide to ponds", "Pond Authority", "2011"),
    "Ministry of Ponds (2011) Guide to ponds and lakes. Lakeside.": ("Guide to ponds and lakes", "Ministry of Ponds", "2011"),
    "World Pond Organization. Members of the Convention of Ponds: United Ponds; 2016. Available: x": ("Members of the Convention of Ponds", "World Pond Organization", "2016"),
    "Wu L. The Pond-Based Algae Library. 2014.": ("The Pond-Based Algae Library", "Wu", "2014"),
    "Wu L (1998). ponder—a program for ponds.": ("ponder—a program for ponds", "Wu", "1998"),
    "Roe v. Pond Board. 410 U.S. 113; 1973.": ("Roe v. Pond Board", None, "1973"),
    "Clean Ponds, Lakes, and Rivers Act Pub. L. No. 102-3 (July 10, 1992).": ("Clean Ponds, Lakes, and Rivers Act", None, "1992"),
    "Calibrated Pond Software [Internet], Ada Wu; c2014 May. Available from: https://pond.example": ("Calibrated Pond Software", None, "2014"),
    "Panel on Pond Change (2007) Pond Change 2007: Mitigation of Change. Wu L, editor.": ("Pond Change 2007: Mitigation of Change", "Panel on Pond Change", "2007"),
    "Pond Core Team. P: A Language and Environment for Ponds. Pond Foundation.": ("P: A Language and Environment for Ponds", "Pond Core Team", None),
    "Wu A, Lee K. Handbook of Odd Ponds 3rd edn (Pond Press, 2003).": ("Handbook of Odd Ponds", "Wu", "2003"),
    "Ivanov I.I. Growth of algae in ponds // J. Ponds. 2001. V. 3. P. 1.": ("Growth of algae in ponds", "Ivanov", "2001"),
    "Wu A. et al., Growth of algae in ponds, J. Ponds 3 (2001) 1–4.": ("Growth of algae in ponds", "Wu", "2001"),
    "The Great Pond Database. 2017. http://pond.example/. Accessed 14 Sept 2017.": ("The Great Pond Database", None, "2017"),
    "PAO, IPAD, WPP. The state of ponds in the world. 2015.": ("The state of ponds in the world", "PAO, IPAD, WPP", "2015"),
    "World Pond Organization. Trends in pond mortality: 1990 to 2015. Lakeside: Pond Press; 2015.": ("Trends in pond mortality: 1990 to 2015", "World Pond Organization", "2015"),
    "Pond Works GmbH. Conference Materials. Algae in ponds: growth and decay (2012)": ("Algae in ponds: growth and decay", "Pond Works GmbH", "2012"),
    "The P Project for Pond Computing [http://www.pond.example]": ("The P Project for Pond Computing", None, None),
    "Keeping a clean pond in the city. https://pond.example. Accessed 2 May 2011.": ("Keeping a clean pond in the city", None, "2011"),
}  # fmt: skip
UNTITLED = (
    "Okoro CM, Diaz P. Pond Sci. 2011;3:4.",
    "Okoro, C. & Diaz, P. (2011). Food Chem. Toxicol. 45, 2296–2303.",
    "C. Okoro, Phys. Rev. B 4, 3174 (1971).",
    "C. Okoro, personal communication.",
    "Okoro, C. PhD thesis, Univ. of Ponds (2001).",
    "See the discussion in this section, which we owe to a reader (2011).",
    "We thank the pond.",
    "Okoro, C., 2016, preprint (arXiv:1610.06826)",
    "Niang, I., O. C. Ruppel, M. A. Abd, and P. Urq. Ponds in 2014: impacts. Part B.",
    "www.pond.example",
    "Okoro CM. Trends in Pond Science. 2011.",
    "WU, L. G., DIAZ, J, ROE, D. & 6 others 1996. Ponds.",
    "",
)


@pytest.mark.parametrize(("line", "expected"), TITLED.items())
def test_a_printed_title(line: str, expected: tuple[str, str | None, str | None]) -> None:
    found = find_title(line)
    assert found is not None
    assert (found.title, found.surname, found.year) == expected


@pytest.mark.parametrize("line", UNTITLED)
def test_no_title_is_made_up(line: str) -> None:
    assert find_title(line) is None


def printed(xml: str) -> str | None:
    found = find_title(*printed_reference(etree.fromstring(xml)))
    return found.title if found else None


def test_tagged_parts_are_no_titles() -> None:
    names = "<person-group><name><surname>Okoro</surname></name></person-group>"
    book = "Ponds and algae in <italic>Handbook of all ponds</italic> (Press, 2011)."
    assert printed(f"<c>{names} (<year>2011</year>) Herbs. Pan Books.</c>") == "Herbs"
    assert (
        printed(f"<c>{names} (2011). Ponds: a review. <source>Pond Sci.</source></c>")
        == "Ponds: a review"
    )
    assert (
        printed("<c>Wu L, Diaz P, <etal>et al</etal>.. (2005) Ponds turn sour.</c>")
        == "Ponds turn sour"
    )
    assert printed(f"<c>{names}, 2011 <source>Pond Sci.</source> <volume>3</volume></c>") is None
    assert (
        printed(f"<c>[2] {names}, Ponds and algae, Pond Sci. 3, 4 (2011)</c>") == "Ponds and algae"
    )
    volume = "<italic>Odd J.</italic> B <bold>3</bold> 1"
    assert printed(f"<c>Wu L 2001 Growth of <italic>A. odora</italic> {volume}</c>") == (
        "Growth of A. odora"
    )
    assert printed(f"<c>Wu L 2001 {volume}</c>") is None
    assert printed("<c>Wu L 2001 Ponds of algae <italic>Odd J.</italic>, 31(2), 1-4</c>") == (
        "Ponds of algae"
    )
    assert printed("<c>Wu L (2001) <italic>Ponds of algae</italic>. Odd Press.</c>") == (
        "Ponds of algae"
    )
    assert printed(f"<c>Okoro, C. M. {book}</c>") == "Ponds and algae"
    assert (
        printed(
            "<c><collab>Pond Board</collab>. <bold>The <math><mi>x</mi></math> pond of algae</bold>. 2011.</c>"
        )
        == "The \\(x\\) pond of algae"
    )


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "line",
    ["A" * 100_000, "Aa " * 50_000, "Wu L, " * 50_000, "A. " * 50_000, "“" * 50_000, "De La " * 50_000, "(" * 50_000, "A-" * 50_000, "1, 2" * 50_000],
)  # fmt: skip
def test_bounded_time(line: str) -> None:
    find_title(line)
    find_title(line, authored=True)
