from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from edubox.box.teacher import asking
from edubox.box.teacher.asking import CHOICE, KEPT, MATCHING, NUMBER, SHORT, TRUTH, Asked, Row
from edubox.importers.gift import read_gift

EVERY = [
    Asked(CHOICE, "2 + 2 = ?", (Row("4", right=True, why="Oui {bravo}"), Row("~5"), Row("3", why="#presque")), "Voir page 3"),
    Asked(CHOICE, "Lesquels sont pairs ?", (Row("2", right=True), Row("4", right=True), Row("3"), Row("6", right=True))),
    Asked(TRUTH, "La Terre est plate.", (Row(why="Non !"), Row(why="Bravo")), true=False),
    Asked(NUMBER, "Combien vaut π ?", (Row(why="Bien"),), value="3,14", tolerance="0,01"),
    Asked(NUMBER, "6 × 7", (Row(),), value="42"),
    Asked(SHORT, "Capitale ?\n\nDe la France.", (Row("Paris", right=True), Row("paris", right=True))),
    Asked(MATCHING, "Relie", (Row("chien", right=True, partner="dog"), Row("chat", right=True, partner="cat -> kitten"))),
]  # fmt: skip


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.text[:12])
def test_a_question_that_was_kept_opens_again_as_it_was_typed(one):
    assert not one.wrong
    assert asking.of_gift(asking.as_gift([one])) == [one]


def test_a_whole_quiz_is_read_by_the_importer_in_its_order():
    questions, lost = read_gift(asking.as_gift(EVERY))
    assert not lost
    assert [one.kind for one in questions] == [
        "choice", "several", "truth", "number", "number", "short", "matching"
    ]  # fmt: skip


@pytest.mark.parametrize("written", [
    "Le chat {=mange ~boit} la souris.", "Raconte. {}", "// un mot\nVrai ? {T}", "$CATEGORY: histoire", "Q {~%50%a ~%50%b ~c}",
    "Illisible { ~ }", "Racine ? {#=%100%2:0 =%50%-2:0}", "Lis ceci.", "Q {=a\\nb ~c}",
])  # fmt: skip
def test_what_the_form_cannot_show_stays_in_the_file_as_it_was(written):
    text = f"{written}\n\nEt ? {{T}}\n"
    found = asking.of_gift(text)
    assert [one.kind for one in found] == [KEPT, TRUTH]
    assert written in asking.as_gift(found)


@pytest.mark.parametrize(("one", "why"), [
    (Asked(CHOICE), "text"), (Asked(CHOICE, "?", (Row("a", right=True),)), "answers"), (Asked(CHOICE, "?", (Row("a"), Row("b"))), "right"),
    (Asked(NUMBER, "?", value="douze"), "number"), (Asked(SHORT, "?", (Row(),)), "answer"),
    (Asked(MATCHING, "?", (Row("a", partner="b"), Row("c"))), "pairs"), (Asked(KEPT, source="a {T}\n\nb"), "kept"),
])  # fmt: skip
def test_what_cannot_be_asked_yet_says_why(one, why):
    assert one.wrong == why


def test_buttons_add_move_copy_and_remove():
    a, b = EVERY[0], EVERY[2]
    assert asking.acted([a, b], "up:1") == [b, a]
    assert asking.acted([a, b], "down:0") == [b, a]
    assert asking.acted([a, b], "copy:0") == [a, a, b]
    assert asking.acted([a, b], "remove:0") == [b]
    assert len(asking.acted([a], "row:0")[0].rows) == 4
    assert asking.acted([a], "drop:0:1")[0].rows == (a.rows[0], a.rows[2])
    assert [asking.acted([], f"add:{kind}")[0].kind for kind in asking.NEW] == list(asking.NEW)


@pytest.mark.parametrize(
    "action", ["", "up", "up:", "up:9", "up:²", "add:kept", "drop:0", "drop:0:x", "burn:0"]
)
def test_there_is_no_other_button(action):
    assert asking.acted([EVERY[0]], action) is None


def test_a_form_full_of_rubbish_is_cut_to_size():
    form = MultiDict([("q", str(n)) for n in range(5000)])
    form["q0.text"], form["q0.kind"] = "x" * 100_000, "<script>"
    form.setlist("q0.row", [str(n) for n in range(5000)])
    found = asking.of_form(form)
    assert len(found) == asking.MAX_QUESTIONS
    assert len(found[0].text) <= asking.LONG
    assert len(found[0].rows) == asking.MAX_ROWS
    assert found[0].kind == CHOICE
