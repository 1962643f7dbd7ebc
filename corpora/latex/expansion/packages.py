r"""Packages whose commands abbreviate plain LaTeX: their definitions, for papers that load them.

physics and its kin are written out, so that a derivative is one formula whoever wrote it.
"""

from typing import Final

_BRAKET: Final = r"""
\newcommand{\bra}[1]{\langle #1|}
\newcommand{\ket}[1]{|#1\rangle}
\newcommand{\braket}[1]{\langle #1\rangle}
\newcommand{\Bra}[1]{\left\langle #1\right|}
\newcommand{\Ket}[1]{\left|#1\right\rangle}
\newcommand{\Braket}[1]{\left\langle #1\right\rangle}
\newcommand{\set}[1]{\{#1\}}
\newcommand{\Set}[1]{\left\{#1\right\}}
"""

_DERIVATIVES: Final = r"""
\DeclareDocumentCommand\dv{s o m g d()}{\IfNoValueTF{#4}
{\frac{\mathrm{d}\IfValueT{#2}{^{#2}}}{\mathrm{d} #3\IfValueT{#2}{^{#2}}}\IfValueT{#5}{(#5)}}
{\frac{\mathrm{d}\IfValueT{#2}{^{#2}} #3}{\mathrm{d} #4\IfValueT{#2}{^{#2}}}}}
\DeclareDocumentCommand\pdv{s o m g g d()}{\IfNoValueTF{#4}
{\frac{\partial\IfValueT{#2}{^{#2}}}{\partial #3\IfValueT{#2}{^{#2}}}\IfValueT{#6}{(#6)}}
{\IfNoValueTF{#5}
{\frac{\partial\IfValueT{#2}{^{#2}} #3}{\partial #4\IfValueT{#2}{^{#2}}}}
{\frac{\partial^{2} #3}{\partial #4\,\partial #5}}}}
\DeclareDocumentCommand\fdv{s o m g}{\IfNoValueTF{#4}{\frac{\delta}{\delta #3}}
{\frac{\delta #3}{\delta #4}}}
\let\derivative\dv \let\partialderivative\pdv \let\functionalderivative\fdv
\let\odv\dv \let\od\dv \let\pd\pdv \let\diff\dv \let\diffp\pdv
"""

_PHYSICS: Final = (
    _DERIVATIVES
    + r"""
\DeclareDocumentCommand\qty{s d() o d|| g g}{\IfNoValueTF{#2}{\IfNoValueTF{#3}{\IfNoValueTF{#4}
{\IfNoValueTF{#6}{\left\{#5\right\}}{\SI{#5}{#6}}}{\left|#4\right|}}{\left[#3\right]}}
{\left(#2\right)}}
\let\quantity\qty
\DeclareDocumentCommand\abs{s m}{\left|#2\right|}
\DeclareDocumentCommand\norm{s m}{\left\|#2\right\|}
\DeclareDocumentCommand\eval{s g d(|}{\left.\IfNoValueTF{#2}{#3}{#2}\right|}
\DeclareDocumentCommand\order{s g d()}{\mathcal{O}\left(\IfNoValueTF{#2}{#3}{#2}\right)}
\DeclareDocumentCommand\comm{s m m}{\left[#2,#3\right]}
\DeclareDocumentCommand\acomm{s m m}{\left\{#2,#3\right\}}
\let\commutator\comm \let\anticommutator\acomm \let\pb\acomm \let\poissonbracket\acomm
\DeclareDocumentCommand\vb{s m}{\mathbf{#2}}
\DeclareDocumentCommand\va{s m}{\vec{\mathbf{#2}}}
\DeclareDocumentCommand\vu{s m}{\hat{\mathbf{#2}}}
\let\vectorbold\vb \let\vectorarrow\va \let\vectorunit\vu
\newcommand\vdot{\cdot}\newcommand\cross{\times}\newcommand\cp{\times}
\DeclareDocumentCommand\grad{g d() o}{\nabla\IfValueT{#1}{ #1}\IfValueT{#2}{(#2)}
\IfValueT{#3}{[#3]}}
\DeclareDocumentCommand\div{g d() o}{\nabla\cdot\IfValueT{#1}{ #1}\IfValueT{#2}{(#2)}
\IfValueT{#3}{[#3]}}
\DeclareDocumentCommand\curl{g d() o}{\nabla\times\IfValueT{#1}{ #1}\IfValueT{#2}{(#2)}
\IfValueT{#3}{[#3]}}
\DeclareDocumentCommand\laplacian{g d() o}{\nabla^{2}\IfValueT{#1}{ #1}\IfValueT{#2}{(#2)}
\IfValueT{#3}{[#3]}}
\let\gradient\grad \let\divergence\div
\DeclareDocumentCommand\dd{o g d()}{\mathrm{d}\IfValueT{#1}{^{#1}}\IfValueT{#2}{ #2}
\IfValueT{#3}{(#3)}}
\let\differential\dd \newcommand\variation{\delta}
\DeclareDocumentCommand\ket{s m}{|#2\rangle}
\DeclareDocumentCommand\bra{s m}{\langle #2|}
\DeclareDocumentCommand\braket{s m g}{\langle #2|\IfNoValueTF{#3}{#2}{#3}\rangle}
\DeclareDocumentCommand\ketbra{s m g}{|#2\rangle\langle\IfNoValueTF{#3}{#2}{#3}|}
\DeclareDocumentCommand\expval{s m g}{\IfNoValueTF{#3}{\langle #2\rangle}
{\langle #3|#2|#3\rangle}}
\DeclareDocumentCommand\mel{s m m m}{\langle #2|#3|#4\rangle}
\let\ip\braket \let\innerproduct\braket \let\op\ketbra \let\dyad\ketbra \let\outerproduct\ketbra
\let\ev\expval \let\expectationvalue\expval \let\matrixel\mel \let\matrixelement\mel
\newcommand\tr{\operatorname{tr}}\newcommand\Tr{\operatorname{Tr}}
\newcommand\trace{\operatorname{tr}}\newcommand\Trace{\operatorname{Tr}}
\newcommand\rank{\operatorname{rank}}\newcommand\erf{\operatorname{erf}}
\newcommand\Res{\operatorname{Res}}\newcommand\pv{\mathcal{P}}
\DeclareDocumentCommand\qq{s m}{\quad\text{#2}\quad}
\newcommand\qc{,\quad}\newcommand\qcc{\quad\text{c.c.}\quad}
\newcommand\qand{\quad\text{and}\quad}\newcommand\qor{\quad\text{or}\quad}
\newcommand\qif{\quad\text{if}\quad}\newcommand\qthen{\quad\text{then}\quad}
\newcommand\qfor{\quad\text{for}\quad}\newcommand\qwith{\quad\text{with}\quad}
\newcommand\qotherwise{\quad\text{otherwise}\quad}\newcommand\qwhere{\quad\text{where}\quad}
\DeclareDocumentCommand\mqty{s g d() o d||}{\IfValueT{#2}{\begin{matrix}#2\end{matrix}}
\IfValueT{#3}{\begin{pmatrix}#3\end{pmatrix}}\IfValueT{#4}{\begin{bmatrix}#4\end{bmatrix}}
\IfValueT{#5}{\begin{vmatrix}#5\end{vmatrix}}}
\newcommand\pmqty[1]{\begin{pmatrix}#1\end{pmatrix}}
\newcommand\bmqty[1]{\begin{bmatrix}#1\end{bmatrix}}
\newcommand\vmqty[1]{\begin{vmatrix}#1\end{vmatrix}}
\let\matrixquantity\mqty
"""
)

_COMMATH: Final = (
    _DERIVATIVES
    + r"""
\newcommand\dif{\mathrm{d}}\newcommand\Dif{\mathrm{D}}
\newcommand\abs[2][]{\left|#2\right|}\newcommand\norm[2][]{\left\|#2\right\|}
\newcommand\del[2][]{\left(#2\right)}\newcommand\sbr[2][]{\left[#2\right]}
\newcommand\cbr[2][]{\left\{#2\right\}}\newcommand\set[2][]{\left\{#2\right\}}
\newcommand\eval[2][]{\left.#2\right|}\newcommand\fullfunction[5]{#1\colon #2\to #3,\;#4\mapsto #5}
"""
)

#: Package -> the source of its definitions.
PACKAGES: Final = {
    "braket": _BRAKET,
    "physics": _PHYSICS,
    "derivative": _DERIVATIVES,
    "diffcoeff": _DERIVATIVES,
    "esdiff": _DERIVATIVES,
    "commath": _COMMATH,
}
