"""One's own account: everything that opens more doors asks for the password again."""

from __future__ import annotations

import re

import pytest

from edubox.hub.accounts import passkeys, people, sessions, totp
from tests.hub.desk.client import PASSWORD, Visitor, arrived


@pytest.fixture
def marie(app, hub):
    return arrived(app, hub)


def test_another_password_ends_every_other_session(app, hub, marie, clock):
    other = Visitor(app, hub)
    clock.forward(seconds=totp.STEP)
    other.secret = marie.secret
    other.password("marie")
    other.second()
    assert other.is_in()
    before = marie.cookie().value
    new = {"password": "quatre mots bien faciles", "again": "quatre mots bien faciles"}
    assert marie.send("/bureau/moi/mot-de-passe/", {"current": "wrong", **new}).status_code == 403
    assert marie.send("/bureau/moi/mot-de-passe/", {"current": PASSWORD, **new}).status_code == 303
    assert marie.is_in()
    assert marie.cookie().value != before
    assert not other.is_in()


@pytest.mark.parametrize("place", ["second/", "second/retirer/", "secours/", "jetons/"])
def test_a_computer_that_was_left_open_is_not_enough(hub, marie, place):
    answer = marie.send(
        f"/bureau/moi/{place}",
        {"current": "wrong", "code": "000000", "which": "totp", "label": "x", "scope": "read", "days": "3"},
    )
    assert answer.status_code == 403
    with hub.database.read() as connection:
        assert people.named(connection, "marie").totp == marie.secret


def test_the_only_second_factor_stays(hub, marie):
    answer = marie.send("/bureau/moi/second/retirer/", {"current": PASSWORD, "which": "totp"})
    assert answer.status_code == 400
    with hub.database.read() as connection:
        assert people.named(connection, "marie").totp


def test_new_recovery_codes_take_the_place_of_the_old_ones(app, hub, marie):
    page = marie.send("/bureau/moi/secours/", {"current": PASSWORD}).text
    fresh = re.findall(r"<li><code>([0-9a-z-]+)</code>", page)
    assert len(fresh) == 8
    for code, expected in ((marie.recovery[0], 401), (fresh[0], 303)):
        again = Visitor(app, hub)
        again.password("marie")
        assert again.second(code).status_code == expected


def test_a_token_is_shown_once_and_opens_what_it_is_for(app, hub, marie):
    page = marie.send(
        "/bureau/moi/jetons/", {"current": PASSWORD, "label": "tableau", "scope": ["read"], "days": "30"}
    ).text
    token = re.search(r"edubox_[\w-]{43}", page)[0]
    assert token not in marie.get("/bureau/moi/").text
    program = app.test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    answer = program.get("/api/1/me", base_url="http://localhost", headers=bearer)
    assert answer.json == {"actor": "token:tableau", "scope": ["read"], "authority": ""}
    assert program.get("/api/1/audit", base_url="http://localhost", headers=bearer).status_code == 403
    far = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}, "base_url": "http://hub.example.org"}
    assert program.get("/api/1/me", headers=bearer, **far).status_code == 403, "never in the clear"
    assert program.get("/api/1/me", base_url="http://localhost").status_code == 401
    marie.send("/bureau/moi/jetons/retirer/", {"label": "tableau"})
    assert program.get("/api/1/me", base_url="http://localhost", headers=bearer).status_code == 401


def test_guessing_tokens_is_slow(app):
    program = app.test_client()
    answers = [
        program.get(
            "/api/1/me", base_url="http://localhost", headers={"Authorization": f"Bearer edubox_{number}"}
        ).status_code
        for number in range(7)
    ]
    assert answers == [401] * 5 + [429] * 2


def test_a_session_of_somebody_else_cannot_be_ended(app, hub, marie):
    paul = arrived(app, hub, "paul", "officer", "ac-test")
    marie.send("/bureau/moi/sessions/", {"mark": sessions.key(paul.cookie().value)})
    assert paul.is_in()
    other = Visitor(app, hub)
    other.http.set_cookie(
        "edubox-hub",
        hub.database.change(lambda connection: sessions.begin(connection, 1, "whole", "x", hub.now())),
        domain="localhost",
        path="/bureau/",
    )
    assert other.is_in()
    marie.send("/bureau/moi/sessions/", {"mark": "others"})
    assert not other.is_in()
    assert marie.is_in()


@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        "[]",
        "null",
        "x",
        '{"rawId": 1}',
        '{"rawId": "AA", "response": {}}',
        '{"id":"a","rawId":"a","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}',
    ],
)
def test_an_answer_that_no_browser_gives_makes_and_opens_nothing(app, hub, marie, answer):
    assert marie.send("/bureau/moi/second/", {"current": PASSWORD, "answer": answer}).status_code == 400
    with hub.database.read() as connection:
        assert passkeys.of(connection, 1) == []
    again = Visitor(app, hub)
    again.password("marie")
    assert again.send("/bureau/entrer/code/", {"answer": answer}).status_code == 401


def test_browsers_have_passkeys_for_names_and_not_for_addresses():
    for site, can in (
        ("localhost", True),
        ("hub.example.org", True),
        ("127.0.0.1", False),
        ("[", False),
        ("", False),
        ("10.0.0.7", False),
    ):
        assert passkeys.can_be_at(site) is can, site
