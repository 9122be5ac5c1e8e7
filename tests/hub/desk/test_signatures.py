"""Signing from a page with a real key in a real child; wrong passphrases; the way without a line; and only for one's own academy."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edubox.hub import audit
from edubox.hub.accounts import guesses
from edubox.hub.desk import keyed
from edubox.hub.enrol import offline, signing, status
from edubox.hub.review import accept as taking
from edubox.hub.review import arrivals
from edubox.pack.index import parse
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import current
from tests.hub.conftest import BEGIN, PASSPHRASE
from tests.hub.desk import world
from tests.hub.desk.client import entered
from tests.hub.desk.world import ask

CHOICE = "ac-test/choix"


@pytest.fixture
def officer(app, hub, engine, monkeypatch):
    """An officer of the academy; children find the database as the hub does."""
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    return entered(app, hub, "marie", "officer", "ac-test")


@pytest.fixture
def asked(hub, officer):
    """A school that was accepted, and waits for the academy's key."""
    ask(hub, "Collège Neuf", name="college-neuf")
    officer.send("/bureau/inscriptions/accepter/", {"row": "1"})
    (line,) = signing.waiting(hub)
    return line


@pytest.fixture
def lesson(app, hub, officer, tmp_path):
    """A lesson that waits for a review."""
    world.offer(hub, app, world.school(hub, tmp_path))
    return "/bureau/relecture/1/"


def record(hub, publisher="ac-test/college-neuf"):
    return Directory(FolderFetch(hub.mirror)).record(publisher)


def sign(visitor, line, passphrase=PASSPHRASE):
    return visitor.send(
        "/bureau/signatures/ecoles/", {"academy": "ac-test", "last": str(line.id), "passphrase": passphrase}
    )


def journal(hub, action):
    with hub.database.read() as connection:
        return [line.actor for line in audit.every(connection) if line.action == action]


def published(hub, slug="la-lune"):
    data = current(FolderFetch(hub.mirror), CHOICE, f"{slug}.json")
    return None if data is None else parse(data)


def traces(hub, secret):
    """Where *secret* was written down: in the database, or in a file of the country's folder."""
    found = [
        str(path)
        for path in Path(hub.data).rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    with hub.database.read() as connection:
        found += [line.action for line in audit.every(connection) if secret in line.detail + line.subject]
    return found


def test_an_officer_with_the_passphrase_signs_a_school_in_the_browser(hub, officer, asked):
    assert "Collège Neuf" in officer.get("/bureau/signatures/").text
    assert sign(officer, asked).status_code == 303
    assert record(hub).status == "active"
    assert signing.waiting(hub) == []
    assert journal(hub, "sign.enter") == ["marie"], "the person, not the computer's user"


def test_a_wrong_passphrase_is_said_signs_nothing_and_is_written_nowhere(hub, officer, asked, caplog):
    answer = sign(officer, asked, "zebulon-wrong")
    assert answer.status_code == 403
    assert "n’ouvre pas la clé" in answer.text
    assert "zebulon" not in answer.text
    assert record(hub) is None
    assert traces(hub, "zebulon-wrong") == []
    assert "zebulon" not in caplog.text
    assert sign(officer, asked).status_code == 303, "and then the right one"
    assert traces(hub, "zebulon-wrong") == []
    assert "zebulon" not in " ".join(os.environ.values())


def test_whoever_guesses_passphrases_waits_longer_and_longer(hub, officer, asked, monkeypatch):
    from edubox.errors import WrongPassphrase

    def refuse(*_):
        raise WrongPassphrase(path="")

    monkeypatch.setattr("edubox.hub.child.run", refuse)
    assert [sign(officer, asked, "x").status_code for _ in range(guesses.FREE)] == [403] * guesses.FREE
    answer = sign(officer, asked, PASSPHRASE)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert journal(hub, "sign.guessed") == ["marie"]


def test_one_who_signs_keeps_others_out_for_a_moment_and_says_so(officer, asked, monkeypatch):
    monkeypatch.setattr(keyed, "_free", type("Full", (), {"acquire": lambda *_, **__: False})())
    answer = sign(officer, asked)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_only_what_was_read_is_signed(hub, officer, asked):
    ask(hub, "École Tardive", name="ecole-tardive")
    officer.send("/bureau/inscriptions/accepter/", {"row": "2"})
    assert sign(officer, asked).status_code == 303
    assert [line.record.id for line in signing.waiting(hub)] == ["ac-test/ecole-tardive"]


def test_without_a_line_the_list_goes_and_comes_back_signed(hub, officer, asked):
    taken = officer.get("/bureau/signatures/ac-test.json")
    key = hub.workplace.signer("authorities/ac-test", PASSPHRASE)
    made, _ = offline.sign_queue(offline.read_queue(taken.get_data()), key, BEGIN)
    spoiled = json.loads(made) | {"authority": "ac-sud"}
    for data, status_code in ((b"{}", 409), (json.dumps(spoiled).encode(), 403), (made, 303)):
        form = {"file": (io.BytesIO(data), "signed.json")}
        answer = officer.send("/bureau/signatures/rapporter/", form, content_type="multipart/form-data")
        assert answer.status_code == status_code
    assert record(hub).status == "active"


def test_a_stranger_signs_nothing_of_another_academy(app, hub, asked):
    stranger = entered(app, hub, "paul", "officer", "ac-sud")
    assert sign(stranger, asked).status_code == 403
    for ending in ("json", "txt"):
        assert stranger.get(f"/bureau/signatures/ac-test.{ending}").status_code == 403
    assert "Collège Neuf" not in stranger.get("/bureau/signatures/").text
    reader = entered(app, hub, "rene", "reader", "ac-test")
    assert "Collège Neuf" in reader.get("/bureau/signatures/").text
    assert 'name="passphrase"' not in reader.get("/bureau/signatures/").text
    assert sign(reader, asked).status_code == 403
    assert record(hub) is None


def test_an_officer_accepts_and_publishes_in_one_step(hub, officer, lesson):
    form = {
        "collection": CHOICE,
        "passphrase": PASSPHRASE,
        "first": "50",
        "days": "3",
        "not_before": "2030-01-07T08:00",
    }
    assert officer.send(f"{lesson}accepter/", form).headers["Location"].endswith("said=published")
    index = published(hub)
    assert index.not_before == "2030-01-07T07:00Z", "the schools' own time"
    (begin, first), (end, rest) = index.stages
    assert (first, rest) == (50, 1000)
    days = datetime.fromisoformat(end) - datetime.fromisoformat(begin)
    assert days.days == 3
    assert (
        abs(
            datetime.strptime(begin, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC) - datetime.now(UTC)
        ).total_seconds()
        < 600
    )
    assert journal(hub, "sign.lesson") == ["marie"]
    page = officer.get("/bureau/parutions/").text
    assert "5 %" in page
    assert "07/01/2030 08:00" in page


def test_with_a_wrong_passphrase_the_lesson_is_accepted_and_waits(hub, officer, lesson):
    answer = officer.send(f"{lesson}accepter/", {"collection": CHOICE, "passphrase": "zebulon-wrong"})
    assert answer.status_code == 403
    assert published(hub) is None
    with hub.database.read() as connection:
        assert arrivals.get(connection, 1).state == "accepted"
        (line,) = taking.of_arrival(connection, 1)
    assert (line.state, line.reason) == (taking.WAITING, "")
    assert traces(hub, "zebulon-wrong") == []
    assert (
        officer.send(f"{lesson}publier/", {"line": str(line.id), "passphrase": PASSPHRASE}).status_code == 303
    )
    assert published(hub) is not None
    assert (
        officer.send(f"{lesson}publier/", {"line": str(line.id), "passphrase": PASSPHRASE}).status_code == 303
    )
    assert published(hub).version == 1, "a second click publishes nothing anew"


def test_chosen_lessons_are_made_public_together(hub, officer, lesson):
    officer.send(f"{lesson}accepter/", {"collection": CHOICE})
    assert published(hub) is None
    page = officer.get("/bureau/signatures/").text
    assert "la-lune" in page
    assert "personne ne sait encore" in page.lower(), "what it costs, before the button"
    assert officer.send("/bureau/signatures/lecons/", {"lesson": ["1"]}).status_code == 400, "no passphrase"
    with hub.database.read() as connection:
        assert taking.get(connection, 1).state == taking.WAITING
    assert (
        officer.send("/bureau/signatures/lecons/", {"lesson": ["1"], "passphrase": PASSPHRASE}).status_code
        == 303
    )
    assert published(hub) is not None


def test_what_a_lesson_costs_is_read_once_and_looked_up_for_each_academy(app, hub, lesson):
    page = entered(app, hub, "claire", "reviewer").get(lesson).text
    whole, _, rest = page.partition("<summary>Ce que cela coûte dans chaque académie")
    assert (whole.count('class="foretold"'), rest.count('class="foretold"')) == (1, 1)


def test_a_reviewer_accepts_and_does_not_publish(app, hub, lesson):
    reviewer = entered(app, hub, "rene", "reviewer", "ac-test")
    assert 'name="passphrase"' not in reviewer.get(lesson).text
    reviewer.send(f"{lesson}accepter/", {"collection": CHOICE, "passphrase": PASSPHRASE})
    assert published(hub) is None
    assert (
        reviewer.send("/bureau/signatures/lecons/", {"lesson": ["1"], "passphrase": PASSPHRASE}).status_code
        == 403
    )
    assert reviewer.send(f"{lesson}publier/", {"line": "1", "passphrase": PASSPHRASE}).status_code == 403
    stranger = entered(app, hub, "paul", "officer", "ac-sud")
    assert (
        stranger.send("/bureau/signatures/lecons/", {"lesson": ["1"], "passphrase": PASSPHRASE}).status_code
        == 403
    )
    assert published(hub) is None


def test_an_hour_that_is_none_is_refused_and_nothing_is_decided(hub, officer, lesson):
    for odd in ("demain", "2030-13-01T08:00", "2030-01-07"):
        assert (
            officer.send(f"{lesson}accepter/", {"collection": CHOICE, "not_before": odd}).status_code == 400
        )
    with hub.database.read() as connection:
        assert arrivals.get(connection, 1).state == "received"


def test_a_stolen_box_s_page_says_what_is_on_it_and_what_was_done(hub, officer, lesson):
    del lesson
    place = "/bureau/ecoles/ac-test/college-moulin/"
    assert "n’est pas suspendu" in officer.get(f"{place}vol/").text
    assert officer.send(f"{place}suspendre/", {"reason": "volé lundi"}).status_code == 303
    page = officer.get(f"{place}vol/").text
    assert "manque encore" in page, "the academy's signature"
    assert "volé lundi" in page
    assert status.SUSPENDED == "suspended"


def test_what_the_hub_itself_cannot_trust_is_no_fault_of_who_asks(hub, officer, caplog):
    """A school whose record cannot be made: the page says that the hub failed, not that the officer may not look."""
    world.many(hub, 3)
    status.suspend(hub, "ac-test/ecole-1", "marie", "volé")
    answer = officer.get("/bureau/signatures/")
    assert answer.status_code == 500
    assert "Pas pour vous" not in answer.text
    assert "a request failed" in caplog.text
