"""What a hub does not take, each with its sentence, and nothing of it stays in anybody's way."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import update

from edubox.errors import HubRefused, Unreachable
from edubox.hub.errors import (
    BadOffer,
    Elsewhere,
    GoneLesson,
    NotProven,
    NotWhole,
    OtherSchool,
    TooMuch,
    WrongHash,
)
from edubox.hub.intake import limits, pushes
from edubox.hub.intake.checking import box_of, check
from edubox.hub.review import arrivals
from edubox.hub.tables import boxes
from edubox.pack.bundle import write_bundle
from edubox.pack.index import Bundle, Index
from edubox.publishing.erase import erase, recall
from edubox.sync import letter
from edubox.trust import keys
from tests.hub.intake.world import BEGIN, School, enrol, record, work
from tests.pack.lessons import lesson, opener


def box(hub, school):
    with hub.database.read() as connection:
        return box_of(connection, school.id)


def letter_of(school, slug="la-lune"):
    return letter.write(school.mirror, school.id, slug)


def send(hub, school, written, *, whole=True):
    """Push everything through the engine, without a line."""
    from edubox.sync.pushing import files_of

    sender = box(hub, school)
    begun = pushes.begin(hub, sender, written.to_bytes())
    for file in files_of(written) if whole else []:
        data = (school.mirror / file.path).read_bytes()
        at = pushes.reached(hub, sender, begun.id, file.sha256)
        while at < len(data):
            at = pushes.take(hub, sender, begun.id, file.sha256, at, data[at : at + limits.PIECE])
    return begun.id


def arrived(hub):
    with hub.database.read() as connection:
        return arrivals.listed(connection, states=())


def changed(written, **fields):
    value = json.loads(written.to_bytes()) | fields
    return json.dumps(value).encode()


def test_a_school_offers_its_own_lessons_only(hub, enrolled, tmp_path):
    other = School(tmp_path / "other")
    other.give()
    with pytest.raises(OtherSchool, match="its own lessons only"):
        pushes.begin(hub, box(hub, enrolled), letter_of(other).to_bytes())


def test_a_lesson_signed_by_a_stolen_name_is_not_taken(hub, enrolled, tmp_path):
    """Another school's repository, filed under this one's name."""
    other = School(tmp_path / "other")
    other.give()
    forged = replace(letter_of(other), publisher=enrolled.id)
    with pytest.raises(NotProven, match="not the one that the school is named after"):
        pushes.begin(hub, box(hub, enrolled), forged.to_bytes())


def test_a_key_that_the_school_replaced_offers_nothing(hub, enrolled):
    enrolled.give()
    sender = replace(box(hub, enrolled), keyid=keys.signer(keys.generate()).public_key.keyid)
    with pytest.raises(NotProven, match="another key"):
        pushes.begin(hub, sender, letter_of(enrolled).to_bytes())


def test_an_index_that_nobody_signed_is_refused(hub, enrolled):
    index = enrolled.give()
    written = letter_of(enrolled)
    forged = replace(index, name="Une autre").to_bytes()
    name = next(path for path in written.files if path.startswith("targets/"))
    files = {path: data for path, data in written.files.items() if path != name}
    files[f"targets/{hashlib.sha256(forged).hexdigest()}.la-lune.json"] = forged
    with pytest.raises(NotProven):
        pushes.begin(hub, box(hub, enrolled), replace(written, files=files, index=index).to_bytes())


def test_another_manifest_than_the_signed_one_is_refused(hub, enrolled):
    enrolled.give()
    other = lesson({"index.html": b"other"})
    data = changed(letter_of(enrolled), manifest=base64.b64encode(other.to_bytes()).decode())
    with pytest.raises(BadOffer, match="not the one that was signed"):
        pushes.begin(hub, box(hub, enrolled), data)


@pytest.mark.parametrize("data", [
    b"", b"[]", b"{}", b"[" * 100_000, b'{"format":1}', b"\xff\xfe", b'{"format":2,"publisher":"a/b","slug":"x","files":{},"manifest":""}',
])  # fmt: skip
def test_what_is_no_offer_at_all_is_refused_in_words(hub, enrolled, data):
    with pytest.raises(BadOffer):
        pushes.begin(hub, box(hub, enrolled), data)


@pytest.mark.parametrize("path", [
    "metadata/../../x.json", "/etc/passwd", "metadata/1.root.json/x", "targets/erase/x.json", "staff/x", "metadata/01.root.json",
])  # fmt: skip
def test_an_offer_with_a_file_that_belongs_elsewhere_is_refused(hub, enrolled, path):
    enrolled.give()
    written = letter_of(enrolled)
    value = json.loads(written.to_bytes())
    value["files"][path] = ""
    with pytest.raises(BadOffer, match="belong to no offer"):
        pushes.begin(hub, box(hub, enrolled), json.dumps(value).encode())


def test_what_is_for_teachers_only_is_never_taken(hub, enrolled):
    enrolled.give()
    with pytest.raises(BadOffer, match="teachers only"):
        pushes.begin(hub, box(hub, enrolled), changed(letter_of(enrolled), slug="la-lune--staff"))


def test_an_older_state_of_the_school_is_a_rollback(hub, enrolled):
    enrolled.give()
    old = letter_of(enrolled)
    enrolled.give(words="Elle tourne toujours.")
    pushes.begin(hub, box(hub, enrolled), letter_of(enrolled).to_bytes())
    with pytest.raises(NotProven):
        pushes.begin(hub, box(hub, enrolled), old.to_bytes())


def test_a_stolen_box_is_refused_from_the_moment_it_is_suspended(hub, enrolled, address):
    enrolled.offer()
    hub.database.change(lambda connection: connection.execute(update(boxes).values(state="suspended")))
    with pytest.raises(HubRefused, match="suspended"):
        enrolled.push(address)
    assert enrolled.state() == "waiting"
    assert arrived(hub) == []


def test_a_box_that_is_suspended_after_it_pushed_is_refused_by_the_look(hub, enrolled):
    enrolled.give()
    push = send(hub, enrolled, letter_of(enrolled))
    pushes.end(hub, box(hub, enrolled), push)
    hub.database.change(lambda connection: connection.execute(update(boxes).values(state="suspended")))
    assert check(hub, push) == "refused"
    assert arrived(hub) == []


def test_a_directory_that_suspends_the_school_counts_although_the_database_knows_nothing(hub, enrolled):
    enrolled.give()
    record(hub, enrolled, status="suspended")
    with pytest.raises(NotProven, match="suspended"):
        pushes.begin(hub, box(hub, enrolled), letter_of(enrolled).to_bytes())


def test_a_box_that_nobody_knows_gets_no_further_than_the_door(hub, school, address):
    school.offer()
    with pytest.raises(HubRefused, match="not signed by a box that is known"):
        school.push(address)


def test_bytes_that_are_not_what_their_name_says_are_refused_at_once(hub, enrolled):
    index = enrolled.give()
    push = send(hub, enrolled, letter_of(enrolled), whole=False)
    size = index.full.size
    with pytest.raises(WrongHash):
        pushes.take(hub, box(hub, enrolled), push, index.full.sha256, 0, b"x" * size)
    assert pushes.reached(hub, box(hub, enrolled), push, index.full.sha256) == 0


def test_a_film_in_pieces_that_is_another_one_is_refused_and_asked_again(hub, enrolled):
    enrolled.give()
    written = letter_of(enrolled)
    film = next(file for file in written.manifest.files if file.media)
    push = send(hub, enrolled, written, whole=False)
    sender = box(hub, enrolled)
    bundle = written.index.full.sha256
    pushes.take(
        hub, sender, push, bundle, 0, (enrolled.mirror / f"bundles/{bundle[:2]}/{bundle}").read_bytes()
    )
    for at in range(0, film.size, 100_000):
        pushes.take(hub, sender, push, film.sha256, at, b"z" * min(100_000, film.size - at))
    pushes.end(hub, sender, push)
    assert check(hub, push) == "refused"
    assert "other bytes" in pushes.state(hub, sender, push).reason
    again = pushes.begin(hub, sender, written.to_bytes())
    assert again.objects == [film.sha256]
    assert again.bundles == []


def test_an_offer_that_is_not_whole_does_not_end(hub, enrolled):
    enrolled.give()
    push = send(hub, enrolled, letter_of(enrolled), whole=False)
    with pytest.raises(NotWhole, match="2 files"):
        pushes.end(hub, box(hub, enrolled), push)


def test_pieces_out_of_order_are_told_where_the_file_ends(hub, enrolled):
    enrolled.give()
    written = letter_of(enrolled)
    film = next(file for file in written.manifest.files if file.media)
    push = send(hub, enrolled, written, whole=False)
    with pytest.raises(Elsewhere) as refused:
        pushes.take(hub, box(hub, enrolled), push, film.sha256, 50_000, b"x" * 1000)
    assert refused.value.details["offset"] == 0
    with pytest.raises(BadOffer):
        pushes.take(hub, box(hub, enrolled), push, film.sha256, film.size - 10, b"x" * 11)
    with pytest.raises(BadOffer):
        pushes.take(hub, box(hub, enrolled), push, film.sha256, 0, b"")


def test_a_piece_that_comes_twice_is_counted_once(hub, enrolled):
    enrolled.give()
    written = letter_of(enrolled)
    film = next(file for file in written.manifest.files if file.media)
    push = send(hub, enrolled, written, whole=False)
    sender, data = (
        box(hub, enrolled),
        (enrolled.mirror / f"objects/{film.sha256[:2]}/{film.sha256}").read_bytes(),
    )
    assert pushes.take(hub, sender, push, film.sha256, 0, data[:1000]) == 1000
    assert pushes.take(hub, sender, push, film.sha256, 0, data[:1000]) == 1000
    assert pushes.take(hub, sender, push, film.sha256, 0, data[:400]) == 1000


def test_files_that_no_offer_named_are_not_kept(hub, enrolled, tmp_path):
    other = School(tmp_path / "other")
    enrol(hub, other, "college-dupont")
    enrolled.give()
    push = send(hub, enrolled, letter_of(enrolled), whole=False)
    for sender, sha256 in (
        (box(hub, enrolled), "0" * 64),
        (box(hub, other), letter_of(enrolled).index.full.sha256),
    ):
        with pytest.raises(GoneLesson):
            pushes.take(hub, sender, push, sha256, 0, b"x")


def test_a_bomb_is_refused_before_its_bytes_come(hub, enrolled):
    """A bundle that says of itself that gigabytes come out of it."""
    contents = {"index.html": b"x"}
    manifest = lesson(contents)
    target = enrolled.data / "bomb"
    with target.open("wb") as out:
        facts = write_bundle(out, manifest, opener(contents))
    bundle = Bundle(facts.sha256, facts.size, 1_900_000_000, 1)
    index = Index(
        "La Lune",
        "fr",
        1,
        "2026-09-01T08:00Z",
        manifest.id,
        len(manifest.to_bytes()),
        manifest.size,
        (bundle,),
    )
    written = sign_in(enrolled, manifest, index)
    with pytest.raises(BadOffer, match="would come out"):
        pushes.begin(hub, box(hub, enrolled), written.to_bytes())


def test_a_bundle_that_makes_something_else_than_signed_is_refused_by_the_look(hub, enrolled):
    contents = {"index.html": b"x" * 5000}
    manifest = lesson(contents)
    target = enrolled.data / "odd"
    with target.open("wb") as out:
        facts = write_bundle(out, manifest, opener(contents))
    bundle = Bundle(facts.sha256, facts.size, facts.unpacked - 1, facts.files)
    index = Index(
        "La Lune",
        "fr",
        1,
        "2026-09-01T08:00Z",
        manifest.id,
        len(manifest.to_bytes()),
        manifest.size,
        (bundle,),
    )
    written = sign_in(enrolled, manifest, index)
    place = enrolled.mirror / f"bundles/{facts.sha256[:2]}/{facts.sha256}"
    place.parent.mkdir(parents=True, exist_ok=True)
    target.rename(place)
    push = send(hub, enrolled, written)
    pushes.end(hub, box(hub, enrolled), push)
    assert check(hub, push) == "refused"
    assert arrived(hub) == []


def sign_in(school, manifest, index):
    """Sign an index that the publish job would not make."""
    from edubox.store.objects import put

    with school.workplace.publisher(school.id) as repository:
        repository.change({"la-lune.json": index.to_bytes()}, school.signer, BEGIN)
    put(school.mirror, manifest.id, manifest.to_bytes())
    return letter_of(school)


def test_what_its_school_erased_is_refused_even_if_the_school_signs_it_again(hub, enrolled):
    index = enrolled.give()
    manifest = letter_of(enrolled).manifest
    files = {path: path.read_bytes() for path in (enrolled.mirror / "objects").rglob("*") if path.is_file()}
    files |= {path: path.read_bytes() for path in (enrolled.mirror / "bundles").rglob("*") if path.is_file()}
    erase(enrolled.id, "la-lune", enrolled.workplace, "", BEGIN)
    for path, data in files.items():
        if not path.exists():
            path.write_bytes(data)
    push = send(hub, enrolled, sign_in(enrolled, manifest, replace(index, version=index.version + 2)))
    pushes.end(hub, box(hub, enrolled), push)
    assert check(hub, push) == "refused"
    assert "its school erased it" in pushes.state(hub, box(hub, enrolled), push).reason


def test_an_erase_list_travels_with_every_offer(hub, enrolled):
    enrolled.give()
    enrolled.give("le-soleil", "Le Soleil brille.", name="Le Soleil", film=b"another film" * 40_000)
    erase(enrolled.id, "la-lune", enrolled.workplace, "", BEGIN)
    written = letter_of(enrolled, "le-soleil")
    assert any(path.startswith("targets/erase/") for path in written.files)
    push = send(hub, enrolled, written)
    pushes.end(hub, box(hub, enrolled), push)
    assert check(hub, push) == "done"


def test_what_the_ministry_recalled_is_refused_whoever_offers_it(hub, enrolled):
    index = enrolled.give()
    recall(hub.data, {index.manifest}, (), "secret", BEGIN)
    push = send(hub, enrolled, letter_of(enrolled))
    pushes.end(hub, box(hub, enrolled), push)
    assert check(hub, push) == "refused"
    assert "recalled" in pushes.state(hub, box(hub, enrolled), push).reason


def test_a_box_may_not_send_more_than_its_share_of_a_day(hub, enrolled, monkeypatch, clock):
    monkeypatch.setattr(limits, "DAY", 150_000)
    enrolled.give()
    written = letter_of(enrolled)
    with pytest.raises(TooMuch) as refused:
        send(hub, enrolled, written)
    assert 0 < refused.value.details["retry"] <= 86_400
    clock.forward(days=2)
    monkeypatch.setattr(limits, "DAY", 1_000_000)
    send(hub, enrolled, written)


def test_a_box_may_not_begin_offers_without_end(hub, enrolled, monkeypatch):
    monkeypatch.setattr(limits, "OPEN", 2)
    for slug in ("un", "deux", "trois"):
        enrolled.give(slug)
    for slug in ("un", "deux"):
        pushes.begin(hub, box(hub, enrolled), letter_of(enrolled, slug).to_bytes())
    with pytest.raises(TooMuch, match="under way"):
        pushes.begin(hub, box(hub, enrolled), letter_of(enrolled, "trois").to_bytes())


@pytest.mark.parametrize("limit", ["LESSON", "FILES"])
def test_a_lesson_that_is_too_large_for_a_hub_is_refused_with_its_letter(hub, enrolled, monkeypatch, limit):
    monkeypatch.setattr(limits, limit, 1)
    enrolled.give()
    with pytest.raises(BadOffer, match="at most"):
        pushes.begin(hub, box(hub, enrolled), letter_of(enrolled).to_bytes())


def test_a_file_that_the_hubs_disk_lost_is_asked_again(hub, enrolled):
    enrolled.give()
    written = letter_of(enrolled)
    push = send(hub, enrolled, written)
    pushes.end(hub, box(hub, enrolled), push)
    from edubox.hub.intake import shelf

    shelf.of(hub).delete(written.index.full.sha256)
    assert check(hub, push) == "open"
    assert pushes.begin(hub, box(hub, enrolled), written.to_bytes()).bundles == [written.index.full.sha256]
    send(hub, enrolled, written)
    pushes.end(hub, box(hub, enrolled), push)
    assert check(hub, push) == "done"


def test_a_look_that_runs_twice_makes_one_arrival(hub, enrolled):
    enrolled.give()
    push = send(hub, enrolled, letter_of(enrolled))
    pushes.end(hub, box(hub, enrolled), push)
    pushes.end(hub, box(hub, enrolled), push)
    assert check(hub, push) == "done"
    assert check(hub, push) == "done"
    assert len(arrived(hub)) == 1
    work(hub)
    assert len(arrived(hub)) == 1


def test_one_school_does_not_learn_what_another_one_sent(hub, enrolled, tmp_path):
    """The same film: each sends it itself."""
    other = School(tmp_path / "other")
    enrol(hub, other, "college-dupont")
    enrolled.give()
    send(hub, enrolled, letter_of(enrolled))
    other.give()
    begun = pushes.begin(hub, box(hub, other), letter_of(other).to_bytes())
    assert len(begun.objects) == 1


def test_a_newer_version_costs_only_what_is_new(hub, enrolled):
    enrolled.give()
    send(hub, enrolled, letter_of(enrolled))
    enrolled.give(words="La Lune tourne toujours.")
    begun = pushes.begin(hub, box(hub, enrolled), letter_of(enrolled).to_bytes())
    assert begun.objects == []
    assert len(begun.bundles) == 1


def test_a_hub_that_is_away_leaves_the_offer_waiting(enrolled):
    enrolled.offer()
    with pytest.raises(Unreachable):
        enrolled.push("http://127.0.0.1:9/")
    assert enrolled.state() == "waiting"


def test_nothing_of_an_offer_is_public(hub, enrolled):
    enrolled.give()
    send(hub, enrolled, letter_of(enrolled))
    film = next(file for file in letter_of(enrolled).manifest.files if file.media)
    assert hub.public.size(f"objects/{film.sha256[:2]}/{film.sha256}") is None
    assert not list(hub.mirror.glob("publishers/local/*"))
    assert not list(hub.mirror.rglob(film.sha256))
