"""A lesson under review runs where there is nothing to steal."""

from __future__ import annotations

import re

import pytest

from edubox.hub.review import site
from edubox.hub.review.site import review_site
from tests.hub.intake.world import School, enrol
from tests.hub.review.world import arrive

EVIL = (
    b"<!doctype html><html lang=fr><title>L</title><script>fetch('/bureau/',{credentials:'include'});"
    b"document.cookie='session=x';top.location='https://evil.example/'</script><img src=x onerror=alert(1)>"
)


@pytest.fixture
def evil(hub, enrolled):
    name = "</title><script>alert('name')</script>"
    return arrive(
        hub,
        enrolled,
        contents={"index.html": EVIL, "a/page.html": EVIL, "x.svg": EVIL, "data.json": b"{}"},
        name=name,
    )


@pytest.fixture
def client(hub):
    return review_site(hub).test_client()


def rules(answer):
    return dict(
        one.strip().partition(" ")[::2]
        for one in answer.headers["Content-Security-Policy"].split(";")
        if one.strip()
    )


def test_a_reviewer_reads_the_lesson_as_pupils_will(hub, enrolled, client):
    one = arrive(hub, enrolled)
    where = site.address(hub, one.id)
    begin = client.get(where, headers={"Accept-Language": "fr"})
    assert begin.headers["Location"] == f"{where}fr/"
    page = client.get(f"{where}fr/")
    assert "La Lune" in page.text
    part = client.get(f"{where}fr/1/")
    frame = re.search(rf"{re.escape(where)}c/{one.manifest}/[a-z.0-9]+", part.text)
    assert frame
    lesson = client.get(frame[0])
    assert lesson.status_code == 200
    for asset in re.findall(r'(?:href|src)="(/[a-z]+-[0-9a-f]{12}\.(?:css|js))"', page.text):
        assert client.get(asset).status_code == 200, asset
    assert client.get(f"{where}fr/deux/").status_code == 200


def test_a_hostile_lesson_has_no_origin_no_cookie_and_nowhere_to_send_anything(hub, evil, client):
    where = site.address(hub, evil.id)
    for path in ("index.html", "a/page.html", "x.svg"):
        answer = client.get(f"{where}c/{evil.manifest}/{path}")
        assert answer.status_code == 200
        policy = rules(answer)
        rights = policy["sandbox"].split()
        assert "allow-same-origin" not in rights
        assert not [right for right in rights if right.startswith(("allow-top-navigation", "allow-popups"))]
        assert policy["form-action"] == "'none'"
        assert "http" not in policy["default-src"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_hostile_name_is_text_on_the_pages_around_the_lesson(hub, evil, client):
    where = site.address(hub, evil.id)
    for path in ("fr/", "fr/1/", "fr/deux/"):
        page = client.get(where + path)
        assert "<script>alert" not in page.text
        policy = rules(page)
        assert policy["script-src"] == "'self'"
        assert policy["default-src"] == "'none'"


def test_what_the_browser_sends_along_is_neither_read_nor_answered_with_a_cookie(hub, evil, client):
    client.set_cookie("session", "reviewer")
    answer = client.get(f"{site.address(hub, evil.id)}fr/")
    assert "reviewer" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_service_worker_cannot_stay_behind(hub, evil, client):
    answer = client.get(
        f"{site.address(hub, evil.id)}c/{evil.manifest}/index.html", headers={"Service-Worker": "script"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "c/{m}/../../x",
        "c/{m}/%2e%2e/x",
        "c/{m}/..%2f..%2fhub.db",
        "c/{other}/index.html",
        "c/{m}/",
        "p/x/y.js",
    ],
)
def test_nothing_but_this_lessons_files_is_given(hub, evil, client, path):
    where = site.address(hub, evil.id)
    assert client.get(where + path.format(m=evil.manifest, other="0" * 64)).status_code in {301, 308, 404}


def test_an_address_opens_one_lesson_for_two_days_and_cannot_be_guessed(
    hub, evil, enrolled, tmp_path, client, clock
):
    other = School(tmp_path / "other")
    enrol(hub, other, "college-dupont")
    second = arrive(hub, other)
    where = site.address(hub, evil.id)
    assert client.get(f"{where}fr/").status_code == 200
    forged = where.replace(f"/{evil.id}-", f"/{second.id}-")
    assert client.get(f"{forged}fr/").status_code == 404
    assert client.get("/1-1-x/fr/").status_code == 404
    clock.forward(days=3)
    assert client.get(f"{where}fr/").status_code == 404


def test_several_processes_open_the_same_addresses(hub, evil):
    assert review_site(hub).test_client().get(f"{site.address(hub, evil.id)}fr/").status_code == 200
    assert site.address(hub, evil.id) == site.address(hub, evil.id)


def test_a_lesson_whose_files_have_left_says_so(hub, evil, client):
    from edubox.hub.intake import shelf
    from edubox.hub.review import trees

    trees.forget(hub, evil.manifest)
    for name in list(shelf.of(hub).names()):
        shelf.of(hub).delete(name)
    answer = client.get(f"{site.address(hub, evil.id)}fr/")
    assert answer.status_code == 404
    assert "is not here" in answer.text
