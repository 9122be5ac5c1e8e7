"""The door of the hub's desk: what lets somebody in, and what never does."""

from __future__ import annotations

import pytest

from edubox.hub import audit
from edubox.hub.accounts import people, sessions, totp
from tests.hub.desk.client import PASSWORD, Visitor, arrived, made


def journal(hub):
    with hub.database.read() as connection:
        return [(line.actor, line.action) for line in audit.lines(connection)]


def test_the_first_administrator_comes_in_with_the_code_a_password_and_an_authenticator(app, hub):
    one = Visitor(app, hub)
    assert one.get("/bureau/").headers["Location"] == "/bureau/entrer/"
    answer = one.use_invitation(made(hub))
    assert answer.headers["Location"] == "/bureau/entrer/premier/"
    assert not one.is_in(), "a password alone lets nobody in who can write"
    answer = one.set_up()
    assert answer.status_code == 200
    assert len(one.recovery) == 8
    assert one.is_in()
    assert ("marie", "door.in") in journal(hub)
    assert audit.verify(hub.database)


def test_without_the_second_factor_no_page_opens(app, hub):
    arrived(app, hub)
    half = Visitor(app, hub)
    assert half.password("marie").headers["Location"] == "/bureau/entrer/code/"
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/bureau/") and "GET" in rule.methods and not rule.arguments:
            answer = half.get(rule.rule)
            assert answer.status_code in {200, 303}
            if answer.status_code == 200:
                assert rule.rule in {"/bureau/entrer/", "/bureau/entrer/code/", "/bureau/invitation/"}, (
                    rule.rule
                )


def test_a_code_of_the_authenticator_opens_once(app, hub, clock):
    one = arrived(app, hub)
    clock.forward(seconds=totp.STEP)
    code = one.code()
    first, second = Visitor(app, hub), Visitor(app, hub)
    for each in (first, second):
        each.password("marie")
    assert first.second(code).status_code == 303
    assert second.second(code).status_code == 401, "seen over a shoulder"
    assert first.is_in()
    assert not second.is_in()


def test_the_code_that_set_the_authenticator_up_does_not_open_again(app, hub):
    one = arrived(app, hub)
    again = Visitor(app, hub)
    again.password("marie")
    assert again.second(one.code()).status_code == 401


def test_a_recovery_code_stands_once_for_the_authenticator(app, hub):
    one = arrived(app, hub)
    for expected in (303, 401):
        again = Visitor(app, hub)
        again.password("marie")
        assert again.second(one.recovery[0].upper()).status_code == expected


def test_five_wrong_codes_ask_for_the_password_again_and_then_wait_longer(app, hub, clock):
    arrived(app, hub)
    again = Visitor(app, hub)
    again.password("marie")
    for _ in range(4):
        assert again.second("000000").status_code == 401
    answer = again.second("000000")
    assert answer.headers["Location"] == "/bureau/entrer/?over=1"
    assert ("marie", "door.guessed") in journal(hub), "its owner reads that somebody knows the password"
    again.password("marie")
    answer = again.second("000000")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    for _ in range(12):
        clock.forward(seconds=900)
        again.password("marie")
        again.second("000000")
    answer = again.second("000000")
    assert answer.status_code in {303, 429}


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(app, hub):
    arrived(app, hub)
    texts = set()
    for login in ("marie", "nobody"):
        answer = Visitor(app, hub).password(login, "wrong wrong wrong")
        assert answer.status_code == 401
        texts.add(answer.text.replace(login, "…"))
    assert len(texts) == 1


def test_after_five_wrong_passwords_the_right_one_waits(app, hub, clock):
    one = arrived(app, hub)
    # From another address: where somebody always comes from, they wait for nobody.
    thief = {"environ_base": {"REMOTE_ADDR": "127.0.0.9"}}
    guess = Visitor(app, hub)
    for _ in range(5):
        guess.send("/bureau/entrer/", {"login": "marie", "password": "wrong"}, csrf="", **thief)
    answer = guess.send("/bureau/entrer/", {"login": "marie", "password": PASSWORD}, csrf="", **thief)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert Visitor(app, hub).password("marie").status_code == 303, "its owner's own computer"
    clock.forward(seconds=2)
    assert (
        guess.send("/bureau/entrer/", {"login": "marie", "password": PASSWORD}, csrf="", **thief).status_code
        == 303
    )
    assert one.is_in(), "an open session is never touched"


def test_a_session_that_somebody_planted_is_not_the_one_that_comes_in(app, hub, clock):
    victim = arrived(app, hub)
    clock.forward(seconds=totp.STEP)
    planted = "x" * 43
    victim.http.set_cookie("edubox-hub", planted, domain="localhost", path="/bureau/")
    victim.password("marie")
    half = victim.cookie().value
    victim.second()
    whole = victim.cookie().value
    assert len({planted, half, whole}) == 3
    thief = Visitor(app, hub)
    for token in (planted, half):
        thief.http.set_cookie("edubox-hub", token, domain="localhost", path="/bureau/")
        assert not thief.is_in()
    assert victim.is_in()


def test_two_cookies_of_our_name_are_nobody_s(app, hub):
    one = arrived(app, hub)
    token = one.cookie().value
    raw = app.test_client(use_cookies=False)
    for header, status in ((f"edubox-hub={token}", 200), (f"edubox-hub={token}; edubox-hub={token}", 303)):
        assert (
            raw.get("/bureau/aide/", base_url="http://localhost", headers={"Cookie": header}).status_code
            == status
        )


def test_the_cookie_over_tls_is_for_this_host_and_no_script(app, hub):
    one = Visitor(app, hub, secure=True)
    answer = one.use_invitation(made(hub))
    [cookie] = [value for name, value in answer.headers if name == "Set-Cookie"]
    name, *flags = [part.strip() for part in cookie.split(";")]
    assert name.startswith("__Host-edubox=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    assert not any(flag.startswith("Domain") for flag in flags)
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_no_password_goes_over_plain_http_from_elsewhere(app, hub):
    made(hub)
    far = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    http = app.test_client()
    answer = http.get("/bureau/entrer/", base_url="http://hub.example.org", **far)
    assert answer.status_code == 403
    assert "https://" in answer.text
    assert 'type="password"' not in answer.text
    answer = http.post(
        "/bureau/entrer/", base_url="http://hub.example.org", headers={"Origin": "http://hub.example.org"},
        data={"login": "marie", "password": PASSWORD}, **far,
    )  # fmt: skip
    assert answer.status_code == 403
    # A proxy of another program on this computer has all its readers: the name that they asked for counts too.
    assert http.get("/bureau/entrer/", base_url="http://hub.example.org").status_code == 403


def test_an_invitation_is_not_used_up_by_a_password_that_is_refused(app, hub):
    code = made(hub)
    one = Visitor(app, hub)
    assert one.use_invitation(code, "marie").status_code == 400
    assert one.use_invitation(code, "12345678").status_code == 400
    answer = one.send(
        "/bureau/invitation/", {"code": code, "password": PASSWORD, "again": "another one"}, csrf=""
    )
    assert answer.status_code == 400
    assert one.use_invitation(code).status_code == 303
    assert Visitor(app, hub).use_invitation(code).status_code == 401, "a copy of it opens nothing"


def test_a_reader_comes_in_with_a_password_alone(app, hub):
    one = arrived(app, hub, "lea", "reader", "ac-test")
    assert one.is_in()


@pytest.mark.parametrize(
    "after", ["//evil.example/", "https://evil.example/", "/bureau/../api/", "/autre/", "/bureau/\\evil"]
)
def test_coming_in_leads_to_our_own_pages_only(app, hub, after):
    arrived(app, hub, "lea", "reader", "ac-test")
    one = Visitor(app, hub)
    assert one.password("lea", next=after).headers["Location"] == "/bureau/"


def test_coming_in_leads_back_to_the_page_that_was_asked_for(app, hub):
    arrived(app, hub, "lea", "reader", "ac-test")
    one = Visitor(app, hub)
    place = one.get("/bureau/ecoles/?q=moulin&page=2").headers["Location"]
    page = one.get(place).text
    assert 'name="next" value="/bureau/ecoles/?q=moulin&amp;page=2"' in page
    assert (
        one.password("lea", next="/bureau/ecoles/?q=moulin&page=2").headers["Location"]
        == "/bureau/ecoles/?q=moulin&page=2"
    )


def test_going_ends_the_session_everywhere(app, hub):
    one = arrived(app, hub)
    token = one.cookie().value
    assert one.send("/bureau/sortir/").headers["Location"] == "/bureau/entrer/"
    with hub.database.read() as connection:
        assert sessions.find(connection, token, hub.now()) is None


def test_a_person_who_was_removed_is_out_with_the_next_click(app, hub):
    arrived(app, hub)
    two = arrived(app, hub, "paul", "officer", "ac-test")
    hub.database.change(lambda connection: people.remove(connection, "marie", "paul", hub.now()))
    assert not two.is_in()


def test_while_the_database_is_away_the_door_says_so(app, hub, monkeypatch):
    from edubox.hub.errors import DatabaseAway

    def away():
        raise DatabaseAway(reason="it rests")

    one = arrived(app, hub)
    monkeypatch.setattr(type(hub.database), "read", lambda _: away())
    answer = one.get("/bureau/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "ne peut pas répondre" in answer.text or "cannot answer" in answer.text
    assert one.get("/api/1/me", headers={"Authorization": "Bearer x"}).json["error"] == "database-away"
