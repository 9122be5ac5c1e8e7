"""The pages' origin as a browser meets it: addresses, languages, caching, headers, and every way of asking wrongly."""

from __future__ import annotations

import gzip
import logging
import re
import sqlite3
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edubox.box.app import create_app
from edubox.box.kept import KEPT, KeptPages, Rendered
from edubox.pack.manifest import Item
from edubox.pages import render
from tests.box.school import School, page, settings

LESSON = "/fr/lecon/ministry/test/volcans/"


@pytest.fixture
def school(tmp_path):
    school = School(tmp_path / "box")
    school.add("volcans", {"index.html": page("Volcans", "<p>La lave de l’éruption.</p>")}, title="Les volcans", about=["svt"],
               educationalLevel=["sixieme"])  # fmt: skip
    return school


@pytest.fixture
def client(school):
    return create_app(school.data, settings()).test_client()


def get(client, path, **headers):
    return client.get(path, headers={"Host": "box.local:8080", **headers})


def test_the_poster_s_address_leads_to_the_readers_language(client):
    for accepted, there in (("fr", "/fr/"), ("en-GB,fr;q=0.5", "/en/"), ("de", "/fr/")):
        answer = get(client, "/", **{"Accept-Language": accepted})
        assert (answer.status_code, answer.headers["Location"], answer.headers["Vary"]) == (
            302,
            there,
            "Accept-Language",
        )
    assert get(client, "/donnees").headers["Location"] == "/fr/donnees/"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/fr/", "Les volcans"), ("/en/", "Les volcans"), ("/fr/lecons/", "Toutes les leçons"),
        ("/fr/niveau/sixieme/", "Les volcans"), ("/fr/matiere/svt/", "Les volcans"),
        ("/fr/niveau/sixieme/matiere/svt/", "Les volcans"), (LESSON, "Commencer"), (LESSON + "1/", "<iframe"),
        ("/fr/recherche/?q=eruption", "<mark>éruption</mark>"), ("/fr/donnees/", "Aucun cookie"),
    ],
)  # fmt: skip
def test_every_page_answers(client, path, said):
    answer = get(client, path)
    assert answer.status_code == 200
    assert said in answer.text


@pytest.mark.parametrize(
    "path",
    ["/xx/", "/fr/nothing/", "/fr/lecon/ministry/test/none/", LESSON + "2/", LESSON + "0/", "/fr/niveau/none/", "/fr/lecons/9/",
     "/favicon.ico", "/robots.txt", "/.env", "/fr/../../etc/passwd", "/fr/lecon/%2e%2e/%2e%2e/x/", "/static/pages.css", "/\x00"],
)  # fmt: skip
def test_what_is_not_there_is_a_kind_page_with_a_way_on(client, path):
    answer = get(client, path)
    assert answer.status_code == 404
    assert "Cette page n’est pas ici" in answer.text
    assert 'href="/fr/"' in answer.text


def test_an_address_without_its_last_stroke_still_arrives(client):
    answer = get(client, "/fr/recherche?q=l%27eau")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/fr/recherche/?q=l%27eau")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_pages_only_answer(client, method):
    answer = getattr(client, method)("/fr/")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (405, "no-cache")
    assert set(answer.allow) == {"GET", "HEAD", "OPTIONS"}


def test_a_page_is_compressed_once_and_not_sent_again_while_it_is_right(client, school):
    first = get(client, "/fr/", **{"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    assert "Les volcans" in gzip.decompress(first.data).decode()
    assert first.headers["Cache-Control"] == "no-cache"
    again = get(client, "/fr/", **{"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert get(client, "/fr/", **{"Accept-Encoding": "gzip;q=0"}).headers.get("Content-Encoding") is None
    school.add("new", {"i.html": page("x")}, title="Une nouvelle")
    changed = get(client, "/fr/", **{"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "Une nouvelle" in gzip.decompress(changed.data).decode()


def test_a_page_is_rendered_once_for_a_whole_class(client, monkeypatch):
    calls = []
    from edubox.pages import render

    original = render.home
    monkeypatch.setattr(render, "home", lambda *a, **more: calls.append(1) or original(*a, **more))
    for _ in range(5):
        get(client, "/fr/")
    assert calls == [1]


def test_the_first_page_is_light(client, school):
    for number in range(30):
        school.add(
            f"l{number}",
            {"i.html": page("x")},
            title=f"Leçon {number}",
            description="De quoi parler. " * 20,
            about=["maths"],
        )
    home = get(client, "/fr/", **{"Accept-Encoding": "gzip"})
    text = gzip.decompress(home.data).decode()
    asked = re.findall(r'<link rel="stylesheet" href="([^"]+)"', text)
    style = get(client, asked[0], **{"Accept-Encoding": "gzip"})
    assert style.headers["Cache-Control"].endswith("immutable")
    assert len(asked) + 1 <= 8
    assert len(home.data) + len(style.data) <= 60_000
    assert len(home.data) + len(style.data) <= 20_000, "what it is today, with room"


def test_nobody_gets_a_cookie_and_nobody_is_believed_one(client):
    for path in ("/", "/fr/", LESSON, LESSON + "1/", "/fr/recherche/?q=x", "/none"):
        answer = get(client, path, Cookie="session=abc; a=b; session=def")
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/fr/", LESSON + "1/", "/none", "/fr/recherche/?q=x"])
def test_pages_allow_only_what_they_use(client, path):
    headers = get(client, path).headers
    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["frame-src"] == "http://box.local:8081"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in str(rules)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("name", "origin"),
    [("192.168.4.1:8080", "http://192.168.4.1:8081"), ("edubox", "http://edubox:8081"), ("[::1]:8080", "http://[::1]:8081"),
     ("EDUBOX.local", "http://edubox.local:8081")],
)  # fmt: skip
def test_lessons_come_from_the_same_host_by_whatever_name(client, name, origin):
    assert f'src="{origin}/c/' in get(client, LESSON + "1/", Host=name).text


@pytest.mark.parametrize(
    "name",
    ["", "a b", "evil.example; script-src *", "x/y", "a'b", "@", "box:port", "-", "a" * 300, "[::1", 'x"y'],
)
def test_a_host_that_is_no_host_is_refused(client, name):
    answer = client.get("/fr/", environ_overrides={"HTTP_HOST": name})
    assert answer.status_code == 400
    assert "script-src *" not in str(answer.headers)


def test_what_strangers_make_up_fills_no_memory(school, monkeypatch):
    kept = KeptPages()
    monkeypatch.setattr("edubox.box.site.KeptPages", lambda: kept)
    client = create_app(school.data, settings()).test_client()
    get(client, "/fr/")
    get(client, LESSON + "1/")
    before = kept.size
    for number in range(20):
        get(client, f"{LESSON}1/?file={'x' * 1000}{number}")
        get(client, f"/fr/recherche/?q={number}")
        get(client, f"/fr/{number}/")
    assert kept.size == before


def test_made_up_names_of_the_box_do_not_push_out_what_a_class_reads(school, monkeypatch):
    kept = KeptPages()
    monkeypatch.setattr("edubox.box.site.KeptPages", lambda: kept)
    client = create_app(school.data, settings()).test_client()
    get(client, "/fr/")
    room = 4 * kept.size
    monkeypatch.setattr("edubox.box.kept.KEPT", room)
    made, home = [], render.home

    def counted(frame, *shown, **more):
        made.append(frame.lesson_origin)
        return home(frame, *shown, **more)

    monkeypatch.setattr(render, "home", counted)
    for number in range(20):
        get(client, "/fr/", Host=f"h{number}.example")
        get(client, "/fr/")
    assert len(made) == 20
    assert all(".example" in origin for origin in made)
    assert kept.size <= room


def test_kept_pages_never_outgrow_their_room():
    kept = KeptPages()
    for number in range(40):
        kept.get(number, lambda: Rendered(bytes(KEPT // 10), ""))
    assert KEPT * 0.8 < kept.size <= KEPT
    kept.get(39, lambda: pytest.fail("the newest is there"))
    kept.get("huge", lambda: Rendered(bytes(2 * KEPT), ""))
    assert kept.size == 0


def test_names_of_one_reader_do_not_leak_into_the_page_of_another(client):
    get(client, LESSON + "1/", Host="evil.example")
    assert "evil.example" not in get(client, LESSON + "1/").text


def test_a_page_found_inside_a_lesson_is_opened_and_nothing_else_is(client, school):
    school.add(
        "deep",
        {"index.html": page("a"), "deep/b.html": page("b", "<p>zèbre</p>")},
        toc=(Item("A", "html", "index.html"),),
    )
    address = "/fr/lecon/ministry/test/deep/1/"
    assert "deep/b.html" in get(client, f"{address}?file=deep/b.html").text
    for wrong in ("../../x", "http://evil/", "javascript:alert(1)", "none.html"):
        text = get(client, f"{address}?file={wrong}").text
        assert wrong not in text
        assert "/index.html" in text


def test_a_film_appears_when_it_has_come_without_another_word(client, school):
    files = {"index.html": page("x"), "film.mp4": b"x" * 100}
    manifest = school.add("film", files, absent=("film.mp4",), title="Film")
    address = "/fr/lecon/ministry/test/film/2/"
    assert "encore en chemin" in get(client, address).text
    (school.data / "site" / manifest / "film.mp4").write_bytes(b"x" * 100)
    assert "<video" in get(client, address).text


def test_a_box_that_was_never_told_anything_says_that_it_is_ready(tmp_path):
    client = create_app(School(tmp_path / "box", None).data, settings()).test_client()
    assert "Tout est prêt" in get(client, "/fr/").text


def test_a_damaged_catalogue_is_a_calm_page_and_a_line_in_the_log(client, school, caplog):
    (school.data / "box.db").write_bytes(b"\0" * 9000)
    answer = get(client, "/fr/")
    assert answer.status_code == 503
    assert "rien n’est perdu" in answer.text
    assert "edubox sync" in caplog.text
    assert get(client, re.search(r'href="(/style[^"]*)"', answer.text)[1]).status_code == 200, (
        "and it has its colours"
    )


def test_whatever_breaks_the_list_the_error_page_needs_none_of_it(client, monkeypatch):
    def fail(*_):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("edubox.box.database.Database.read", fail)
    answer = get(client, "/fr/")
    assert answer.status_code == 500
    assert "Collège Marie-Curie" in answer.text


def test_a_mistake_of_ours_is_a_calm_page_and_tells_the_log_nothing_about_the_reader(
    client, monkeypatch, caplog
):
    monkeypatch.setattr("edubox.box.library.Library.search", lambda *_: 1 / 0)
    with caplog.at_level(logging.ERROR):
        answer = get(client, "/fr/recherche/?q=secret")
    assert answer.status_code == 500
    assert "Quelque chose s’est mal passé" in answer.text
    assert "ZeroDivisionError" in caplog.text
    assert "127.0.0.1" not in caplog.text
    assert "q=secret" not in caplog.text
    assert "Traceback" not in answer.text


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    path=st.lists(st.sampled_from(["fr", "lecon", "ministry", "test", "volcans", "1", "recherche", "..", "%00", "é", "a" * 300]) | st.text(max_size=8)),
    query=st.text(max_size=40), accepted=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
)  # fmt: skip
def test_no_request_is_our_mistake(client, path, query, accepted):
    answer = client.get(
        "/" + quote("/".join(path).lstrip("/")),
        query_string={"q": query, "file": query},
        headers={"Host": "box", "Accept-Language": accepted},
    )
    assert answer.status_code < 500


def test_hosts_that_somebody_makes_up_take_no_kept_page_from_the_others(client, monkeypatch):
    for number in range(20):
        get(client, "/fr/", Host=f"made-up-{number}")
    made = []
    home = render.home
    monkeypatch.setattr(render, "home", lambda *args, **more: made.append(1) or home(*args, **more))
    for _ in range(5):
        assert get(client, "/fr/", Host="ecole.local").status_code == 200
    assert len(made) == 1
