"""Words that a country brings are one or two plain sentences each, and fill in what the English sentence fills in."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edubox.errors import BadInput
from edubox.pack import wording

BRETON = {
    "name": "Brezhoneg",
    "messages": {"Begin": "Kregiñ", "%(num)d lessons": ["%(num)d gentel", "%(num)d kentel"]},
}


def test_one_form_or_two_are_taken():
    assert wording.languages({"br": BRETON}) == {"br": BRETON}
    assert dict(wording.sentences(BRETON["messages"])) == {
        "Begin": ("Kregiñ",),
        "%(num)d lessons": ("%(num)d gentel", "%(num)d kentel"),
    }


@pytest.mark.parametrize("tables", [
    [], {"BR": BRETON}, {"../x": BRETON}, {"br": 1}, {"br": {"messages": {}}}, {"br": BRETON | {"name": " "}},
    {"br": BRETON | {"name": "<b>"}}, {"br": BRETON | {"direction": "up"}}, {"br": BRETON | {"messages": []}},
    {"br": BRETON | {"author": "me"}}, {"br": BRETON | {"direction": []}},
    {"br": BRETON | {"messages": {str(number): "x" for number in range(wording.SENTENCES + 1)}}},
    {chr(97 + number) * 2: BRETON for number in range(wording.LANGUAGES + 1)},
])  # fmt: skip
def test_what_is_no_table_of_words_is_refused(tables):
    with pytest.raises(BadInput):
        wording.languages(tables)


@pytest.mark.parametrize("said", [
    "", " ", 5, [], ["a", "b", "c"], ["a", 1], "x" * (wording.LONGEST + 1), "<script>", 'on"x', "a & b", "a\nb",
    "%(number)d gentel", "%(num)s gentel", "100 %", "%s", "%(num)", "%%", "%(num)d %(gone)s",
])  # fmt: skip
def test_a_sentence_that_would_break_a_page_is_named(said):
    ((english, forms),) = wording.sentences({"%(num)d lessons": said})
    assert (english, type(forms)) == ("%(num)d lessons", str)


@example("%(0)s", "%(0)s")
@given(st.text(), st.text() | st.lists(st.text() | st.none(), max_size=3) | st.none())
def test_what_is_taken_can_always_be_filled_in(english, said):
    for _, forms in wording.sentences({english: said}):
        for form in () if isinstance(forms, str) else forms:
            assert form % dict.fromkeys(re.findall(r"%\((\w+)\)", english), 1)
