"""Formulas: drawn by the phone's browser, never another formula than the one that was written."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.importers import markdown
from edubox.importers.formulas import ELEMENTS, mathml
from tests.importers.building import Lesson, samples


def shown(text):
    """The page made of *text*, and the formulas that could not be translated."""
    lost = []
    return markdown.render(text, lost.append), lost


@pytest.mark.parametrize(("text", "display"), [
    ("Soit $x^2$.", "inline"), (r"Soit \(x^2\).", "inline"), (r"Soit \\(x^2\\).", "inline"), ("Soit $$x^2$$ ainsi.", "block"),
    ("$$\nx^2\n$$", "block"), ("$$x^2$$", "block"), ("\\[\nx^2\n\\]", "block"), (r"Soit \[x^2\].", "block"), ("```math\nx^2\n```", "block"),
    ("- un\n\n  $$\n  x^2\n  $$", "block"), ("> $$x^2$$", "block"), ("texte\n$$\nx^2\n$$\nsuite", "block"), ("| a |\n|---|\n| $x^2$ |", "inline"),
])  # fmt: skip
def test_a_formula_is_drawn_however_it_is_marked(text, display):
    page, lost = shown(text)
    assert (
        f'<math display="{display}" alttext="x^2"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
        in page
    )
    assert lost == []
    assert "$" not in page


def test_what_a_limit_tends_to_stands_below_it():
    page, _ = shown(r"$$\lim_{n\to 0} u_n$$")
    assert '<munder><mo movablelimits="true">lim</mo>' in page
    assert "<msub><mi>u</mi><mi>n</mi></msub>" in page


def test_lines_of_an_equation_are_no_headings_and_no_lists():
    page, lost = shown("$$\na\n= b\n- c\n$$")
    assert "<h1" not in page
    assert "<li" not in page
    assert "<mo>=</mo><mi>b</mi><mo>−</mo><mi>c</mi>" in page
    assert lost == []


def test_aligned_equations_are_drawn_without_numbers():
    page, lost = shown("\\begin{align}\na &= b \\\\\n  &= c \\label{e}\n\\end{align}")
    assert page.count("<mtr>") == 2
    assert "(1)" not in page.replace("alttext", "")
    assert lost == []


@pytest.mark.parametrize("text", [
    "5 $ et 6 $", "entre $5 et $6", "5$/kg ou 6$/kg", r"\$x\$", "`$x$` et ``$$y$$``", "```\n$x$\n```", "    $x$", "un $ seul",
    "`echo $HOME` coûte $5 et `$x`", "$$", "$ $", r"\begin{document}", r"# Pile \[*Stack*\]", r"\[Note\]", r"un mot \(voir la page 3\)",
])  # fmt: skip
def test_prices_code_and_lone_dollars_stay_text(text):
    page, lost = shown(text)
    assert "<math" not in page
    assert lost == []


def test_a_formula_behind_a_price_is_still_one():
    page, _ = shown(r"Cela coûte 5 $ et $x$ euros, soit 2$\pi$.")
    assert page.count("<math") == 2


@pytest.mark.parametrize("formula", [
    r"\frac{1}", "x^", r"\left(", r"\inconnu{x}", "a_1_2", r"\newcommand{\a}{\a\a}\a", r"\def\a{\a}\a", "{" * 900,
])  # fmt: skip
def test_a_formula_that_cannot_be_read_shows_its_source(formula):
    page, lost = shown(f"Voici ${formula}$.")
    assert "<math" not in page
    assert f"<code>${formula}$</code>" in page
    assert lost == [f"${formula}$"]


def test_a_formula_too_deep_or_too_long_is_refused():
    for formula in (r"\sqrt{" * 800 + "}" * 800, "x" * 6000):
        with pytest.raises(ValueError, match=re.escape(formula[:20])):
            mathml(formula, display=True)


def test_its_author_is_told_the_file_and_the_formula(tmp_path):
    cell = {"cell_type": "markdown", "source": r"$\inconnu$"}
    lesson = Lesson(
        tmp_path, {"a.md": r"$\frac{1}$", "b.ipynb": json.dumps({"cells": [cell], "nbformat": 4})}
    )
    assert lesson.said("a.md", r"$\frac{1}$", "as they were typed")
    assert lesson.said("b.ipynb", r"$\inconnu$")


@pytest.mark.parametrize("formula", [
    r"\text{<script>alert(1)</script>}", r"\href{javascript:alert(1)}{x}", r"\style{position:fixed}{x}", r"\class{x}{y}",
    r"\text{</math><img src=x onerror=alert(1)>}", r"\color{red;x:y}{z}",
])  # fmt: skip
def test_nothing_in_a_formula_acts(tmp_path, formula):
    page = Lesson(tmp_path, {"a.md": f"# T\n\n$$\n{formula}\n$$"}).read("a.md.html")
    body = re.sub(r'alttext="[^"]*"', "", page[page.index("<body>") :])
    assert "<script" not in body
    assert "<img" not in body
    assert "href" not in body
    assert " style=" not in body


def test_formulas_reach_the_page_and_mathml_of_the_author_stays(tmp_path):
    page = Lesson(
        tmp_path,
        {"a.md": "# T\n\n$\\frac{a}{b}$ <math onclick='x()'><mi>q</mi><a href='javascript:x'>r</a></math>"},
    ).read("a.md.html")
    assert (
        r'<math display="inline" alttext="\frac{a}{b}"><mrow><mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac></mrow></math>'
        in page
    )
    assert "<mi>q</mi>" in page
    assert "onclick" not in page
    assert "javascript" not in page
    assert "@supports not" in page, "a browser without MathML shows what was typed"


@given(st.text(alphabet=r"\{}()[]^_&$abfracsqtxl12 +<>'" + '"', max_size=60))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_becomes_clean_mathml_or_is_refused(formula):
    try:
        found = mathml(formula, display=False)
    except ValueError:
        return
    assert set(re.findall(r"<([a-z]+)", re.sub(r'"[^"]*"', "", found))) <= ELEMENTS


def test_every_formula_of_a_real_textbook_is_drawn(tmp_path):
    lesson = Lesson(tmp_path, source=samples("textbook-fr/nsi-premiere-glassus.zip"))
    pages = [
        lesson.read(item.entry) for item in lesson.manifest.items() if item.type in {"notebook", "markdown"}
    ]
    assert sum(page.count("<math ") for page in pages) > 150
    assert not lesson.said("formulas")


@pytest.mark.parametrize("begun", ["\\(", "\\[", "\\[a\n", "$$a\n", "\\begin{align}\n", "\\[a \\] b\n"])
def test_formulas_that_nobody_ends_cost_a_lesson_no_night(begun):
    assert "Words" in markdown.render(f"{begun * 5000}\n\nWords")
