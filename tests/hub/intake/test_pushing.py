"""A school's offer goes to the hub: whole, in order, cut, repeated, and never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select

from edubox.errors import Unreachable
from edubox.hub.errors import Elsewhere, GoneLesson
from edubox.hub.intake import pushes as engine
from edubox.hub.intake import shelf
from edubox.hub.intake.checking import box_of
from edubox.hub.review import arrivals
from edubox.hub.tables import pushes
from edubox.sync import letter, offers, pushing
from tests.hub.intake.world import FILM, record, work


def all_arrivals(hub, **options):
    with hub.database.read() as connection:
        return arrivals.listed(connection, states=(), **options)


def test_a_teachers_offer_arrives_whole_and_the_teacher_sees_how_far_it_is(hub, enrolled, address):
    record(hub, enrolled)
    index = enrolled.offer()
    report = enrolled.push(address)
    assert [(one.lesson, one.state) for one in report.offers] == [(f"{enrolled.id}/la-lune", "received")]
    assert enrolled.state() == "received"
    assert all_arrivals(hub) == []  # nobody sees it before it was looked at
    assert work(hub) == ["intake-check"]
    (one,) = all_arrivals(hub)
    assert (one.publisher, one.slug, one.version, one.manifest) == (
        "ac-test/college-moulin",
        "la-lune",
        1,
        index.manifest,
    )
    assert (one.state, one.label, one.name, one.author) == (
        "received",
        "Collège Moulin",
        "La Lune",
        "Ada Martin",
    )
    again = enrolled.push(address)
    assert again.requests == 1
    assert again.sent == 0
    with hub.database.read() as connection:
        assert connection.execute(select(pushes.c.state)).scalars().all() == ["done"]


def test_what_the_academy_says_comes_back_to_the_teachers_desk(hub, enrolled, address):
    enrolled.offer()
    enrolled.push(address)
    work(hub)
    (one,) = all_arrivals(hub)
    for step, words, state in (
        (arrivals.assign, "marie", "review"), (arrivals.give_back, "Il manque la source de l'image.", "returned"),
    ):  # fmt: skip
        hub.database.change(
            lambda connection, step=step, words=words: step(connection, one.id, "marie", words, hub.now())
        )
        enrolled.push(address)
        assert enrolled.state() == state
    assert offers.of_slug(enrolled.data, "la-lune").comments == ("Il manque la source de l'image.",)


def test_a_refusal_is_told_with_its_reason(hub, enrolled, address):
    enrolled.offer()
    enrolled.push(address)
    work(hub)
    (one,) = all_arrivals(hub)
    hub.database.change(
        lambda connection: arrivals.refuse(connection, one.id, "marie", "Hors programme.", hub.now())
    )
    report = enrolled.push(address)
    assert [(said.state, said.said) for said in report.offers] == [("refused", "Hors programme.")]
    assert enrolled.push(address).requests == 0  # nothing more is asked


def test_a_remark_between_reviewers_stays_with_them(hub, enrolled, address):
    enrolled.offer()
    enrolled.push(address)
    work(hub)
    (one,) = all_arrivals(hub)
    hub.database.change(
        lambda connection: arrivals.remark(
            connection, one.id, "marie", "On dirait un copier-coller.", hub.now()
        )
    )
    enrolled.push(address)
    assert offers.of_slug(enrolled.data, "la-lune").comments == ()


def test_only_offered_lessons_leave_and_the_small_one_first(hub, enrolled, address):
    enrolled.give("secret", "Pas encore prêt.", name="Secret")
    enrolled.offer("grand", film=FILM * 4)
    enrolled.offer("petit", film=FILM[:1000])
    report = enrolled.push(address)
    assert [one.lesson.rpartition("/")[2] for one in report.offers] == ["petit", "grand"]
    work(hub)
    assert {one.slug for one in all_arrivals(hub)} == {"petit", "grand"}
    secret = letter.write(enrolled.mirror, enrolled.id, "secret").index
    assert hub.blobs.size(shelf.key(secret.full.sha256)) is None
    assert hub.blobs.size(shelf.key(secret.manifest)) is None


def test_a_line_that_is_cut_at_every_request_costs_at_most_one_piece_twice(
    hub, enrolled, address, monkeypatch
):
    enrolled.offer(film=FILM * 3)
    monkeypatch.setattr(pushing, "FIRST", 65_536)
    monkeypatch.setattr(pushing, "MOST", 65_536)
    index = letter.write(enrolled.mirror, enrolled.id, "la-lune").index
    sent, runs = 0, 0
    while enrolled.state() == "waiting":
        api, runs = enrolled.api(address), runs + 1
        api._pool = Cut(api._pool, 4)
        with suppress(Unreachable):
            pushing.push(enrolled.data, enrolled.id, api)
        sent += api.sent
        assert runs < 60
    body = len(letter.write(enrolled.mirror, enrolled.id, "la-lune").to_bytes())
    assert runs > 5
    assert sent <= index.full.size + len(FILM) * 3 + runs * (body + 65_536)
    work(hub)
    (one,) = all_arrivals(hub)
    assert one.manifest == index.manifest


def test_an_answer_that_is_lost_is_no_byte_sent_twice(hub, enrolled, address):
    """The hub has the piece, the box does not know it: it asks where the file ends."""
    enrolled.offer()
    api = enrolled.api(address)
    api._pool = Deaf(api._pool, "PUT")
    with suppress(Unreachable):
        pushing.push(enrolled.data, enrolled.id, api)
    first = api.sent
    report = enrolled.push(address)
    assert report.offers[0].state == "received"
    written = letter.write(enrolled.mirror, enrolled.id, "la-lune")
    assert first + report.sent < 2 * len(written.to_bytes()) + written.index.full.size + len(FILM) + 10
    work(hub)
    assert len(all_arrivals(hub)) == 1


def test_while_pupils_read_nothing_leaves(hub, enrolled, address):
    enrolled.offer()
    report = enrolled.push(address, wait=lambda: "pupils read")
    assert report.postponed
    assert report.sent == 0
    assert enrolled.state() == "waiting"
    assert all_arrivals(hub) == []


def test_pupils_who_begin_to_read_stop_it_between_two_pieces_and_nothing_is_lost(
    hub, enrolled, address, monkeypatch
):
    monkeypatch.setattr(pushing, "FIRST", 65_536)
    monkeypatch.setattr(pushing, "MOST", 65_536)
    enrolled.offer()
    words = iter(["", "", "", "pupils read"])
    first = enrolled.push(address, wait=lambda: next(words, "pupils read"))
    assert first.postponed
    second = enrolled.push(address)
    written = letter.write(enrolled.mirror, enrolled.id, "la-lune")
    assert first.sent + second.sent == 2 * len(written.to_bytes()) + written.index.full.size + len(FILM)


def test_a_teacher_who_offers_a_newer_version_sends_that_one(hub, enrolled, address):
    enrolled.offer()
    enrolled.push(address)
    work(hub)
    enrolled.offer(words="La Lune tourne autour de la Terre.")
    report = enrolled.push(address)
    assert report.sent < 40_000  # the film is there
    work(hub)
    assert [(one.version, one.state) for one in all_arrivals(hub)] == [(1, "replaced"), (2, "received")]
    assert enrolled.state() == "received"


def test_a_lesson_that_was_changed_since_it_was_offered_waits_for_its_teachers_word(enrolled, address):
    enrolled.offer()
    enrolled.give(words="Autre chose.")
    report = enrolled.push(address)
    assert [one.state for one in report.offers] == ["waiting"]
    assert "offer version 2 on the desk" in report.offers[0].said
    assert report.sent == 0


def test_a_damaged_file_on_the_card_is_told_and_the_next_lesson_goes(hub, enrolled, address):
    enrolled.offer("la-lune", film=FILM[:2000])
    enrolled.offer("mars", name="Mars", film=FILM[:3000])
    film = next(
        file for file in letter.write(enrolled.mirror, enrolled.id, "la-lune").manifest.files if file.media
    )
    place = enrolled.mirror / f"objects/{film.sha256[:2]}/{film.sha256}"
    place.chmod(0o644)
    place.write_bytes(b"z" * film.size)
    states = {one.lesson.rpartition("/")[2]: one.state for one in enrolled.push(address).offers}
    assert states == {"la-lune": "waiting", "mars": "received"}


def test_a_card_that_comes_out_of_a_backup_goes_on_with_a_higher_counter(hub, enrolled, address):
    enrolled.offer()
    enrolled.push(address)
    (enrolled.data / "hub-counter.json").unlink()
    enrolled.now -= timedelta(days=365)  # nor has it a clock
    work(hub)
    (one,) = all_arrivals(hub)
    hub.database.change(lambda connection: arrivals.assign(connection, one.id, "marie", "marie", hub.now()))
    enrolled.push(address)
    assert enrolled.state() == "review"


def test_two_pushes_of_one_offer_at_once_make_one_arrival(hub, enrolled):
    """Two web processes, and a box that asked again because it heard nothing."""
    enrolled.offer(film=FILM * 4)
    written = letter.write(enrolled.mirror, enrolled.id, "la-lune")
    with hub.database.read() as connection:
        box = box_of(connection, enrolled.id)

    def send(_):
        begun = engine.begin(hub, box, written.to_bytes())
        for file in pushing.files_of(written):
            data, at = (enrolled.mirror / file.path).read_bytes(), 0
            while at < len(data):
                try:
                    at = engine.take(hub, box, begun.id, file.sha256, at, data[at : at + 100_000])
                except Elsewhere as where:
                    at = where.details["offset"]
                except GoneLesson:  # the other one has ended it
                    return "ended"
        return engine.end(hub, box, begun.id).state

    with ThreadPoolExecutor(3) as threads:
        assert set(threads.map(send, range(3))) <= {"checking", "done", "ended"}
    work(hub)
    (one,) = all_arrivals(hub)
    assert one.manifest == written.manifest.id


class Cut:
    """A line that lives for so many requests."""

    def __init__(self, pool, requests):
        self.pool, self.left = pool, requests

    def urlopen(self, method, *arguments, **options):
        self.left -= 1
        if self.left < 0:
            raise OSError("the line is cut")
        return self.pool.urlopen(method, *arguments, **options)


class Deaf:
    """A line over which the answers to *method* do not come back."""

    def __init__(self, pool, method):
        self.pool, self.method = pool, method

    def urlopen(self, method, *arguments, **options):
        answer = self.pool.urlopen(method, *arguments, **options)
        if method == self.method:
            answer.read()
            raise OSError("the line is cut")
        return answer
