"""HTML bodies: each form of Markdown, formulas and prices, and HTML that is broken or hostile."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.documents import ReadOptions, RecordUnreadable
from corpora.html_markdown import html_to_markdown
from tokenization.markers import pairing_fault, reveal

PAPER = ReadOptions(latex_markers=False)


def markdown(html: str, options: ReadOptions = PAPER) -> str:
    return reveal("\n\n".join(html_to_markdown(html, options, Counter())))


FORMS = {
    r"<p>So $\alpha$? $$ $$ Or</p>": r"So \(\alpha\)? Or",
    "<p>An <span class='math-container'>$apple of the eye$</span> is "
    "<span class='math-container'>$$a&lt;b$$</span>. So <span class='math-container'>\\(5 \\)"
    "</span> $5 or <span class='math-container'>$x</span>.</p>":
        "An \\(apple of the eye\\) is\n\n\\[a<b\\].\n\nSo \\(5\\) $5 or $x.",
    r"<p>With $\alpha$ one</p><p>takes $n $ at \$5. <code>\$x</code></p>":
        r"With \(\alpha\) one" "\n\n" r"takes \(n\) at $5. `\$x`",
    "<p>One <em>two</em>\n <b>three</b>.</p><p>Four</p>": "One two three.\n\nFour",
    "<p>a <a href='https://example.org'>label</a> b</p>": "a label b",
    "<p>see <img src='x.png' alt='enter image description here'> and</p>": "see [IMAGE] and",
    "<p><a href='b.png'><img src='a.png' alt='A pond in   winter.'></a></p><p>So</p>":
        "[IMAGE]\n\nA pond in winter\n\nSo",
    "<p>see <img src='a.png' alt='the curve of $x^2$'>, <img alt='Ann'> "
    "<img alt='my file.png'></p>":
        "see [IMAGE] (the curve of \\(x^2\\)), [IMAGE] [IMAGE]",
    "<p><img alt='Screenshot 2019-01-02 10.11.12'><img alt='alt text'></p>": "[IMAGE]\n\n[IMAGE]",
    "<table><tr><td><img alt='one | two'></td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>":
        "| [IMAGE] (one \\| two) | b |\n| --- | --- |\n| c | d |",
    "<p>line<br>\nbreak</p>": "line\nbreak",
    "<p>H<sub>2</sub>O, 10<sup>-3</sup>, 1<sup>st</sup></p>":
        "H[START_SUB]2[END_SUB]O, 10[START_SUP]-3[END_SUP], 1st",
    "<p><sub>a remark in small print</sub></p>": "a remark in small print",
    "<p>run <code>a  `b`</code> or <code>$x$</code></p>": "run `` a `b` `` or `$x$`",
    "<pre><code>if x:\n    y = '$5'  \n</code></pre>": "```\nif x:\n    y = '$5'\n```",
    "<pre class='lang-py prettyprint-override'><code>x\n</code></pre>": "```python\nx\n```",
    "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>": "- a\n  - b\n- c",
    "<ol start='3'><li><p>a</p><p>b</p></li><li>c</li></ol>": "3. a\n\n   b\n\n4. c",
    "<ul>stray<li>a</ul>": "- a\n- stray",
    "<blockquote><p>a</p><p>b</p></blockquote>": "> a\n>\n> b",
    "<h1>T</h1><h3>U</h3>": "# T\n\n### U",
    "<p>a</p><hr><p>b</p>": "a\n\n---\n\nb",
    "<table><thead><tr><th>a</th><th>$|x|$</th></tr></thead><tbody><tr><td>1|2</td><td>3</td></tr>"
    "</tbody></table>": "| a | \\(\\vert x\\vert\\) |\n| --- | --- |\n| 1\\|2 | 3 |",
    "<dl><dt>term</dt><dd>meaning</dd></dl>": "- term: meaning",
    "<p>Let $x &lt; y$:\n\n$$x = 1$$, so</p>": "Let \\(x < y\\):\n\n\\[x = 1\\],\n\nso",
    "<p>By \\eqref{e} and \\eqref{f}: $$x \\tag{2}\\label{e}$$</p>":
        "By (2) and:\n\n\\[x\\]",
    "<p>$5 or $10</p>": "$5 or $10",
    "<p>a &lt;b&gt; &amp;amp; c</p>": "a <b> &amp; c",
    "<script>alert(1)</script><style>p{}</style><p>a</p><!-- b -->": "a",
    "": "",
    "   \n": "",
}  # fmt: skip


@pytest.mark.parametrize("html", FORMS)
def test_a_form(html: str) -> None:
    assert markdown(html) == FORMS[html]


def test_formulas_have_their_markers() -> None:
    assert markdown("<p>so $x$</p>", ReadOptions()) == "so [START_LATEX]\\(x\\)[END_LATEX]"


@pytest.mark.parametrize("html", ["<div>" * 5000 + "x", "<b><i>" * 400 + "x", "<ul><li>" * 300])
def test_nesting_is_bounded(html: str) -> None:
    with pytest.raises(RecordUnreadable, match="too deep"):
        markdown(html)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<table><tr><td>", "</td></tr></table>"),
        ("<table><caption>", "</caption></table>"),
        ("<dl><dt>a</dt><dd>", "</dd></dl>"),
        ("<ul><li>", "</li></ul>"),
        ("<blockquote><p>", "</p></blockquote>"),
        ("<pre><code>", "</code></pre>"),
        ("a<sup>", "</sup>"),
        ("<h1><div>", "</div></h1>"),
        ("<del>a", "</del>"),
    ],
)
def test_elements_deep_inside_each_other_cost_little(opening: str, closing: str) -> None:
    depth = 80 // opening.count("<")
    start = time.monotonic()
    assert "x" in markdown(opening * depth + "x" + closing * depth)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>a < b</p></div></body></html> after", ["a < b", "after"]),
        ("no tags at all", ["no tags at all"]),
        ("<p>one<p>two<div>three", ["one", "two", "three"]),
        ("<table><tr><td>one<table><tr><td>two</table></table>", ["one", "two"]),
        ("<td colspan='99999999'>one</td><li>two", ["one", "two"]),
        ("x&#xE004;y&#0;z&#xD800;w", ["xy"]),
        ("<a><p>one</p></a><em><ul><li>two</li></ul></em>", ["one", "- two"]),
    ],
)
def test_broken_html_keeps_its_words(html: str, words: list[str]) -> None:
    text = markdown(html)
    assert [word for word in words if word not in text] == []


_TAGS = st.sampled_from(
    ["<p>", "</p>", "<ul>", "<li>", "<ol>", "<pre>", "</pre>", "<code>", "</code>", "<blockquote>",
     "<table>", "<tr>", "<td rowspan='3'>", "<sup>", "</sup>", "<sub>", "<b", "<!--", "$", "$$",
     "\\begin{align}", "\\end{align}", "{", "}", "&amp;", "&#x1;", "&#xE000;", "|", "`", "word ",
     "\x00", "\x01", "\x02", "\x03", "\ud800", "\ue001", "<br>", "<img>", "<del>", "\\", "<dl><dt>"]
)  # fmt: skip


@given(st.lists(_TAGS, max_size=60).map("".join))
def test_any_html_gives_sound_text(html: str) -> None:
    blocks = html_to_markdown(html, ReadOptions(), Counter())
    text = "\n\n".join(blocks)
    assert pairing_fault(text) is None
    text.encode("utf-8")
    assert not any(character in text for character in "\x00\x01\x02\x03")
    assert all(line == line.rstrip(" ") for line in text.split("\n"))
