"""What the quiz editor writes is what it reads back, whatever a teacher typed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.importers.gift import Answer, Question, read_gift
from edubox.importers.gift_text import write_gift

_LETTERS = st.characters(exclude_categories=["Cs", "Co", "Cc"]) | st.sampled_from("~=#{}:>\\%-/[]$\nTF")
TEXT = st.text(_LETTERS, max_size=30).map(
    lambda text: "\n".join(" ".join(text.split(" ")).splitlines()).strip()
)
WORDS = TEXT.filter(bool)


def _choice(draw):
    wrong = draw(st.lists(st.builds(Answer, WORDS, st.sampled_from([0, -50.0, 33.33333]), TEXT), max_size=4))
    return "choice", (Answer(draw(WORDS), 100, draw(TEXT)), Answer(draw(WORDS), 0), *wrong)


def _several(draw):
    return "several", tuple(
        draw(
            st.lists(
                st.builds(Answer, WORDS, st.sampled_from([50.0, 33.33333]), TEXT), min_size=1, max_size=4
            )
        )
    )


def _truth(draw):
    right = draw(st.sampled_from("TF"))
    whys = draw(st.tuples(TEXT, TEXT))
    return "truth", tuple(
        Answer(one, 100 if one == right else 0, why) for one, why in zip("TF", whys, strict=True)
    )


def _number(draw):
    value, wide = draw(st.integers(-999, 999)), draw(st.integers(0, 9))
    return "number", (Answer(f"{value}:{wide}", 100, draw(TEXT), value - wide, value + wide),)


def _short(draw):
    return "short", tuple(
        draw(st.lists(st.builds(Answer, WORDS, st.just(100.0), TEXT), min_size=1, max_size=4))
    )


def _matching(draw):
    pairs = draw(st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=4))
    return "matching", tuple(Answer(left, 100, partner=right) for left, right in pairs)


@st.composite
def question(draw):
    kind, answers = draw(st.sampled_from([_choice, _several, _truth, _number, _short, _matching]))(draw)
    return Question(
        draw(TEXT), draw(st.sampled_from(["plain", "markdown"])), draw(WORDS), "", kind, answers, draw(TEXT)
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(question(), min_size=1, max_size=3))
def test_what_is_written_is_read_back_the_same(questions):
    assert read_gift(write_gift(questions)) == (questions, [])


def test_it_looks_like_what_moodle_s_own_page_shows():
    asked = Question(
        "Capitale",
        "plain",
        "La capitale ?",
        "",
        "choice",
        (Answer("Paris", 100), Answer("Lyon", 0, "Non")),
        "Bien",
    )
    assert write_gift([asked]) == "::Capitale::[plain]La capitale ? {=Paris ~Lyon #Non ####Bien}\n"
