"""What an academy proposes to its schools, changed from a page: in words, signed by a real key in a real child, by whom it concerns."""

from __future__ import annotations

import tomllib

import pytest

from edubox.hub import audit
from edubox.hub.enrol import proposing
from edubox.publishing.authority import proposals
from edubox.trust.follow_lists import FollowList
from tests.hub.conftest import PASSPHRASE
from tests.hub.desk.client import entered

HERE = "/bureau/abonnements/"
CHOICE, LEVEL = "ac-test/choix", "l"


@pytest.fixture
def officer(app, hub, engine, monkeypatch):
    """An officer of the academy; children find the database as the hub does."""
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    return entered(app, hub, "marie", "officer", "ac-test")


def seen(page):
    return page.text.partition('name="seen" value="')[2][:64]


def send(visitor, page=None, do="sign", passphrase=PASSPHRASE, number="", academy="ac-test", **chosen):
    known = seen(page or visitor.get(f"{HERE}?academy={academy}"))
    form = {"academy": academy, "seen": known, "list": number, "do": do, "passphrase": passphrase}
    return visitor.send(HERE, form | chosen)


def test_an_academy_without_lists_reads_what_a_box_does_then(officer):
    page = officer.get(HERE)
    assert page.status_code == 200
    assert "Rien n’est proposé" in page.text
    assert f'name="publishers" value="{CHOICE}"> <span><bdi>Academy</bdi>' in page.text
    assert f'name="levels" value="{LEVEL}"> L</label>' in page.text


def test_what_is_ticked_is_signed_public_and_told_in_words(hub, officer):
    assert send(officer, publishers=[CHOICE], levels=[LEVEL]).status_code == 303
    assert proposals(hub.data, "ac-test") == (FollowList((CHOICE,), (LEVEL,)),)
    page = officer.get(HERE).text
    assert "Écoles qui ont : L" in page.replace("\xa0", " ")
    with hub.database.read() as connection:
        assert [line.actor for line in audit.every(connection) if line.action == "follow.set"] == ["marie"]


def test_a_list_is_changed_and_taken_away_and_the_others_stay(hub, officer):
    send(officer, publishers=[CHOICE], levels=[LEVEL])
    send(officer, publishers=[CHOICE])
    assert send(officer, number="0", publishers=[CHOICE], kinds=["school"]).status_code == 303
    both = FollowList((CHOICE,), (), ("school",)), FollowList((CHOICE,))
    assert proposals(hub.data, "ac-test") == both
    assert send(officer, number="0", do="remove").status_code == 303
    assert proposals(hub.data, "ac-test") == both[1:]


def test_without_a_collection_or_with_a_wrong_passphrase_nothing_is_signed_and_the_ticks_stay(hub, officer):
    assert send(officer).status_code == 400
    answer = send(officer, publishers=[CHOICE], levels=[LEVEL], passphrase="not this one")
    assert answer.status_code == 403
    assert f'value="{LEVEL}" checked' in answer.text
    assert proposals(hub.data, "ac-test") == ()


def test_what_the_directory_does_not_know_is_refused_with_the_reason(hub, officer):
    answer = send(officer, publishers=["ac-test/nobody"])
    assert answer.status_code == 409
    assert "no active publisher ac-test/nobody" in answer.text
    assert proposals(hub.data, "ac-test") == ()


def test_who_was_overtaken_by_a_colleague_signs_nothing_and_sees_what_is_so_now(hub, officer):
    before = officer.get(HERE)
    send(officer, publishers=[CHOICE])
    answer = send(officer, before, publishers=[CHOICE], levels=[LEVEL])
    assert answer.status_code == 409
    assert proposals(hub.data, "ac-test") == (FollowList((CHOICE,)),)


def test_when_the_key_is_elsewhere_the_lists_are_a_file_that_the_command_takes(hub, officer):
    key = hub.workplace.keys / "authorities" / "ac-test"
    away = key.rename(key.with_name("on-a-stick"))
    assert "edubox academy follow --data" in officer.get(HERE).text
    taken = send(officer, publishers=[CHOICE], levels=[LEVEL])
    assert taken.headers["Content-Disposition"] == 'attachment; filename="lists-ac-test.toml"'
    assert proposals(hub.data, "ac-test") == ()
    away.rename(key)
    signer = lambda: hub.workplace.signer("authorities/ac-test", PASSPHRASE)  # noqa: E731
    assert proposing.propose(hub, "ac-test", tomllib.loads(taken.text), signer, "marie")
    assert proposals(hub.data, "ac-test") == (FollowList((CHOICE,), (LEVEL,)),)


@pytest.mark.parametrize(
    ("role", "authority"), [("officer", "ac-other"), ("reader", "ac-test"), ("reviewer", "")]
)
def test_others_read_at_most_and_change_nothing(app, hub, officer, role, authority):
    known = seen(officer.get(HERE))
    visitor = entered(app, hub, "paul", role, authority)
    form = {
        "academy": "ac-test",
        "seen": known,
        "do": "sign",
        "passphrase": PASSPHRASE,
        "publishers": CHOICE,
    }
    assert visitor.send(HERE, form).status_code == 403
    assert proposals(hub.data, "ac-test") == ()
    assert 'name="passphrase"' not in visitor.get(f"{HERE}?academy={authority}").text
