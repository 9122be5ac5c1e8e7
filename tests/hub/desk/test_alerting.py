"""Who is told when boxes fall silent: added, tried, removed, for one's own academy; and what is silent now."""

from __future__ import annotations

import pytest

from edubox.hub import queue
from edubox.hub.fleet import alerts
from edubox.hub.hub import Hub
from tests.hub.desk import world
from tests.hub.desk.client import entered

WEB = "https://supervision.example/alert"


@pytest.fixture
def marie(app, hub):
    return entered(app, hub, "marie", "ministry")


def told(hub, authority=""):
    with hub.database.read() as connection:
        return [(one.authority, one.kind, one.target) for one in alerts.listed(connection, authority)]


def test_a_web_address_is_told_from_now_on_and_no_more(marie, hub):
    assert "Personne n’est prévenu" in marie.get("/bureau/alertes/").text
    assert (
        marie.send("/bureau/alertes/", {"kind": "silent", "target": WEB, "academy": "ac-test"}).status_code
        == 303
    )
    assert told(hub) == [("ac-test", "silent", WEB)]
    assert WEB in marie.get("/bureau/alertes/").text
    assert marie.send("/bureau/alertes/1/retirer/").status_code == 303
    assert told(hub) == []


def test_a_try_says_when_it_did_not_arrive(marie, hub):
    marie.send("/bureau/alertes/", {"kind": "silent", "target": WEB, "academy": ""})
    assert marie.send("/bureau/alertes/1/essayer/").status_code == 303
    while (job := queue.take(hub.database, "test", hub.now())) and job.kind != alerts.SEND:
        queue.done(hub.database, job)
    assert job.payload["target"] == WEB
    queue.failed(hub.database, job, "the address does not answer", hub.now(), final=True)
    assert "the address does not answer" in marie.get("/bureau/alertes/").text


def test_mail_needs_a_mail_server_and_the_page_says_whom_to_ask(marie, hub):
    answer = marie.send("/bureau/alertes/", {"kind": "silent", "target": "a@example.org", "academy": ""})
    assert answer.status_code == 400
    assert "hub.toml" in answer.text
    for odd in ("", "http://x.example", "javascript:alert(1)", "a@b@c", "https://user:x@host/"):
        assert (
            marie.send("/bureau/alertes/", {"kind": "silent", "target": odd, "academy": ""}).status_code
            == 400
        )
    assert told(hub) == []


def test_an_officer_has_mail_sent_for_their_academy_and_knocks_at_no_door(hub):
    from edubox.hub.app import create_app

    mailing = Hub(
        hub.data,
        dict(hub.settings) | {"mail": "smtp://localhost:25"},
        hub.database,
        hub.blobs,
        hub.public,
        hub.clock,
    )
    paul = entered(create_app(mailing), mailing, "paul", "officer", "ac-test")
    assert paul.send("/bureau/alertes/", {"kind": "broken", "target": "p@example.org"}).status_code == 303
    assert paul.send("/bureau/alertes/", {"kind": "broken", "target": WEB}).status_code == 403
    assert (
        paul.send(
            "/bureau/alertes/", {"kind": "broken", "target": "q@example.org", "academy": ""}
        ).status_code
        == 303
    )
    assert told(hub) == [("ac-test", "broken", "p@example.org"), ("ac-test", "broken", "q@example.org")], (
        "never the country's"
    )


def test_silent_boxes_are_listed_page_by_page(marie, hub):
    world.many(hub, 120)
    page = marie.get("/bureau/alertes/").text
    assert page.count("<tr>") == 51
    assert "?page=2" in page
    assert marie.get("/bureau/alertes/?page=3").text.count("<tr>") == 21


def test_a_stranger_neither_sees_nor_touches_an_academy_s_alerts(app, hub):
    alerts.add(hub, "ac-test", "silent", WEB, "m")
    stranger = entered(app, hub, "paul", "officer", "ac-sud")
    assert WEB not in stranger.get("/bureau/alertes/").text
    for act in ("retirer/", "essayer/"):
        assert stranger.send(f"/bureau/alertes/1/{act}").status_code == 403
    assert stranger.send(
        "/bureau/alertes/", {"kind": "silent", "target": WEB, "academy": "ac-test"}
    ).status_code in {403, 400}
    assert told(hub) == [("ac-test", "silent", WEB)]
