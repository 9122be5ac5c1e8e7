"""Who reaches the desk: whose cookie, by which way, with which token, and for how long."""

from __future__ import annotations

import logging

import pytest

from edubox.box.accounts import guard, people
from edubox.box.accounts.person import ADMIN, SUBSTITUTE, TEACHER
from edubox.box.app import create_app
from tests.box.accounts.conftest import HOST, ORIGIN, Browser
from tests.box.desk_client import PASSWORD, SECRET, person
from tests.box.school import settings

PAGES = ("arriving/", "arriving/state.json", "boitier/", "classes/", "carry/", "sheet/", "given/")


@pytest.fixture
def ada(data):
    return person(data, ADMIN)


@pytest.fixture
def inside(browser, ada):
    assert browser.come_in("Ada", PASSWORD).status_code == 303
    return browser


def anew(browser, app, **more):
    """Another browser that has somehow got the cookie."""
    other = Browser(app, **more)
    other.set_cookie(guard.COOKIE, browser.cookie(guard.COOKIE).value)
    return other


def test_no_page_of_the_desk_is_there_for_who_has_not_come_in(browser, ada, app):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not rule.endpoint.startswith("desk.") or getattr(view, "needs", TEACHER) == "anybody":
            continue
        address = rule.rule
        for name in rule.arguments:
            converter = (
                "path:" if f"<path:{name}>" in address else "int:" if f"<int:{name}>" in address else ""
            )
            address = address.replace(f"<{converter}{name}>", "1")
        for method in rule.methods:
            answer = browser._ask(method, address, {"Origin": ORIGIN})
            wanted = {303, 401} if method in {"GET", "HEAD", "OPTIONS"} else {401}
            assert answer.status_code in wanted, (method, address)
            assert "Set-Cookie" not in answer.headers


def test_who_is_sent_to_the_door_comes_back_to_the_page_that_was_asked_for(browser, ada):
    answer = browser.get("/bureau/classes/?lang=fr")
    assert answer.headers["Location"] == "/bureau/entrer/?next=%2Fbureau%2Fclasses%2F%3Flang%3Dfr"
    text = browser.get(answer.headers["Location"]).text
    assert 'name="next" value="/bureau/classes/?lang=fr"' in text
    answer = browser.post("/bureau/entrer/", name="ada ", password=PASSWORD, next="/bureau/classes/?lang=fr")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bureau/classes/?lang=fr")
    assert browser.get("/bureau/classes/").status_code == 200


@pytest.mark.parametrize("address", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "/bureau/../fr/", "/bureau/\r\nX: y", "/fr/", "bureau/",
    "javascript:alert(1)", "/bureau//evil.example/../..", "/bureau/é", "x" * 5000,
])  # fmt: skip
def test_the_door_leads_nowhere_but_to_the_desk(address):
    assert guard.inside(address) == "/bureau/"


def test_the_cookie_is_for_this_host_over_tls_alone_and_no_script_reads_it(inside):
    set_cookie = inside.come_in("Ada", PASSWORD).headers["Set-Cookie"]
    assert set_cookie.startswith("__Host-edubox=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= {
        one.strip() for one in set_cookie.split(";")
    }
    assert "Domain" not in set_cookie


def test_on_this_computer_without_tls_the_cookie_has_another_name(app, ada):
    here = Browser(app, "http://localhost:8080", "127.0.0.1")
    set_cookie = here.come_in("Ada", PASSWORD).headers["Set-Cookie"]
    assert set_cookie.startswith("edubox=")
    assert "Secure" not in set_cookie
    assert {"HttpOnly", "Path=/bureau/", "SameSite=Strict"} <= {one.strip() for one in set_cookie.split(";")}
    assert here.is_in()


def test_a_password_is_never_taken_over_plain_http_from_elsewhere(app, ada):
    plain = Browser(app, "http://box.local:8080")
    assert plain.come_in("Ada", PASSWORD).status_code == 403
    assert 'type="password"' not in plain.get("/bureau/entrer/").text


def test_a_stolen_cookie_over_plain_http_opens_nothing_and_ends_with_its_owner_s_session(inside, app):
    thief = anew(inside, app)
    assert thief.is_in(), "whoever has the cookie is its owner, as far as the box can tell"
    plain = Browser(app, "http://box.local:8080")
    plain.set_cookie(guard.COOKIE, inside.cookie(guard.COOKIE).value)
    plain.set_cookie(guard.PLAIN_COOKIE, inside.cookie(guard.COOKIE).value)
    assert "csrf" not in plain.get("/bureau/classes/").text
    assert inside.send("/bureau/sortir/").status_code == 303
    assert not thief.is_in()
    assert not inside.is_in()


def test_two_cookies_of_the_name_are_nobody_s(inside):
    token = inside.cookie(guard.COOKIE).value
    twice = {"Cookie": f"{guard.COOKIE}={token}; {guard.COOKIE}={token}"}
    client = inside._client.application.test_client(use_cookies=False)
    assert client.get("/bureau/classes/", base_url=ORIGIN, headers=twice).status_code == 303
    once = {"Cookie": f"{guard.COOKIE}={token}; edubox=x"}
    assert client.get("/bureau/classes/", base_url=ORIGIN, headers=once).status_code == 200


def test_a_token_that_somebody_planted_before_is_not_the_one_after_coming_in(inside, app, ada):
    planted = inside.cookie(guard.COOKIE).value
    other = Browser(app)
    other.set_cookie(guard.COOKIE, planted)
    other.come_in("Ada", PASSWORD)
    assert other.cookie(guard.COOKIE).value != planted
    assert not inside.is_in(), "the planted one ended"


@pytest.mark.parametrize("headers", [
    {"Origin": "http://box.local:8443"}, {"Origin": "https://box.local:8081"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
    {"Origin": ""},
])  # fmt: skip
def test_a_form_of_another_site_changes_nothing(inside, headers):
    assert inside.post("/bureau/classes/", headers, csrf=inside.token(), name="6e B").status_code == 403
    assert "6e B" not in inside.get("/bureau/classes/").text


def test_a_form_without_the_session_s_token_changes_nothing(inside, app, data):
    person(data, TEACHER, "Grace")
    other = Browser(app)
    other.come_in("Grace", PASSWORD)
    for token in ("", "x", "é" * 40, other.token()):
        assert inside.post("/bureau/classes/", csrf=token, name="6e B").status_code == 403
        assert (
            inside.post(
                "/bureau/classes/", {guard.HEADER: token.encode().decode("latin-1")}, name="6e B"
            ).status_code
            == 403
        )
    assert "6e B" not in inside.get("/bureau/classes/").text
    assert inside.post("/bureau/classes/", {guard.HEADER: inside.token()}, name="6e B").status_code == 303
    assert inside.send("/bureau/classes/", name="5e A").status_code == 303


def test_the_token_of_forms_does_not_give_the_session_away(inside):
    assert inside.token() not in inside.cookie(guard.COOKIE).value
    assert inside.cookie(guard.COOKIE).value not in inside.get("/bureau/classes/").text


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (ADMIN, {"arriving/", "boitier/", "classes/", "carry/", "sheet/"}),
        (TEACHER, {"arriving/", "classes/", "carry/"}),
        (SUBSTITUTE, set()),
        ("nonsense", set()),
    ],
)
def test_each_role_reaches_its_own_pages(app, data, role, allowed, monkeypatch):
    monkeypatch.setattr("edubox.box.desk_state.checkup", lambda _: [])
    person(data, role, "Grace")
    browser = Browser(app)
    browser.come_in("Grace", PASSWORD)
    for path in ("arriving/", "boitier/", "classes/", "carry/", "sheet/"):
        answer = browser.get(f"/bureau/{path}")
        if path == "sheet/" and path in allowed:
            assert answer.status_code == 404, "this box has no identity to print"
        else:
            assert answer.status_code == (200 if path in allowed else 403), path


def test_a_closed_account_a_new_password_and_a_lower_role_hold_at_once(inside, school, ada, app, data):
    person(data, ADMIN, "Root")
    people.change_role(school, ada.id, TEACHER)
    assert inside.get("/bureau/sheet/").status_code == 403
    assert inside.is_in()
    people.set_password(school, ada.id, SECRET.replace("19456", "19457"))
    assert not inside.is_in(), "whoever knew the old password is out"
    other = Browser(app)
    other.come_in("Root", PASSWORD)
    people.set_password(school, ada.id, SECRET)
    again = Browser(app)
    again.come_in("Ada", PASSWORD)
    assert again.is_in()
    people.close(school, ada.id, 1)
    assert not again.is_in()
    assert again.come_in("Ada", PASSWORD).status_code == 401
    assert other.is_in()


def test_a_substitute_is_out_at_the_last_moment(app, school, browser):
    school.write(lambda db: people.add(db, "Remplaçant", TEACHER, SECRET, 1, until=2))
    assert browser.come_in("Remplaçant", PASSWORD).status_code == 401


def test_a_restart_of_the_box_logs_everybody_out(inside, data):
    assert not anew(inside, create_app(data, settings())).is_in()


def test_from_a_page_of_pupils_the_desk_asks_once_more_for_the_cookie_that_was_held_back(
    browser, inside, app
):
    stranger = Browser(app)
    answer = stranger.get("/bureau/classes/", **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="0"' in answer.text
    answer = stranger.get("/bureau/classes/", **{"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
    assert inside.get("/bureau/classes/", **{"Sec-Fetch-Site": "cross-site"}).text.count("<h1") == 1


def test_the_page_keeps_to_itself(inside):
    answer = inside.get("/bureau/classes/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not answer.headers.get("Set-Cookie")


def test_pages_of_pupils_have_no_cookie_and_are_the_same_for_a_teacher(inside, app):
    plain = Browser(app, "http://box.local:8080")
    with_cookie = Browser(app, "http://box.local:8080")
    with_cookie.set_cookie(guard.COOKIE, inside.cookie(guard.COOKIE).value)
    one, other = plain.get("/fr/"), with_cookie.get("/fr/")
    assert one.data == other.data
    assert "Set-Cookie" not in one.headers


def test_neither_passwords_nor_codes_nor_cookies_are_logged(browser, ada, monkeypatch, caplog, app):
    monkeypatch.setattr("edubox.box.accounts.door.passwords.is_right", lambda *_: 1 / 0)
    with caplog.at_level(logging.DEBUG):
        assert browser.come_in("Ada", PASSWORD).status_code == 500
        browser.get("/bureau/premier/ABCD-EFGH-JKMN/")
    assert caplog.records
    said = "".join(record.getMessage() for record in caplog.records)
    assert PASSWORD not in said
    assert "ABCD" not in said
    assert HOST not in said
