"""What importers tell a teacher, in English on the command line and in the reader's language at the desk."""

from __future__ import annotations

import json
from gettext import NullTranslations

import pytest

from edubox.importers.notices import Notice
from edubox.pages.notices import sentence


class French(NullTranslations):
    """A catalogue of two sentences; one of them fills in what no notice has."""

    def gettext(self, message):
        return {
            "%(path)s is left out: %(reason)s.": "%(path)s n’est pas donné : %(reason)s.",
            "it is damaged": "le fichier est abîmé", "%(path)s is bad": "%(chemin)s est mauvais",
        }.get(message, message)  # fmt: skip


def read_again(notice):
    return json.loads(json.dumps(notice.as_json()))


def test_a_notice_is_a_sentence_that_can_be_said_in_another_language():
    notice = Notice("%(path)s is left out: %(reason)s.", path="a.h5p", reason=Notice("it is damaged"))
    assert notice == "a.h5p is left out: it is damaged."
    assert sentence(read_again(notice), French()) == "a.h5p n’est pas donné : le fichier est abîmé."
    assert sentence(read_again(notice), NullTranslations()) == notice


def test_lists_are_joined_and_numbers_stand():
    notice = Notice("%(number)s: %(names)s", number=2, names=["a", Notice("it is damaged")])
    assert notice == "2: a, it is damaged"
    assert sentence(read_again(notice), French()) == "2: a, le fichier est abîmé"


def test_names_from_outside_have_no_control_characters_and_an_end():
    notice = Notice("%(path)s is bad", path="a\x1b[31m\n" + "é" * 5000)
    assert notice.isprintable()
    assert len(notice) < 250


def test_a_percent_sign_in_a_name_is_only_that():
    notice = Notice("%(path)s is bad", path="100%(x)s %s")
    assert sentence(read_again(notice), NullTranslations()) == "100%(x)s %s is bad"


def test_a_language_is_called_by_its_name():
    assert (
        sentence(read_again(Notice("%(language)s was assumed", language="fr")), French())
        == "Français was assumed"
    )


def test_a_translation_that_fills_in_something_else_gives_the_english_sentence():
    assert sentence(read_again(Notice("%(path)s is bad", path="a")), French()) == "a is bad"


def test_a_sentence_that_lacks_a_detail_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        Notice("%(path)s is bad")


@pytest.mark.parametrize("value", [
    None, 3, "x", [], {}, {"message": 3, "details": {}}, {"message": "%(x)s", "details": []}, {"message": "%(x)s", "details": {}},
    {"message": "%(x)d", "details": {"x": "y"}}, {"message": "%", "details": {}}, {"message": "", "details": {}},
    {"message": "%(x)s", "details": {"x": [[[[[[["deep"]]]]]]]}},
])  # fmt: skip
def test_a_report_that_another_hand_wrote_is_no_error(value):
    assert isinstance(sentence(value, French()), str)
