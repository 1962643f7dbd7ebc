r"""Presentation MathML to LaTeX (MathML 3, https://www.w3.org/TR/MathML3/chapter3.html).

`mathml_to_latex` takes any lxml element, with or without the MathML namespace, and gives LaTeX
without delimiters, its braces always balanced. A formula that carries its own TeX
(`annotation encoding="application/x-tex"`) gives that. Elements that are not known give their
content; content MathML is made presentable first (`corpora.mathml.content`).

>>> from lxml import etree
>>> mathml_to_latex(etree.fromstring(
...     "<math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>"))
'E = mc^{2}'
"""

from corpora.mathml.conversion import mathml_to_latex

__all__ = ["mathml_to_latex"]
