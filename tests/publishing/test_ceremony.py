"""A root that several people hold: nobody alone changes it, and every box follows it."""

from __future__ import annotations

import base64
import json

import pytest

from edubox.errors import AlreadyExists, BadInput, NotTrusted
from edubox.publishing import authority, ceremony
from edubox.publishing.country import renew
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.keys import generate, signer
from edubox.trust.public_keys import read_public, write_public
from edubox.trust.verify import refresh
from tests.publishing.country import DAY, NOW, PASSPHRASE


def key():
    return signer(generate())


@pytest.fixture
def people():
    return [key() for _ in range(3)]


def public(signers):
    return [read_public(write_public(one.public_key)) for one in signers]


def folder(place):
    return place.mirror.parent


def first_key(place):
    return place.signer("root", PASSPHRASE)


def handed_over(place, people, threshold=2, now=NOW):
    """The country's root after its first ceremony."""
    proposal = ceremony.begin(folder(place), public(people), threshold, now)
    for one in (first_key(place), *people[:threshold]):
        proposal = ceremony.read(ceremony.sign(proposal, one).to_bytes())
    return ceremony.publish(folder(place), proposal, now)


def what_a_box_trusts(place, box, now=NOW):
    """The number of the root that a box comes to that knows the country's first one, and whatever lies in *box*."""
    source = FolderFetch(place.mirror)
    with refresh(
        source, "directory", box, source.read("directory/metadata/1.root.json", 10**6), now=now, strict=True
    ) as found:
        for path, data in found.received().items():
            (box / path).parent.mkdir(parents=True, exist_ok=True)
            (box / path).write_bytes(data)
        return found.root_version


def test_two_of_three_people_hold_the_root_after_a_ceremony(place, people, tmp_path):
    box = tmp_path / "box"
    assert what_a_box_trusts(place, box) == 1
    assert handed_over(place, people) == 2
    assert what_a_box_trusts(place, box) == 2
    assert what_a_box_trusts(place, tmp_path / "fresh") == 2
    root = Directory(FolderFetch(place.mirror))._editor.root.roles["root"]
    assert (root.threshold, set(root.keyids)) == (2, {one.public_key.keyid for one in people})


def test_no_single_person_publishes_a_root(place, people):
    handed_over(place, people)
    proposal = ceremony.begin(folder(place), public(people[:1]), 1, NOW + DAY)
    ceremony.sign(proposal, people[0])
    assert proposal.lacking() == (1, 0)
    with pytest.raises(NotTrusted, match="not enough"):
        ceremony.publish(folder(place), proposal, NOW + DAY)
    ceremony.sign(proposal, people[0])
    with pytest.raises(NotTrusted):
        ceremony.publish(folder(place), proposal, NOW + DAY)
    # A second one agrees.
    ceremony.sign(proposal, people[2])
    assert ceremony.publish(folder(place), proposal, NOW + DAY) == 3


def test_new_people_must_sign_too_or_nobody_knows_whether_their_keys_work(place, people):
    handed_over(place, people)
    new = [key(), key()]
    proposal = ceremony.begin(folder(place), public(new), 2, NOW + DAY)
    for one in people[:2]:
        ceremony.sign(proposal, one)
    assert proposal.lacking() == (0, 2)
    with pytest.raises(NotTrusted):
        ceremony.publish(folder(place), proposal, NOW + DAY)


def test_a_stranger_cannot_sign_and_a_forged_signature_counts_for_nothing(place, people):
    proposal = ceremony.begin(folder(place), public(people), 2, NOW)
    with pytest.raises(BadInput):
        ceremony.sign(proposal, key())
    ceremony.sign(proposal, people[0])
    forged = json.loads(base64.b64decode(json.loads(proposal.to_bytes())["root"]))
    forged["signatures"].append({"keyid": people[1].public_key.keyid, "sig": forged["signatures"][0]["sig"]})
    value = json.loads(proposal.to_bytes()) | {"root": base64.b64encode(json.dumps(forged).encode()).decode()}
    assert ceremony.read(json.dumps(value).encode()).lacking() == (1, 1)


def test_a_proposal_that_somebody_changed_loses_its_signatures(place, people):
    proposal = ceremony.begin(folder(place), public(people), 2, NOW)
    for one in (first_key(place), *people):
        ceremony.sign(proposal, one)
    changed = ceremony.read(proposal.to_bytes())
    changed.root.signed.roles["root"].threshold = 1
    changed = ceremony.read(changed.to_bytes())
    assert changed.lacking() == (1, 1)
    with pytest.raises(NotTrusted):
        ceremony.publish(folder(place), changed, NOW)
    assert Directory(FolderFetch(place.mirror)).root_version == 1


def test_a_proposal_that_was_overtaken_is_made_again(place, people):
    late = ceremony.begin(folder(place), public(people), 3, NOW)
    handed_over(place, people)
    for one in (first_key(place), *people):
        ceremony.sign(late, one)
    with pytest.raises(NotTrusted, match="goes on from another root"):
        ceremony.publish(folder(place), late, NOW)


def test_publishing_twice_changes_nothing(place, people):
    proposal = ceremony.begin(folder(place), public(people), 2, NOW)
    for one in (first_key(place), *people):
        ceremony.sign(proposal, one)
    assert (
        ceremony.publish(folder(place), proposal, NOW) == ceremony.publish(folder(place), proposal, NOW) == 2
    )


@pytest.mark.parametrize(
    "roles", [("snapshot", "timestamp"), ("targets",), ("targets", "snapshot", "timestamp")]
)
def test_the_keys_of_other_roles_are_replaced_with_the_signatures_of_several_people(
    place, people, tmp_path, roles
):
    box = tmp_path / "box"
    handed_over(place, people)
    what_a_box_trusts(place, box)
    before = {role: Directory(FolderFetch(place.mirror)).root_keys(role) for role in roles}
    proposal = ceremony.begin(folder(place), public(people), 2, NOW + DAY, roles, PASSPHRASE)
    assert proposal.replaced() == list(roles)
    for one in people[1:]:
        ceremony.sign(proposal, one)
    assert ceremony.publish(folder(place), proposal, NOW + DAY, PASSPHRASE) == 3
    opened = Directory(FolderFetch(place.mirror))
    assert all(opened.root_keys(role).isdisjoint(before[role]) for role in roles)
    assert not (place.keys / "rotating").exists()
    assert what_a_box_trusts(place, box, NOW + DAY) == 3
    assert renew(folder(place), NOW + 20 * DAY)


def test_a_ceremony_that_was_cut_is_ended_by_doing_it_again(place, people, monkeypatch):
    handed_over(place, people)
    proposal = ceremony.begin(folder(place), public(people), 2, NOW + DAY, ("timestamp",))
    for one in people[:2]:
        ceremony.sign(proposal, one)
    with monkeypatch.context() as patch:
        patch.setattr(ceremony, "settled", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            ceremony.publish(folder(place), proposal, NOW + DAY)
    assert ceremony.publish(folder(place), proposal, NOW + DAY) == 3
    assert renew(folder(place), NOW + 20 * DAY)


@pytest.mark.parametrize(("count", "threshold"), [(0, 1), (2, 0), (2, 3), (31, 2)])
def test_impossible_numbers_of_people_are_refused(place, count, threshold):
    with pytest.raises(BadInput):
        ceremony.begin(folder(place), public([key() for _ in range(count)]), threshold, NOW)


def test_one_person_is_not_two(place, people):
    with pytest.raises(BadInput):
        ceremony.begin(folder(place), public([people[0], people[0]]), 2, NOW)


def test_the_transcript_names_every_key_and_who_signed(place, people):
    proposal = ceremony.begin(folder(place), public(people), 2, NOW)
    ceremony.sign(proposal, people[0])
    text = ceremony.transcript(proposal, NOW, "Signed.")
    plain = text.replace(" ", "")
    assert all(one.public_key.keyid in plain for one in people)
    assert "Holders from now on: 2 of 3 must sign, 1 did" in text
    assert "2026-12-01 08:00:00 UTC" in text
    assert "Testland" in text


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"\xff", b"x" * 2_000_000, b'{"format":1,"kind":"edubox root ceremony"}']
)
def test_what_is_no_proposal_is_refused(data):
    with pytest.raises((BadInput, NotTrusted)):
        ceremony.read(data)


def test_an_academy_begins_with_a_key_that_the_ministry_never_sees(place, tmp_path):
    own = key()
    made = authority.found("ac-nord", own, NOW)
    assert authority.add(folder(place), made, PASSPHRASE, NOW) == ("ac-nord", own.public_key.keyid)
    assert what_a_box_trusts(place, tmp_path / "box") == 1
    with pytest.raises(AlreadyExists):
        authority.add(folder(place), made, PASSPHRASE, NOW)


def test_what_an_academy_signed_to_begin_is_one_keys_work_and_empty(place):
    made = json.loads(authority.found("ac-nord", key(), NOW))
    other = json.loads(authority.found("ac-nord", key(), NOW))
    for roles in (
        made["roles"] | {"ac-nord-bin-00": other["roles"]["ac-nord-bin-00"]},
        {name: data for name, data in made["roles"].items() if name != "ac-nord-bin-1f"},
        made["roles"] | {"ac-sud": made["roles"]["ac-nord"]}, {}, {"ac-nord": "e30="},
    ):  # fmt: skip
        with pytest.raises(NotTrusted):
            authority.add(folder(place), json.dumps(made | {"roles": roles}).encode(), PASSPHRASE, NOW)
    for changed in ({"authority": "ac-sud"}, {"authority": "root"}):
        with pytest.raises((NotTrusted, BadInput)):
            authority.add(folder(place), json.dumps(made | changed).encode(), PASSPHRASE, NOW)
    assert "ac-nord" not in Directory(FolderFetch(place.mirror)).authorities()


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"format":1,"public":"00"}', b'{"format":1,"public":7}', b"x" * 5000]
)
def test_what_is_no_public_key_is_refused(data):
    with pytest.raises(BadInput):
        read_public(data)
