"""Moodle's GIFT format: every kind of question, and what is not understood is named."""

from __future__ import annotations

import pytest

from edubox.importers.gift import MAX_QUESTIONS, read_gift


def one(source):
    (question,), lost = read_gift(source)
    assert lost == []
    return question


def worths(question):
    return [(answer.text, answer.worth) for answer in question.answers]


def test_a_choice_with_feedback():
    question = one("::Capitale::[html]Où\nvit le roi ?{=Paris#Oui.~Lyon #Non.~%-50%Rien####Voilà.}")
    assert (question.title, question.form, question.text, question.kind, question.why) == (
        "Capitale",
        "html",
        "Où\nvit le roi ?",
        "choice",
        "Voilà.",
    )
    assert worths(question) == [("Paris", 100), ("Lyon", 0), ("Rien", -50)]
    assert [answer.why for answer in question.answers] == ["Oui.", "Non.", ""]


def test_several_right_answers():
    question = one("Pairs ?{~%50%2 ~%50%4 ~%-100%5}")
    assert (question.kind, worths(question)) == ("several", [("2", 50), ("4", 50), ("5", -100)])


@pytest.mark.parametrize(("inside", "right"), [("T", "T"), ("TRUE", "T"), ("f", "F"), ("FALSE#non#oui", "F")])
def test_true_or_false(inside, right):
    question = one(f"La Terre tourne.{{{inside}}}")
    assert question.kind == "truth"
    assert [answer.text for answer in question.answers if answer.worth == 100] == [right]


def test_feedback_for_wrong_comes_before_feedback_for_right():
    question = one("La Terre tourne.{T#Non.#Oui.}")
    assert {answer.text: answer.why for answer in question.answers} == {"T": "Oui.", "F": "Non."}


def test_a_short_text_with_several_spellings():
    assert worths(one("Auteur ?{=Hugo =%80%V. Hugo}")) == [("Hugo", 100), ("V. Hugo", 80)]


@pytest.mark.parametrize(("inside", "bounds"), [
    ("#5", [(5, 5, 100)]), ("#3.14:0.01", [(3.13, 3.15, 100)]), ("#1..5", [(1, 5, 100)]), ("#-2,5:0,5", [(-3, -2, 100)]),
    ("#=5:1#bien =%50%5:2#presque", [(4, 6, 100), (3, 7, 50)]), ("#5..1", [(1, 5, 100)]),
])  # fmt: skip
def test_numbers_with_tolerance_and_ranges(inside, bounds):
    question = one(f"Combien ?{{{inside}}}")
    assert question.kind == "number"
    assert [
        (pytest.approx(answer.low), pytest.approx(answer.high), answer.worth) for answer in question.answers
    ] == bounds


def test_pairs_and_a_partner_too_many():
    question = one("Relie.{=Dakar -> Sénégal =Lima -> Pérou = -> Chili}")
    assert question.kind == "matching"
    assert [(answer.text, answer.partner) for answer in question.answers] == [
        ("Dakar", "Sénégal"),
        ("Lima", "Pérou"),
        ("", "Chili"),
    ]


def test_a_missing_word():
    question = one("L'eau bout à {=100 ~50} degrés.")
    assert (question.text, question.after, question.kind) == ("L'eau bout à", "degrés.", "choice")


def test_free_text_and_what_is_no_question():
    (essay, told), lost = read_gift("Raconte. {}\n\nLis ce texte.")
    assert (essay.kind, told.kind, lost) == ("essay", "told", [])


def test_comments_categories_and_line_ends_of_windows_are_left_out():
    questions, lost = read_gift(
        "// question: 1\r\n$CATEGORY: $course$/top\r\n\r\n// un\r\nA ?{T}\r\n\r\n\r\nB ?{F}"
    )
    assert [question.text for question in questions] == ["A ?", "B ?"]
    assert lost == []


def test_escaped_signs_are_signs():
    question = one(r"Que vaut \{x\: x \= 2\} \~ \# \\ ?{=a\=b ~c\#d ~e\nf}")
    assert question.text == "Que vaut {x: x = 2} ~ # \\ ?"
    assert [answer.text for answer in question.answers] == ["a=b", "c#d", "e\nf"]


def test_a_text_is_html_only_if_it_looks_so():
    assert one("Si a < b et c > d ?{T}").form == "plain"
    assert one("<p>Si</p> ?{T}").form == "moodle"


def test_answers_of_moodle_s_exports_lose_the_name_of_their_markup():
    assert one("[html]<p>A</p>{=[html]<p>b</p>#[html]<p>c</p> ~d}").answers[0].text == "<p>b</p>"


@pytest.mark.parametrize(
    "source",
    [
        "A {",
        "A }",
        "A {=b} {=c}",
        "A {{T}}",
        "A {b}",
        "A {~b ~c}",
        "A {#x}",
        "A {#}",
        "A {=}",
        "{T}",
        "A {=b -> c =}",
        "A {#1:2:3}",
    ],
)
def test_what_cannot_be_understood_is_named_and_the_rest_kept(source):
    questions, lost = read_gift(f"B {{T}}\n\n{source}\n\nC {{F}}")
    assert [question.text for question in questions] == ["B", "C"]
    assert len(lost) == 1


def test_a_file_without_end_ends():
    questions, lost = read_gift("A {T}\n\n" * (MAX_QUESTIONS + 5))
    assert (len(questions), len(lost)) == (MAX_QUESTIONS, 5)
