"""A quiz is a page in the words of the lesson, whose answers are in it for who reads without scripts."""

from __future__ import annotations

import re

import pytest

from edubox.importers.quiz_words import WORDS
from tests.importers.building import Lesson

QUIZ = "::t::Capitale ?{=Paris#Oui. ~Lyon}\n\nVrai ?{F}\n\nPi ?{#3.14:0.01}\n\nRelie.{=Dakar->Sénégal =Lima->Pérou}\n\nRaconte.{}"


def test_a_quiz_is_one_part_with_its_page_and_its_file(tmp_path):
    lesson = Lesson(tmp_path, {"capitales_du_monde.gift": QUIZ})
    assert lesson.toc == [("Capitales du monde", "quiz", "capitales_du_monde.gift.html")]
    assert lesson.item("Capitales du monde").alternatives == ("capitales_du_monde.gift",)
    assert lesson.manifest.file("capitales_du_monde.gift.html").type == "text/html"
    assert lesson.warnings == []


def test_without_scripts_every_question_and_every_answer_is_there(tmp_path):
    page = Lesson(tmp_path, {"q.gift": QUIZ}).read("q.gift.html")
    shown, _, answers = page.partition('<details class="answers"')
    assert shown.count('class="question"') == 5
    assert re.findall(r"<li>(.*?)</li>", answers.partition("<script>")[0]) == [
        'Paris<br><span class="hint">Oui.</span>', "Faux", "3.13 à 3.15", "Dakar → Sénégal · Lima → Pérou",
        "Avec tes mots ; ton professeur les lira.",
    ]  # fmt: skip
    assert page.count("<button") == page.count(" hidden data-nosnippet>"), (
        "buttons that do nothing are not shown"
    )
    assert '<details class="answers" data-nosnippet>' in page, (
        "the search of pupils does not tell the answers"
    )


def test_every_field_has_a_name_for_who_does_not_see(tmp_path):
    page = Lesson(tmp_path, {"q.gift": QUIZ}).read("q.gift.html").partition("<script>")[0]
    fields = re.findall(r"<(?:input|select|textarea)\b", page)
    assert len(fields) == len(re.findall(r"<label>.*?<(?:input|select|textarea)\b", page)) == 8
    for group in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert all(f'id="{name}"' in page for name in group.split())
    assert page.count('role="status"') == 6


@pytest.mark.parametrize("language", ["fr", "en", "es", "pt", "ar", "ar-MA"])
def test_the_page_speaks_the_language_of_the_lesson(tmp_path, language):
    page = Lesson(tmp_path, {"q.gift": QUIZ}, language=language).read("q.gift.html")
    words = WORDS[language[:2]]
    assert f"<summary>{words['answers']}</summary>" in page
    assert f">{words['check']}</button>" in page
    assert ('dir="rtl"' in page) == (language[:2] == "ar")


def test_other_languages_get_english_words(tmp_path):
    assert "<summary>Answers</summary>" in Lesson(tmp_path, {"q.gift": QUIZ}, language="wo").read(
        "q.gift.html"
    )


def test_every_language_has_every_word():
    assert len({frozenset(words) for words in WORDS.values()}) == 1


def test_what_an_author_writes_cannot_act(tmp_path):
    hostile = '[html]<script>alert(1)</script><b onclick="x()">A</b>"> ?{=b"><img src=x onerror=y()>#<script>c</script>" ~</script><script>d()}'
    page = Lesson(
        tmp_path,
        {"q.gift": hostile.replace('="', '\\="').replace("src=", "src\\=").replace("onerror=", "onerror\\=")},
    ).read("q.gift.html")
    body, _, _ = page.partition("<script>\n(()")
    assert "<script" not in body
    assert not re.search(r"<[^>]*\son\w+=", body)


def test_right_answers_are_not_always_first(tmp_path):
    page = Lesson(tmp_path, {"q.gift": "\n\n".join(f"{n} ?{{={n}a ~{n}b ~{n}c}}" for n in range(12))}).read(
        "q.gift.html"
    )
    places = [
        re.findall(r'data-worth="(\d+)"', question).index("100")
        for question in page.split('class="question"')[1:]
    ]
    assert set(places) == {0, 1, 2}


def test_partners_are_not_offered_in_the_order_of_what_they_belong_to(tmp_path):
    pairs = [(f"{n}", f"{n * 7}") for n in range(12)]
    quiz = "Relie.{" + " ".join(f"={left} -> {right}" for left, right in pairs) + "}"
    page = Lesson(tmp_path, {"q.gift": quiz}).read("q.gift.html")
    offered = re.findall(r"<option>(.*?)</option>", page.partition("</select>")[0])
    assert sorted(offered) == sorted(right for _, right in pairs)
    assert offered != [right for _, right in pairs]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_quiz_is_read_in_the_encoding_of_any_system(tmp_path, encoding):
    assert "été ?" in Lesson(tmp_path, {"q.gift": "L'été ?{T}".encode(encoding)}).read("q.gift.html")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.gift.txt", "A ?{T}"),
        ("export.txt", "// question: 12  name: A\nA ?{T}"),
        ("export.txt", "\n$CATEGORY: x\n\nA ?{T}"),
    ],
)
def test_moodle_s_exports_are_told_by_their_beginning(tmp_path, name, text):
    lesson = Lesson(tmp_path, {name: text, f"{name}.html": "<title>Autre</title>"})
    assert ("Q" if name[0] == "q" else "Export", "quiz", f"{name}-2.html") in lesson.toc


def test_other_texts_stay_texts(tmp_path):
    lesson = Lesson(tmp_path, {"liste.txt": "des {accolades}"})
    assert lesson.toc == [("liste.txt", "file", "liste.txt")]


@pytest.mark.parametrize("text", ["", "rien", "A {b}", "\0" * 100])
def test_a_file_without_a_question_is_a_download(tmp_path, text):
    lesson = Lesson(tmp_path, {"q.gift": text})
    assert lesson.toc == [("q.gift", "file", "q.gift")]
    assert lesson.said("q.gift has no question")


def test_questions_that_cannot_be_understood_are_named(tmp_path):
    lesson = Lesson(tmp_path, {"q.gift": "A ?{T}\n\nB ?{b}"})
    assert lesson.said("q.gift", "1 questions", "B ?{b}")
    assert lesson.read("q.gift.html").count('class="question"') == 1


def test_a_page_that_links_to_a_quiz_leads_to_its_page(tmp_path):
    lesson = Lesson(tmp_path, {"index.md": "# Plan\n[le quiz](q.gift)", "q.gift": QUIZ})
    assert 'href="q.gift.html"' in lesson.read("index.md.html")
    assert lesson.toc == [("Plan", "markdown", "index.md.html"), ("Q", "quiz", "q.gift.html")]
