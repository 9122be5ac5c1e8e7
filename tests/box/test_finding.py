"""The box's side of finding: files for suggestions, what was meant, lists, and addresses that lead nowhere."""

from __future__ import annotations

import tracemalloc

import pytest

from edubox.box.app import create_app
from edubox.box.finding import Suggestions
from edubox.box.library import Library
from edubox.pages.finding import suggestions
from edubox.sync.status import Coming, StatusFile
from tests.box.school import School, page, settings

VOLCANO = {
    "i.html": page("La lave", "<p>La géographie des volcans, la température du magma et le zèbre.</p>")
}


@pytest.fixture
def school(tmp_path):
    school = School(tmp_path / "box")
    school.add("volcans", VOLCANO, title="Les volcans de la Terre", about=["svt"], keywords=["éruption"])
    return school


@pytest.fixture
def client(school):
    return create_app(school.data, settings(languages=["fr", "en"])).test_client()


def get(client, address, **headers):
    return client.get(address, headers={"Host": "box:8080", **headers})


# --- files for suggestions ---


def test_the_box_answers_with_the_bytes_that_a_static_site_holds(client, school):
    for name, data in suggestions(Library(school.data).titles(), "fr"):
        answer = get(client, f"/find/fr/{name}", **{"Accept-Encoding": "identity"})
        assert (answer.data, answer.mimetype) == (data, "application/json")
        assert (
            get(
                client,
                f"/find/fr/{name}",
                **{"Accept-Encoding": "identity", "If-None-Match": answer.headers["ETag"]},
            ).status_code
            == 304
        )


def test_a_new_lesson_is_suggested_at_once_and_a_withdrawn_one_no_more(client, school):
    def known():
        return get(client, "/find/fr/w-.json", **{"Accept-Encoding": "identity"}).text

    school.add("lune", {"i.html": page("x")}, title="La Lune")
    assert "La Lune" in known()
    school.catalogue.withdraw("ministry/test", "lune", 2)
    assert "La Lune" not in known()


@pytest.mark.parametrize(
    "address",
    [
        "/find/de/keys.json",
        "/find/fr/w-zz.json",
        "/find/fr/..%2f..%2fbox.db",
        "/find/fr/",
        "/find/text/keys.json",
    ],
)
def test_there_are_no_other_files_to_find_with(client, address):
    assert get(client, address).status_code == 404


def test_a_class_that_types_at_once_has_the_files_made_once(school, monkeypatch):
    calls = []
    original = Library.titles
    monkeypatch.setattr(Library, "titles", lambda self: calls.append(1) or original(self))
    made = Suggestions(Library(school.data))
    assert all(made.get("fr", "keys.json") for _ in range(10))
    assert calls == [1]


def test_twelve_thousand_titles_cost_the_box_a_few_megabytes(school, monkeypatch):
    from dataclasses import replace

    (card,) = Library(school.data).cards()
    lessons = [
        (replace(card, address=f"ministry/test/l{number}", title=f"Leçon {number:x} du chapitre {number % 97}"),
         [(one, f"Exercice {one} de la partie {number * 7 + one:x}") for one in range(1, 40)])
        for number in range(400)
    ]  # fmt: skip
    monkeypatch.setattr(Library, "titles", lambda _: lessons)
    made = Suggestions(Library(school.data))
    tracemalloc.start()
    made.get("fr", "keys.json")
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 8_000_000


# --- what was meant ---


@pytest.mark.parametrize(("typed", "meant"), [
    ("volcna", "volcans"), ("volcas", "volcans"), ("volccans", "volcans"), ("zebbre", "zèbre"), ("gégraphie", "géographie"),
    ("volcans", ""), ("Volcan", ""), ("geographie", ""), ("temperatures", ""), ("volc", ""), ("xyz", ""), ("rhododendron", ""), ("", ""),
    ("les volcna", "les volcans"), ("volcans geogarphie", "volcans géographie"),
])  # fmt: skip
def test_one_slip_is_put_right_and_what_is_known_is_left_alone(school, typed, meant):
    assert Library(school.data).meant(typed, "fr") == meant


def test_the_search_page_offers_what_was_meant_and_then_the_subjects(client):
    text = get(client, "/fr/recherche/?q=zebbre").text
    assert 'href="/fr/recherche/?q=z%C3%A8bre"' in text
    assert "/fr/matiere/svt/" in text


@pytest.mark.parametrize("text", ["a" * 5000, '" OR 1', "x" * 24, "\x00\x00\x00\x00", "* * * *", "é" * 200])
def test_whatever_is_typed_breaks_nothing(client, text):
    assert get(client, f"/fr/recherche/?q={text.encode().hex()}").status_code == 200
    assert (
        client.get("/fr/recherche/", query_string={"q": text}, headers={"Host": "box:8080"}).status_code
        == 200
    )


# --- answers ---


def test_answers_of_one_lesson_stand_together_and_can_be_narrowed_to_a_subject(client, school):
    from edubox.pack.manifest import Item

    pages = {
        f"p{number}.html": page(f"Page {number}", "<p>Le quartz et le basalte.</p>") for number in range(3)
    }
    school.add(
        "roches",
        pages,
        title="Les roches",
        about=["svt"],
        toc=tuple(Item(f"Page {one[1]}", "html", one) for one in pages),
    )
    school.add(
        "cristal", {"i.html": page("x", "<p>Un quartz géométrique.</p>")}, title="Géométrie", about=["maths"]
    )
    text = get(client, "/fr/recherche/?q=quartz").text
    assert text.count("Les roches</h2>") == 1
    assert text.count("<h3") == 3
    only = get(client, "/fr/recherche/?q=quartz&subject=maths").text
    assert "Les roches" not in only
    assert "Géométrie" in only
    assert get(client, "/fr/recherche/?q=quartz&subject=nothing").text.count("Les roches</h2>") == 1


# --- addresses that lead nowhere ---


@pytest.mark.parametrize(
    "probe", ["/generate_204", "/hotspot-detect.html", "/library/test/success.html", "/connecttest.txt"]
)
def test_a_phone_that_asks_whether_this_is_the_internet_costs_no_look_through_the_lessons(
    client, monkeypatch, probe
):
    monkeypatch.setattr(Library, "cards", lambda _: pytest.fail("all lessons were read"))
    answer = get(client, probe)
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_a_wrong_address_offers_the_lesson_that_was_meant(client):
    answer = get(client, "/fr/lecon/academy/autre/volcans/")
    assert answer.status_code == 404
    assert "/fr/lecon/ministry/test/volcans/" in answer.text
    assert 'value="volcans"' in answer.text
    assert "/fr/lecon/ministry/test/volcans/" in get(client, "/fr/lecon/ministry/test/volcan/").text


def test_a_withdrawn_lesson_says_so_and_may_come_back(client, school):
    school.add("lune", {"i.html": page("x")}, title="La Lune")
    school.catalogue.withdraw("ministry/test", "lune", 2)
    gone = get(client, "/en/lesson/ministry/test/lune/1/")
    assert gone.status_code == 404
    assert "taken away" in gone.text.split("<h1>")[1].split("</h1>")[0]
    assert (
        "taken away"
        not in get(client, "/en/lesson/ministry/test/mars/").text.split("<h1>")[1].split("</h1>")[0]
    )
    school.add("lune", {"i.html": page("x")}, title="La Lune", version=3)
    assert get(client, "/en/lesson/ministry/test/lune/1/").status_code == 200


def coming(school, *lessons):
    status = StatusFile(school.data)
    status.now.coming = list(lessons)
    status.now.phase = "lessons"
    status.tell(at_once=True)


def test_a_lesson_that_is_on_its_way_says_so(client, school):
    coming(school, Coming("ministry/test/lune", "La Lune <b>", "coming", 0, 1000))
    text = get(client, "/en/lesson/ministry/test/lune/").text
    assert "on its way" in text
    assert "La Lune &lt;b&gt;" in text


def test_the_first_page_says_calmly_that_the_first_lessons_are_arriving(client, school):
    quiet = get(client, "/en/").text
    assert "on their way" not in quiet
    coming(school, Coming("ministry/test/lune", "La Lune", "coming", 0, 1000))
    assert "on their way" in get(client, "/en/").text
    for number in range(6):
        school.add(f"l{number}", {"i.html": page("x")})
    assert "on their way" not in get(client, "/en/").text, "later news is the desk's"
