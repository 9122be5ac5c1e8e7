"""The academy's signature: one publication for many, here or far from any line; and what becomes of a school later."""

from __future__ import annotations

import base64
import json

import pytest

from edubox.errors import AlreadyExists, BadInput, NotFound, NotTrusted
from edubox.hub.enrol import deciding, offline, signing, status
from edubox.hub.enrol.boxes import signed_box
from edubox.hub.errors import NotEnrolled, Replayed, Unauthorised
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.record import follow, parse, record_name
from edubox.trust.verify import refresh
from tests.hub.conftest import PASSPHRASE
from tests.hub.enrol.world import NORTH, OFFICER, SOUTH, Asker, give_codes, sign_all


def listed(hub, name):
    return Directory(FolderFetch(hub.mirror)).record(name)


def accepted(hub, count=1, authority=NORTH, prefix="ecole"):
    """Boxes that an officer has accepted, and that nobody has signed for."""
    made = []
    given = give_codes(hub, max(count, 2), authority, name=f"{prefix}{authority}")
    for number in range(count):
        box = Asker(name=f"{prefix}-{number}")
        box.ask(hub, given[number])
        made.append(box)
    rows = [one.row for one in deciding.waiting(hub, authority)]
    ids = deciding.accept(hub, rows, OFFICER, {row: f"{prefix}-{number}" for number, row in enumerate(rows)})
    return made, ids


def key_of(hub, authority=NORTH):
    return hub.workplace.signer(f"authorities/{authority}", PASSPHRASE)


def what_a_box_sees(hub, tmp_path, name):
    """The record *name* as a client finds it that knows the country's first root alone, strictly."""
    source = FolderFetch(hub.mirror)
    root = source.read("directory/metadata/1.root.json", 10**6)
    with refresh(source, "directory", tmp_path / "empty", root, now=hub.clock(), strict=True) as found:
        return parse(found.target_bytes(record_name(name), 10**5), name)


class Request:
    """As much of Flask's request as the hub looks at."""

    def __init__(self, box, method="POST", path="/api/1/check-ins", body=b"{}", counter=None):
        from edubox.trust import requests

        if counter is None:
            box.counter += 1
        self.headers = requests.sign(
            method, path, "", body, box.writer, box.counter if counter is None else counter
        )
        self.method, self.path, self.query_string, self._body = method, path, b"", body

    def get_data(self):
        return self._body


def test_many_schools_become_one_publication_that_every_box_takes(hub, tmp_path):
    _, ids = accepted(hub, 40)
    before = Directory(FolderFetch(hub.mirror))
    assert sorted(sign_all(hub)) == sorted(ids)
    assert not signing.waiting(hub)
    assert what_a_box_sees(hub, tmp_path, ids[7]).id == ids[7]
    files = list((hub.mirror / "directory/metadata").glob("*.timestamp.json")) or [1]
    assert len(files) == 1
    assert before.record(ids[0]) is None


def test_the_person_reads_a_list_before_signing(hub):
    _, (name,) = accepted(hub)
    text = signing.transcript(signing.waiting(hub), hub.clock())
    assert name in text
    assert "takes in" in text
    assert OFFICER in text
    assert signing.waiting(hub)[0].record.root_sha256[:16] in text


def test_a_signature_that_was_cut_before_it_was_noted_is_only_noted(hub, monkeypatch):
    _, (name,) = accepted(hub)
    with monkeypatch.context() as patch:
        patch.setattr(signing, "note", lambda *_: (_ for _ in ()).throw(RuntimeError))
        with pytest.raises(RuntimeError):
            sign_all(hub)
    stamp = (hub.mirror / "directory/metadata/timestamp.json").read_bytes()
    assert listed(hub, name) is not None
    assert sign_all(hub) == [name]
    assert (hub.mirror / "directory/metadata/timestamp.json").read_bytes() == stamp
    assert not signing.waiting(hub)


def test_an_academy_cannot_sign_for_another(hub, tmp_path):
    _, (name,) = accepted(hub)
    lines = signing.waiting(hub)
    with pytest.raises(NotTrusted, match="does not sign for"):
        signing.sign(hub, {NORTH: key_of(hub, SOUTH)}, lines, OFFICER)
    with pytest.raises(NotFound):
        signing.sign(hub, {SOUTH: key_of(hub, SOUTH)}, lines, OFFICER)
    with pytest.raises(NotTrusted):
        offline.sign_queue(offline.read_queue(offline.export(hub, NORTH)), key_of(hub, SOUTH), hub.clock())
    assert listed(hub, name) is None
    assert signing.waiting(hub)


def test_boxes_refuse_a_record_that_another_academy_signed(hub, tmp_path):
    """The hub itself goes over to the other side: it has the online keys and the southern academy's."""
    from edubox.errors import EduboxError
    from edubox.publishing.workplace import release
    from edubox.trust import directory as room

    _, (name,) = accepted(hub)
    record = signing.waiting(hub)[0].record
    opened = Directory(FolderFetch(hub.mirror))
    editor = opened._editor
    role = opened._bin(name)
    editor.put(record_name(name), record.to_bytes(), role)
    editor._handed_over.add(role)
    editor.sign(role, [key_of(hub, SOUTH)], hub.clock())
    snapshot, timestamp = (hub.workplace.signer(f"online/{one}") for one in ("snapshot", "timestamp"))
    files = opened.release(snapshot, timestamp, hub.clock())
    with pytest.raises(NotTrusted):
        release(hub.mirror, room.PREFIX, files, {record_name(name): record.to_bytes()}, hub.clock())
    for path, data in files.items():
        (hub.mirror / path).parent.mkdir(parents=True, exist_ok=True)
        (hub.mirror / path).write_bytes(data)
    with pytest.raises(EduboxError):
        what_a_box_sees(hub, tmp_path, name)


def test_a_queue_is_signed_on_a_computer_without_a_line(hub, clock, tmp_path):
    _, ids = accepted(hub, 12)
    key = key_of(hub)
    (hub.data / "keys/authorities" / NORTH).unlink()
    queue = offline.export(hub, NORTH)
    clock.forward(hours=3)
    signed, told = offline.sign_queue(offline.read_queue(queue), key, hub.clock())
    assert told.startswith("12 new schools")
    assert sorted(offline.bring(hub, signed, OFFICER)) == sorted(ids)
    assert not signing.waiting(hub)
    assert what_a_box_sees(hub, tmp_path, ids[3]).status == "active"
    with pytest.raises(BadInput):
        offline.bring(hub, signed, OFFICER)


def test_a_signed_queue_that_somebody_changed_publishes_nothing(hub):
    _, ids = accepted(hub, 2)
    signed, _ = offline.sign_queue(offline.read_queue(offline.export(hub, NORTH)), key_of(hub), hub.clock())
    value = json.loads(signed)
    role, packed = next(iter(value["roles"].items()))
    broken = base64.b64decode(packed).replace(b'"length":', b'"length": ', 1).replace(b"2027", b"2028", 1)
    stamp = (hub.mirror / "directory/metadata/timestamp.json").read_bytes()
    for changed in (
        {"roles": {**value["roles"], role: base64.b64encode(broken).decode()}}, {"lines": value["lines"][:1]}, {"lines": []},
        {"lines": [*value["lines"], 99]}, {"roles": {}}, {"authority": SOUTH}, {"roles": 7}, {"format": 2}, {"kind": "x"},
    ):  # fmt: skip
        with pytest.raises((BadInput, NotTrusted)):
            offline.bring(hub, json.dumps(value | changed).encode(), OFFICER)
    assert (hub.mirror / "directory/metadata/timestamp.json").read_bytes() == stamp
    assert listed(hub, ids[0]) is None


def test_a_queue_with_a_foreign_school_slipped_in_is_not_signed(hub):
    accepted(hub)
    value = json.loads(offline.export(hub, NORTH))
    line = value["lines"][0]
    record = json.loads(line["record"]) | {"id": f"{SOUTH}/x"}
    line |= {
        "publisher": f"{SOUTH}/x",
        "record": json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    }
    with pytest.raises(NotTrusted):
        offline.sign_queue(offline.read_queue(json.dumps(value).encode()), key_of(hub), hub.clock())


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"format":1,"kind":"edubox signing queue"}'])
def test_what_is_no_queue_is_refused(data):
    with pytest.raises(BadInput):
        offline.read_queue(data)


def test_a_queue_that_was_overtaken_is_exported_again(hub, clock):
    accepted(hub, 1, prefix="first")
    queue = offline.export(hub, NORTH)
    clock.forward(minutes=5)
    signed, _ = offline.sign_queue(offline.read_queue(queue), key_of(hub), hub.clock())
    # Meanwhile somebody signs with the same key at the hub, into the same roles.
    name = signing.waiting(hub)[0].record.id
    status.suspend(hub, name, OFFICER)
    clock.forward(minutes=5)
    sign_all(hub)
    with pytest.raises(BadInput):
        offline.bring(hub, signed, OFFICER)
    assert listed(hub, name).status == "suspended"


def test_a_stolen_box_is_refused_at_once_and_everywhere_after_one_signature(hub):
    (box,), (name,) = accepted(hub)
    sign_all(hub)
    assert signed_box(hub, Request(box)).id == name
    assert status.suspend(hub, name, OFFICER, "stolen on Friday")
    assert not status.suspend(hub, name, OFFICER)
    with pytest.raises(NotEnrolled):
        signed_box(hub, Request(box))
    assert box.ask(hub).state == "refused"
    sign_all(hub)
    assert listed(hub, name).status == "suspended"
    assert status.resume(hub, name, OFFICER)
    sign_all(hub)
    assert listed(hub, name).status == "active"
    assert signed_box(hub, Request(box)).id == name


def test_a_box_that_was_stolen_before_it_was_signed_enters_suspended(hub):
    (box,), (name,) = accepted(hub)
    status.suspend(hub, name, OFFICER)
    assert len(signing.waiting(hub)) == 1
    sign_all(hub)
    assert listed(hub, name).status == "suspended"
    with pytest.raises(NotEnrolled):
        signed_box(hub, Request(box))


def test_nobody_is_suspended_who_is_not_there(hub):
    with pytest.raises(NotFound):
        status.suspend(hub, "ac-test/nobody", OFFICER)


def test_a_school_moves_when_both_academies_have_signed_the_new_one_first(hub):
    (box,), (name,) = accepted(hub)
    sign_all(hub)
    status.move(hub, name, "ac-sud/moulin", OFFICER)
    waiting = {line.what: line.blocked for line in signing.waiting(hub)}
    assert waiting == {"arrive": False, "leave": True}
    sign_all(hub, NORTH)
    assert listed(hub, name).status == "active", "it is not let go before it has arrived"
    sign_all(hub, SOUTH)
    sign_all(hub, NORTH)
    record, names = follow(name, lambda one: listed(hub, one))
    assert (record.id, names) == ("ac-sud/moulin", [name])
    assert box.ask(hub).id == "ac-sud/moulin"
    assert signed_box(hub, Request(box)).authority == SOUTH
    with pytest.raises(BadInput):
        status.suspend(hub, name, OFFICER)


def test_a_move_keeps_its_origin_when_the_school_loses_its_card_meanwhile(hub):
    (box,), (name,) = accepted(hub)
    sign_all(hub)
    status.move(hub, name, "ac-sud/moulin", OFFICER)
    box.rekey()
    box.ask(hub)
    sign_all(hub)
    sign_all(hub)
    record, _ = follow(name, lambda one: listed(hub, one))
    assert (record.id, record.root_version, record.moved_from) == ("ac-sud/moulin", 2, name)


def test_a_school_cannot_move_to_a_name_that_is_given_or_to_nobody(hub):
    accepted(hub)
    sign_all(hub)
    for new, error in (
        ("ac-sud/choix", AlreadyExists),
        ("ac-rien/x", NotFound),
        ("ac-test/ecole-0", BadInput),
    ):
        with pytest.raises(error):
            status.move(hub, "ac-test/ecole-0", new, OFFICER)


def test_a_request_counts_once_and_is_recognised_when_it_comes_again(hub):
    (box,), _ = accepted(hub)
    request = Request(box)
    assert not signed_box(hub, request).repeated
    with pytest.raises(Replayed) as refused:
        signed_box(hub, request)
    assert refused.value.details["counter"] == box.counter
    assert signed_box(hub, request, idempotent=True).repeated
    older = Request(box, counter=box.counter - 1)
    for idempotent in (True, False):
        with pytest.raises(Replayed):
            signed_box(hub, older, idempotent=idempotent)
    # The same counter for another request is a replay, idempotent or not.
    with pytest.raises(Replayed):
        signed_box(hub, Request(box, body=b"[]", counter=box.counter), idempotent=True)


def test_requests_that_overtake_each_other_leave_the_higher_counter(hub):
    (box,), _ = accepted(hub)
    late, early = Request(box, counter=50), Request(box, counter=60)
    signed_box(hub, early)
    with pytest.raises(Replayed) as refused:
        signed_box(hub, late)
    assert refused.value.details["counter"] == 60
    assert signed_box(hub, Request(box, counter=61))


def test_a_strange_key_and_a_box_that_only_asked_are_nobody(hub):
    stranger = Asker()
    with pytest.raises(Unauthorised):
        signed_box(hub, Request(stranger))
    stranger.ask(hub, give_codes(hub))
    with pytest.raises(NotEnrolled):
        signed_box(hub, Request(stranger))


def test_the_old_key_of_a_school_that_went_on_is_nobody(hub):
    (box,), _ = accepted(hub)
    old = box.writer
    box.rekey()
    box.ask(hub)
    assert signed_box(hub, Request(box))
    box.writer = old
    with pytest.raises(Unauthorised):
        signed_box(hub, Request(box, counter=10**9))


def test_a_key_of_another_kind_can_sign_for_an_academy(hub):
    """A security token holds ECDSA keys."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from securesystemslib.signer import CryptoSigner

    key = CryptoSigner(ec.generate_private_key(ec.SECP256R1()))
    ministry = hub.workplace.signer("targets", PASSPHRASE)
    from edubox.publishing.country import release_directory

    with hub.workplace.repository("directory"):
        opened = Directory(FolderFetch(hub.mirror))
        opened.add_authority("ac-jeton", [ministry], key, hub.clock())
        release_directory(hub.workplace, opened, {}, hub.clock())
    _, (name,) = accepted(hub, authority="ac-jeton")
    signed, _ = offline.sign_queue(offline.read_queue(offline.export(hub, "ac-jeton")), key, hub.clock())
    offline.bring(hub, signed, OFFICER)
    assert listed(hub, name).status == "active"
