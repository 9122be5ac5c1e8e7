"""What an academy proposes, changed on the desk: check boxes, what it means, a real key in a real child, and the way without a line."""

from __future__ import annotations

import html
import io
import json
import re
import tomllib

import pytest

from edubox.hub import audit
from edubox.hub.desk import following
from edubox.hub.enrol import offline_lists, proposing, signing, status
from edubox.publishing.authority import proposals
from edubox.publishing.country import add_publisher
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.follow_lists import MAX_LISTS, FollowList, to_bytes
from tests.cli.country import edubox, edubox_json
from tests.hub.conftest import PASSPHRASE
from tests.hub.desk import world
from tests.hub.desk.client import entered
from tests.hub.desk.world import HOSTILE
from tests.hub.intake.world import record
from tests.hub.publications import publish

HERE, CHOICE, STARTER = "/bureau/abonnements/ac-test/", "ac-test/choix", "ministry/starter"
ONE = {"publisher": [CHOICE, STARTER], "level": ["l"], "kind": ["school"]}


@pytest.fixture
def officer(app, hub, engine, monkeypatch):
    """An officer of the academy; children find the database as the hub does."""
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    return entered(app, hub, "marie", "officer", "ac-test")


def carried(page):
    """What the page carries to the next one."""
    found = {
        name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])
        for name in ("lists", "base")
    }
    assert found["lists"]
    return found


def act(visitor, page, do, **more):
    return visitor.send(HERE, carried(page) | {"do": do} | more)


def put_together(visitor, **ticked):
    """A list is added by its check boxes; the answer is the page that says what that means."""
    choosing = act(visitor, visitor.get(HERE).text, "add").text
    number = re.search(r'value="keep-(\d+)"', choosing)[1]
    return act(visitor, choosing, f"keep-{number}", **(ticked or ONE))


def sign(visitor, page, passphrase=PASSPHRASE):
    return visitor.send(f"{HERE}signer/", carried(page) | {"passphrase": passphrase})


def journal(hub):
    with hub.database.read() as connection:
        return [
            (one.actor, one.subject, one.detail)
            for one in audit.every(connection)
            if one.action == "follow.set"
        ]


def test_an_officer_proposes_collections_with_check_boxes_and_a_passphrase(hub, officer):
    world.many(hub, 3)
    empty = officer.get("/bureau/abonnements/").text
    assert "Rien n’est proposé" in empty
    assert "Ce qu’elles reçoivent" in officer.get("/bureau/ecoles/").text, "found beside the schools"
    choosing = act(officer, empty, "add").text
    assert all(words in choosing for words in ("Academy", CHOICE, "Ministry", STARTER, "School", "L"))
    assert "ac-test/ecole-1" not in choosing, "of 60,000 schools none"
    page = act(officer, choosing, "keep-0", **ONE).text
    assert "Boîtiers de type School où l’on enseigne L" in page
    assert "gardent les leçons de\u00a0: <bdi>Academy</bdi> et <bdi>Ministry</bdi>" in page
    assert "3 boîtiers" in page
    assert proposals(hub.data, "ac-test") == (), "nothing is public before the key has signed"
    done = sign(officer, page)
    assert done.headers["Location"].endswith("said=signed")
    assert proposals(hub.data, "ac-test") == (FollowList((CHOICE, STARTER), ("l",), ("school",)),)
    assert journal(hub) == [("marie", "ac-test", f"{CHOICE}, {STARTER}")], (
        "the person, not the computer's user"
    )
    assert "gardent les leçons de" in officer.get(HERE).text


def test_a_list_is_changed_and_removed_and_the_page_says_what_goes(hub, officer):
    sign(officer, put_together(officer).text)
    page = officer.get(HERE).text
    choosing = act(officer, page, "change-0").text
    assert re.search(rf'value="{CHOICE}" checked', choosing), "as it is now"
    changed = act(officer, choosing, "keep-0", publisher=[STARTER]).text
    assert "Tous les boîtiers de l’académie" in changed
    assert changed.count('class="plus"') == changed.count('class="minus"') == 1
    assert sign(officer, changed).status_code == 303
    assert proposals(hub.data, "ac-test") == (FollowList((STARTER,)),)
    removed = act(officer, officer.get(HERE).text, "remove-0").text
    assert "Rien n’est proposé" in removed
    assert "restent sur un boîtier" in removed, "what boxes have does not leave at once"
    assert proposals(hub.data, "ac-test") == (FollowList((STARTER,)),)
    assert sign(officer, removed).status_code == 303
    assert proposals(hub.data, "ac-test") == ()


def test_several_changes_need_one_signature(hub, officer):
    first = put_together(officer, publisher=[CHOICE]).text
    second = act(officer, act(officer, first, "add").text, "keep-1", publisher=[STARTER], level=["l"]).text
    assert second.count('class="plus"') == 2
    assert act(officer, second, "back").text.count('class="plus"') == 2, (
        "going back from the check boxes loses nothing"
    )
    sign(officer, second)
    assert proposals(hub.data, "ac-test") == (FollowList((CHOICE,)), FollowList((STARTER,), ("l",)))


def test_a_school_s_lessons_are_proposed_by_its_id_and_a_slip_is_said_with_nothing_lost(
    hub, officer, tmp_path
):
    record(hub, world.school(hub, tmp_path, "Lycée Hugo", "lycee-hugo"), "lycee-hugo")
    for schools in ("ac-test/lycee-ugo", "../x", "ac-nix/x", HOSTILE):
        answer = put_together(officer, level=["l"], schools=f"{schools} ac-test/choix")
        assert answer.status_code == 400, schools
        assert "L’annuaire n’a pas d’école" in answer.text
        assert re.search(r'value="l" checked', answer.text), "what was ticked stays"
        assert "<script>alert" not in answer.text
    assert put_together(officer, level=["l"]).status_code == 400, "nobody's lessons"
    page = put_together(officer, schools="ac-test/lycee-hugo, ac-test/choix").text
    assert "<bdi>Collège Moulin</bdi>" in page
    sign(officer, page)
    assert proposals(hub.data, "ac-test") == (FollowList(("ac-test/lycee-hugo", CHOICE)),)
    assert 'value="ac-test/lycee-hugo"' in act(officer, officer.get(HERE).text, "change-0").text


def test_an_officer_reads_how_much_that_is_before_signing(hub, officer, clock):
    world.many(hub, 3)
    publish(hub.data, "la-lune", "La Lune", clock(), publisher=CHOICE)
    page = put_together(officer, publisher=[CHOICE], level=["l"]).text
    assert "1 leçon qu’un tel boîtier n’a peut-être pas encore" in page
    assert page.count('class="cost"') == 1
    assert "pour chacun des 3 boîtiers" in page
    sign(officer, page)
    # Fewer boxes, of which each has it already; then more of them.
    narrower = act(
        officer, officer.get(HERE).text, "keep-0", publisher=[CHOICE], level=["l"], kind=["school"]
    ).text
    assert 'class="plus"' in narrower
    assert 'class="cost"' not in narrower
    assert 'class="cost"' in act(officer, narrower, "keep-0", publisher=[CHOICE]).text


def test_a_wrong_passphrase_changes_nothing_and_the_lists_stay_on_the_page(hub, officer):
    page = put_together(officer).text
    answer = sign(officer, page, "zebulon-wrong")
    assert answer.status_code == 403
    assert "n’ouvre pas la clé" in answer.text
    assert "zebulon" not in answer.text
    assert carried(answer.text) == carried(page)
    assert proposals(hub.data, "ac-test") == ()
    assert sign(officer, answer.text).status_code == 303


def test_what_somebody_else_changed_meanwhile_is_looked_at_before_it_is_signed(hub, officer, app):
    mine = put_together(officer, publisher=[CHOICE]).text
    other = entered(app, hub, "paul", "ministry")
    sign(other, put_together(other, publisher=[STARTER]).text)
    answer = sign(officer, mine)
    assert answer.status_code == 409
    assert proposals(hub.data, "ac-test") == (FollowList((STARTER,)),)
    assert answer.text.count('class="minus"') == 1, "what would go is shown"
    assert sign(officer, answer.text).status_code == 303
    assert proposals(hub.data, "ac-test") == (FollowList((CHOICE,)),)
    assert sign(officer, officer.get(HERE).text).status_code == 409, "there is nothing to sign"


def test_two_officers_who_sign_in_the_same_second_do_not_overwrite_each_other(hub, officer, monkeypatch):
    """The other one's signature comes between the page's look and the child's, which holds the lock."""
    mine, run = put_together(officer, publisher=[CHOICE]).text, following.child.run

    def overtaken(*args):
        key = hub.workplace.signer("authorities/ac-test", PASSPHRASE)
        assert proposing.propose(hub, "ac-test", {"list": [{"publishers": [STARTER]}]}, lambda: key, "paul")
        return run(*args)

    monkeypatch.setattr(following.child, "run", overtaken)
    answer = sign(officer, mine)
    assert answer.status_code == 409
    assert proposals(hub.data, "ac-test") == (FollowList((STARTER,)),)
    assert "entre-temps" in answer.text
    assert answer.text.count('class="minus"') == 1, "what would go is shown"


def test_a_publisher_that_was_suspended_meanwhile_is_marked_and_not_signed(hub, officer, clock):
    add_publisher(hub.data, "ac-test/autre", "Autre", PASSPHRASE, clock(), "academy")
    page = put_together(officer, publisher=["ac-test/autre"]).text
    status.suspend(hub, "ac-test/autre", "m")
    key = hub.workplace.signer("authorities/ac-test", PASSPHRASE)
    signing.sign(hub, {"ac-test": key}, signing.waiting(hub), "m")
    answer = sign(officer, page)
    assert answer.status_code == 409
    assert "n’est plus active" in answer.text
    assert "inactif" in answer.text
    assert proposals(hub.data, "ac-test") == ()


def test_without_the_key_at_the_hub_the_lists_go_and_come_back_signed(hub, officer, tmp_path):
    """The command of the computer with the key is the real one."""
    key = tmp_path / "ac-test.key"
    (hub.data / "keys/authorities/ac-test").rename(key)
    page = put_together(officer).text
    assert 'name="passphrase"' not in page
    assert "edubox academy follow" in page
    toml = officer.send(f"{HERE}lists.toml", carried(page)).text
    assert tomllib.loads(toml)["list"][0]["publishers"] == [CHOICE, STARTER]
    taken = officer.send(f"{HERE}lists.json", carried(page)).get_data()
    (tmp_path / "lists.json").write_bytes(taken)
    signed = tmp_path / "signed.json"
    done = edubox(
        "academy",
        "sign",
        tmp_path / "lists.json",
        "--key",
        key,
        "-o",
        signed,
        "--yes",
        EDUBOX_PASSPHRASE=PASSPHRASE,
    )
    assert f"{CHOICE}, {STARTER} – for levels l; kinds school" in done.stderr, "what is signed is read before"

    def bring(data):
        form = {"file": (io.BytesIO(data), "signed.json")}
        return officer.send("/bureau/signatures/rapporter/", form, content_type="multipart/form-data")

    made = signed.read_bytes()
    for data in (taken, json.dumps(json.loads(made) | {"lists": to_bytes([]).decode()}).encode()):
        assert bring(data).status_code == 409
    assert proposals(hub.data, "ac-test") == ()
    assert bring(made).headers["Location"] == "/bureau/abonnements/ac-test/?said=brought"
    assert proposals(hub.data, "ac-test") == (FollowList((CHOICE, STARTER), ("l",), ("school",)),)
    assert journal(hub) == [("marie", "ac-test", f"{CHOICE}, {STARTER}")]
    assert bring(made).status_code == 409, "it is public already"


def test_who_may_read_sees_and_who_may_not_enrol_changes_nothing(app, hub, officer):
    page = put_together(officer).text
    reader, stranger = (
        entered(app, hub, *who) for who in (("rene", "reader", "ac-test"), ("paul", "officer", "ac-sud"))
    )
    assert "Rien n’est proposé" in reader.get(HERE).text
    assert 'name="do"' not in reader.get(HERE).text
    assert stranger.get(HERE).status_code == 403
    assert stranger.get("/bureau/abonnements/").status_code == 200, (
        "an academy that the directory does not have yet"
    )
    for visitor in (reader, stranger):
        for place in ("", "signer/", "lists.toml", "lists.json"):
            given = carried(page) | {"do": "add", "passphrase": PASSPHRASE}
            assert visitor.send(HERE + place, given).status_code == 403, place
    key = hub.workplace.signer("authorities/ac-test", PASSPHRASE)
    taken = officer.send(f"{HERE}lists.json", carried(page)).get_data()
    signed = offline_lists.sign(offline_lists.read(taken), key, hub.clock())
    form = {"file": (io.BytesIO(signed), "signed.json")}
    answer = stranger.send("/bureau/signatures/rapporter/", form, content_type="multipart/form-data")
    assert answer.status_code == 403
    assert proposals(hub.data, "ac-test") == ()


def test_the_ministry_sees_every_academy_and_changes_each(app, hub, officer):
    sign(officer, put_together(officer).text)
    ministry = entered(app, hub, "paul", "ministry")
    page = ministry.get("/bureau/abonnements/").text
    assert "gardent les leçons de\u00a0: <bdi>Academy</bdi>" in page
    assert 'href="/bureau/abonnements/ministry/"' in page
    assert ministry.get("/bureau/abonnements/ac-nix/").status_code == 404
    assert act(ministry, ministry.get(HERE).text, "remove-0").status_code == 200


def test_lists_of_a_newer_hub_are_said_to_be_unreadable_and_the_other_academies_are_shown(app, hub, clock):
    from edubox.publishing.country import release_directory
    from edubox.trust.follow_lists import lists_name

    with hub.workplace.repository("directory"):
        listed = Directory(FolderFetch(hub.mirror))
        data = b'{"format":2,"lists":[]}'
        listed.propose("ac-test", data, hub.workplace.signer("authorities/ac-test", PASSPHRASE), clock())
        release_directory(hub.workplace, listed, {lists_name("ac-test"): data}, clock())
    page = entered(app, hub, "paul", "ministry").get("/bureau/abonnements/")
    assert page.status_code == 200
    assert "ne peut pas être lu" in page.text
    assert 'href="/bureau/abonnements/ministry/"' in page.text


@pytest.mark.parametrize(
    "lists", ["", "[]", '{"format":1,"lists":[{}]}', '{"format": 1,"lists":[]}', "\0", "x" * 90_000]
)
def test_lists_that_no_page_of_ours_carries_end_the_request(officer, lists):
    for place in ("", "signer/", "lists.toml", "lists.json"):
        assert officer.send(HERE + place, {"do": "add", "lists": lists, "base": ""}).status_code == 400


def test_an_academy_has_at_most_fifty_lists(officer):
    full = to_bytes([FollowList((CHOICE,))] * MAX_LISTS).decode()
    page = officer.send(HERE, {"do": "back", "lists": full, "base": "x"}).text
    assert 'value="add"' not in page
    answer = officer.send(HERE, {"do": f"keep-{MAX_LISTS}", "lists": full, "base": "x", "publisher": CHOICE})
    assert answer.status_code == 400


def test_a_hostile_label_is_text(hub, officer, clock):
    add_publisher(hub.data, "ac-test/autre", HOSTILE, PASSPHRASE, clock(), "academy")
    page = put_together(officer, publisher=["ac-test/autre"])
    for text in (page.text, act(officer, page.text, "add").text):
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


def test_a_command_writes_the_lists_for_a_key_that_is_elsewhere(hub, tmp_path, officer):
    del officer
    (tmp_path / "lists.toml").write_text(f'[[list]]\npublishers = ["{CHOICE}"]\n')
    key = tmp_path / "ac-test.key"
    (hub.data / "keys/authorities/ac-test").rename(key)
    line = ("academy", "follow", "--data", hub.data, "--authority", "ac-test")
    unsigned = tmp_path / "unsigned.json"
    edubox(*line, "--lists", tmp_path / "lists.toml", "--export", unsigned)
    signed = tmp_path / "signed.json"
    edubox_json("academy", "sign", unsigned, "--key", key, "-o", signed, EDUBOX_PASSPHRASE=PASSPHRASE)
    assert edubox_json("academy", "import", signed, "--data", hub.data) == {"lists": "ac-test"}
    assert proposals(hub.data, "ac-test") == (FollowList((CHOICE,)),)
