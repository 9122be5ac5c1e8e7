"""Tables, figures and forecasts of a whole country, and the messages that leave by themselves."""

from __future__ import annotations

import csv
import io

import pytest

from edubox.errors import BadInput
from edubox.hub import queue, work
from edubox.hub.fleet import alerts, export, forecast
from edubox.hub.fleet.forecast import MB

GB = 1_000_000_000


def test_a_table_has_every_box_and_no_formula_of_a_joker(fleet, monkeypatch):
    monkeypatch.setattr(export, "_PAGE", 2)
    for number in range(5):
        fleet.add(f"ecole{number}", label='=cmd|"/c calc"!A1')
    fleet.add("sud", "ac-sud")
    fleet.check_in("ecole3", failure="no-room")
    with fleet.hub.database.read() as connection:
        rows = list(csv.DictReader(io.StringIO("".join(export.table(connection)))))
        own = list(csv.DictReader(io.StringIO("".join(export.table(connection, "ac-sud")))))
    assert [one["publisher"] for one in rows] == [f"ac-test/ecole{number}" for number in range(5)] + [
        "ac-sud/sud"
    ]
    assert rows[3]["failure"] == "no-room"
    assert rows[0]["at"] == ""
    assert all(not one["label"].startswith("=") for one in rows)
    assert [one["publisher"] for one in own] == ["ac-sud/sud"]


def test_prometheus_reads_how_many_are_silent(fleet, clock):
    fleet.add("moulin")
    fleet.add("jamais")
    fleet.check_in("moulin", health={"clock": "warning"})
    with fleet.hub.database.read() as connection:
        text = export.prometheus(connection, fleet.hub.now())
    assert 'edubox_fleet_boxes{authority="ac-test"} 2' in text
    assert 'edubox_fleet_silent{authority="ac-test"} 1' in text
    assert 'edubox_fleet_warning{authority="ac-test"} 1' in text
    assert text.count("# TYPE") == text.count("# HELP") == 7


def test_table_and_figures_ask_for_a_token(fleet):
    assert fleet.client.get("/api/1/fleet.csv").status_code in {401, 403}
    assert fleet.client.get("/api/1/metrics").status_code in {401, 403}


def test_an_officer_reads_hours_for_the_slowest_tenth_before_publishing(fleet, clock):
    for number in range(10):
        fleet.add(f"ecole{number}")
    fleet.add("muette")
    for day, had in enumerate((0, 1)):
        for number in range(10):
            slow = 86 if number == 9 else 864
            fleet.check_in(f"ecole{number}", month_hub=had * slow, disk_free=300 if number == 0 else 20_000)
        if not day:
            clock.forward(days=1)
    with fleet.hub.database.read() as connection:
        told = forecast.forecast(connection, 500 * MB, now=fleet.hub.now())
    assert (told.boxes, told.total, told.unknown, told.full) == (11, 11 * 500 * MB, 1, 1)
    assert told.middle == pytest.approx(500 / 864 * 24, rel=0.01)
    assert told.slow == pytest.approx(500 / 86 * 24, rel=0.01)
    with fleet.hub.database.read() as connection:
        nobody = forecast.forecast(connection, 500 * MB, "ac-vide", now=fleet.hub.now())
    assert (nobody.boxes, nobody.middle, nobody.slow) == (0, None, None)


class Sent(list):
    """What an https address got."""


@pytest.fixture
def sent(monkeypatch):
    got = Sent()
    monkeypatch.setattr(
        alerts, "_post", lambda target, value: got.append((target, value["kind"], value["text"]))
    )
    return got


def test_somebody_is_told_once_when_a_box_breaks_and_again_when_another_does(fleet, clock, sent):
    fleet.add("moulin")
    fleet.add("sud", "ac-sud")
    alerts.add(fleet.hub, "ac-test", alerts.BROKEN, "https://chat.example/hook", "marie")
    fleet.check_in("sud", health={"database": "broken"})
    work.work(fleet.hub)
    assert sent == []
    fleet.check_in("moulin", health={"database": "broken"})
    for _ in range(3):
        clock.forward(hours=1)
        work.plan(fleet.hub)
        work.work(fleet.hub)
    ((target, kind, text),) = sent
    assert (target, kind) == ("https://chat.example/hook", "broken")
    assert "ac-test/moulin (Collège moulin): database" in text
    assert "ac-sud" not in text


def test_silence_is_told_after_days_and_a_web_address_that_is_away_gets_it_later(fleet, clock, monkeypatch):
    fleet.add("moulin")
    fleet.check_in("moulin")
    alerts.add(fleet.hub, "", alerts.SILENT, "https://127.0.0.1:9/hook", "marie")
    clock.forward(days=5)
    work.plan(fleet.hub)
    work.work(fleet.hub)
    with fleet.hub.database.read() as connection:
        (waiting,) = [job for job in queue.listed(connection) if job.kind == alerts.SEND]
    assert waiting.state == queue.WAITING
    assert "https://127.0.0.1:9/hook did not take the message" in waiting.said
    got = []
    monkeypatch.setattr(alerts, "_post", lambda *told: got.append(told))
    clock.forward(hours=2)
    work.work(fleet.hub)
    assert "moulin" in got[0][1]["text"]


@pytest.mark.parametrize(("kind", "target"), [
    ("other", "https://a.example/"), ("silent", "http://a.example/"), ("silent", "https://user@a.example/"), ("silent", "marie"),
    ("silent", "marie@ecole.example\nBcc: x@y.example"), ("silent", "file:///etc/passwd"), ("silent", "marie@ecole.example"),
])  # fmt: skip
def test_what_is_no_address_is_told_nothing(fleet, kind, target):
    with pytest.raises(BadInput):
        alerts.add(fleet.hub, "ac-test", kind, target, "marie")


def test_mail_leaves_by_the_server_of_the_settings(fleet, monkeypatch):
    letters = []

    class Server:
        def __init__(self, host, port, timeout):
            assert timeout
            letters.append((host, port))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def send_message(self, message):
            letters.append((message["To"], message["From"], message.get_content()))

    monkeypatch.setattr(alerts.smtplib, "SMTP", Server)
    hub = fleet.hub
    settings = dict(hub.settings) | {"mail": "smtp://mail.example:2525", "mail_from": "hub@ac.example"}
    alerts._mail(
        type(hub)(hub.data, settings, hub.database, hub.blobs, hub.public, hub.clock),
        "marie@ac.example",
        "Sujet",
        "Bonjour",
    )
    assert letters[0] == ("mail.example", 2525)
    assert letters[1][:2] == ("marie@ac.example", "hub@ac.example")
