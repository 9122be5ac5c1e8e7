"""Search as a pupil types: without accents, in the plural, half a word, nonsense, attacks."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edubox.box.library import Library
from edubox.box.search import OF_A_LESSON, snippet, understand
from edubox.pack.manifest import Item
from edubox.pages.stems import fold, stem, stems, words
from tests.box.school import School, page


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    school = School(tmp_path_factory.mktemp("search") / "box")
    filler = "<p>" + "Un texte qui ne dit rien de plus que le précédent. " * 60 + "</p>"
    school.add("electricite", {"index.html": page("Le circuit", filler + "<p>L’électricité circule dans le cuivre.</p>" + filler)},
               title="L’électricité à la maison")  # fmt: skip
    school.add("fractions", {"index.html": page("Partager", "<p>Une fraction est un nombre. Le numérateur compte.</p>")},
               title="Nombres", toc=(Item("Partager", "html", "index.html"),), keywords=["quotient"])  # fmt: skip
    school.add(
        "egalites",
        {"index.html": page("Règles", "<p>Deux égalités, des chevaux, une œuvre, L'ÉTÉ.</p>")},
        title="Calcul",
    )
    school.add("moon", {"index.html": page("The Moon", "<p>The phases of the moon are seen by walking observers.</p>")},
               title="The Moon", language="en")  # fmt: skip
    school.add(
        "arabic", {"index.html": page("العلوم", "<p>الكَهْرَباء في المَدْرَسة</p>")}, title="العلوم", language="ar"
    )
    many = {f"p{number}.html": page(f"Chapitre {number}", "<p>Une molécule.</p>") for number in range(10)}
    school.add("many", many, title="Chimie")
    school.add(
        "evil",
        {"index.html": page("x", "<p>&lt;script&gt;alert(1)&lt;/script&gt; hostile &amp; méchant</p>")},
        title="<b>Méchant</b>",
    )
    return Library(school.data)


def found(library, query, language="fr"):
    return [hit.card.address.rpartition("/")[2] for hit in library.search(query, language)]


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("electricite", "electricite"), ("ÉLECTRICITÉ", "electricite"), ("électricités", "electricite"), ("l'electricite", "electricite"),
        ("fractions", "fractions"), ("fraction", "fractions"), ("FRACTIONS nombre", "fractions"), ("quotient", "fractions"),
        ("numér", "fractions"), ("egalite", "egalites"), ("égalités", "egalites"), ("cheval", "egalites"), ("ete", "egalites"),
        ("moons", "moon"), ("walk", "moon"), ("phase", "moon"), ("الكهرباء", "arabic"), ("مدرسة", "arabic"),
        ("les fractions de la maison", "fractions"), ("cuivre circuit", "electricite"),
    ],
)  # fmt: skip
def test_what_a_pupil_types_finds_the_lesson(library, query, slug):
    assert slug in found(library, query)


def test_a_title_weighs_more_than_a_passing_word(library, tmp_path):
    school = School(tmp_path / "box")
    school.add("text", {"i.html": page("Autre", "<p>" + "volcan " * 3 + "</p>")}, title="Divers")
    school.add("title", {"i.html": page("Autre", "<p>Rien.</p>")}, title="Le volcan")
    assert found(Library(school.data), "volcan")[0] == "title"


def test_a_word_of_many_languages_finds_first_what_the_reader_can_read(tmp_path):
    school = School(tmp_path / "box")
    school.add("fr", {"i.html": page("La Lune", "<p>Une éclipse.</p>")}, title="La Lune")
    school.add("en", {"i.html": page("Eclipse", "<p>eclipse eclipse</p>")}, title="Eclipse", language="en")
    assert found(Library(school.data), "eclipse")[0] == "fr"
    assert found(Library(school.data), "eclipse", "en")[0] == "en"


def test_every_word_counts_and_if_none_has_all_some_are_shown(library):
    assert set(found(library, "fraction numérateur")) == {"fractions"}
    assert {"fractions", "egalites"} <= set(found(library, "numérateur chevaux"))


def test_a_long_lesson_does_not_hide_the_others(library):
    assert found(library, "molécule").count("many") == OF_A_LESSON


def test_a_page_deep_inside_a_lesson_is_opened_itself(tmp_path):
    school = School(tmp_path / "box")
    files = {"index.html": page("Accueil"), "deep/two.html": page("Deux", "<p>Le zèbre.</p>")}
    school.add("x", files, toc=(Item("Accueil", "html", "index.html"),))
    library = Library(school.data)
    (hit,) = library.search("zebre", "fr")
    assert (hit.part, hit.file, hit.part_title) == (1, "deep/two.html", "Deux")
    assert library.has_page("ministry/test/x", 1, "deep/two.html")
    assert not library.has_page("ministry/test/x", 1, "../../secret")


def test_snippets_show_the_words_where_they_stand(library):
    (hit, *_) = library.search("electricite cuivre", "fr")
    marked = hit.snippet[1::2]
    assert "électricité" in marked
    assert "cuivre" in marked
    assert len("".join(hit.snippet)) < 300
    assert hit.snippet[0].startswith("… ")


@pytest.mark.parametrize(
    ("query", "body", "marked"),
    [
        ("fraction", "Les fractions décimales, une fraction.", ("fractions", "fraction")),
        ("chevaux", "Le cheval et les chevaux.", ("cheval", "chevaux")),
        ("ecole", "L'École d'été", ("École",)),
        ("phot", "La photosynthèse", ("photosynthèse",)),
        ("an", "un an, une ancre", ("an",)),
        ("zzz", "rien de tel", ()),
    ],
)  # fmt: skip
def test_what_is_marked_is_what_was_meant(query, body, marked):
    pieces = snippet(body, understand(query, ["fr"]))
    assert pieces[1::2] == marked
    assert "".join(pieces) == body


@given(st.text(max_size=800), st.text(max_size=30))
def test_a_snippet_is_a_piece_of_the_text_and_nothing_else(body, query):
    pieces = snippet(body, understand(query, ["fr", "en"]))
    shown = "".join(pieces).removeprefix("… ").removesuffix(" …")
    assert shown in body.replace("\n", " ")
    assert len(pieces) in {0, 1} or len(pieces) % 2


@pytest.mark.parametrize(
    "query",
    [
        "", " ", '"', '""', "'", "*", "a*", "^", "( )", "AND", "OR NOT", "NEAR(a b)", "title:x", "{title}: x", "-x", "x AND", "\x00",
        "'; DROP TABLE lesson; --", "%", "_", "é" * 5000, "a " * 5000, "ab" * 500, "\ud800", "🎈", "ﷺ", "ﬀ", "İ", "١٢٣", "ـــ",
    ],
)  # fmt: skip
def test_a_hostile_question_is_only_a_question(library, query):
    library.search(query, "fr")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=st.text(max_size=60))
def test_no_question_is_an_error(library, query):
    library.search(query, "fr")


def test_words_of_a_lesson_stay_text(library):
    (hit, *_) = library.search("hostile", "fr")
    assert "<script>alert(1)</script> " in "".join(hit.snippet), "as text; templates escape it"


def test_folding_and_stems():
    assert [fold(word) for word in ("École", "ŒUVRE", "Straße", "الكَهْرَباء", "ABC")] == [
        "ecole",
        "œuvre",
        "strasse",
        "الكهرباء",
        "abc",
    ]
    assert stem("fractions", "fr") == "fraction"
    assert stem("fractions", "xx") == "fractions"
    assert stems("Une fraction", "fr") == "", "a word that is its own stem is not kept twice"
    assert words("l'eau_douce, 3e") == ["l", "eau", "douce", "3e"]
