"""The pages on which a teacher gives: what the buttons do, what the page says of work under way, cut or failed, and to whom."""

from __future__ import annotations

import json
import re

import pytest

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.app import create_app
from edubox.box.school import classes, week
from edubox.box.teacher import drafts
from edubox.box.teacher.desk_give import Giving
from edubox.box.teacher.give import progress_of
from edubox.box.teacher.work import Bench, tell
from edubox.cli import run
from edubox.errors import EmptyPack, TooMany
from edubox.sync import offers
from tests.box.desk_client import desk_of
from tests.box.school import settings

HOST = "box.local"


@pytest.fixture
def started(monkeypatch):
    """The arguments of the children that would have begun; none runs."""
    begun: list[list[str]] = []
    monkeypatch.setattr(Bench, "start", lambda _self, args, _progress=None: begun.append(list(args)) or True)
    return begun


class Teacher:
    """A teacher at the desk of *room*'s box."""

    def __init__(self, room, role="admin", name="Ada") -> None:
        self.room = room
        self._client = create_app(room.box, settings(languages=["en", "fr"])).test_client()
        self.base = desk_of(self._client, room.box, role=role, name=name)

    def get(self, rest):
        return self._client.get(f"{self.base}/{rest}", base_url=f"http://{HOST}")

    def text(self, rest):
        return self.get(rest).get_data(as_text=True)

    def post(self, rest, **fields):
        headers = {"Origin": f"http://{HOST}"}
        return self._client.post(
            f"{self.base}/{rest}", base_url=f"http://{HOST}", headers=headers, data=fields
        )


@pytest.fixture
def teacher(room, started):
    return Teacher(room)


def given_by(teacher, ident, *codes, **said):
    answer = teacher.post(f"drafts/{ident}/give/", **({"class": list(codes)} | said))
    assert answer.status_code == 303, answer.status
    return re.search("/given/([a-z0-9-]+)/", answer.headers["Location"])[1]


def test_one_button_writes_down_what_is_asked_for_and_begins_at_once(room, teacher, started):
    ident = room.draft()
    assert 'name="class"' in teacher.text(f"drafts/{ident}/give/")
    slug = given_by(teacher, ident, room.code)
    assert started == [["box", "give", slug, "--data", str(room.box), "--json"]]
    assert drafts.read(room.box, ident).slug == slug
    room.work(slug)
    page = teacher.text(f"given/{slug}/")
    assert "Pupils read it." in page
    assert "6e B" in page
    assert room.read(slug) == "La lune"


def test_while_it_goes_on_the_page_says_so_and_looks_again(room, teacher, monkeypatch):
    slug = room.ask(room.draft(), room.code)
    monkeypatch.setattr(Bench, "busy", lambda *_: True)
    tell(progress_of(room.box, slug), "working", what="publishing", done=3, total=9)
    page = teacher.text(f"given/{slug}/")
    assert 'http-equiv="refresh"' in page
    assert 'value="3"' in page
    assert "written to the school" in page


def test_what_a_power_cut_interrupted_is_said_and_the_button_does_it_again(room, teacher, started):
    slug = room.ask(room.draft(), room.code)
    page = teacher.text(f"given/{slug}/")
    assert "interrupted" in page
    assert "nothing of it is lost" in page
    assert teacher.post(f"given/{slug}/", action="go-on").status_code == 303
    assert started
    room.work(slug)
    assert "Pupils read it." in teacher.text(f"given/{slug}/")


def test_a_failure_is_told_in_words_and_can_be_left(room, teacher):
    slug = room.ask(drafts.create(room.box, Person(7, "Ada", TEACHER), "Vide").id)
    with pytest.raises(EmptyPack):
        room.work(slug)
    assert "There is nothing in this lesson yet." in teacher.text(f"given/{slug}/")
    teacher.post(f"given/{slug}/", action="leave")
    assert room.own_lesson(slug).errand is None


def test_versions_withdraw_put_back_and_an_older_one_from_the_page(room, teacher):
    ident = room.draft(words="un")
    slug = given_by(teacher, ident, room.code)
    room.work(slug)
    room.put(ident, "lire.html", "<h1>deux</h1>")
    given_by(teacher, ident, room.code, note="Mieux")
    room.work(slug)
    page = teacher.text(f"given/{slug}/")
    assert "Mieux" in page
    assert 'id="again-1"' in page
    teacher.post(f"given/{slug}/", action="again", version="1")
    room.work(slug)
    assert room.read(slug) == "un"
    teacher.post(f"given/{slug}/", action="withdraw")
    room.work(slug)
    assert room.read(slug) == ""
    assert "pupils do not see it" in teacher.text(f"given/{slug}/")
    teacher.post(f"given/{slug}/", action="put-back")
    room.work(slug)
    assert room.read(slug) == "un"


def test_a_lesson_with_a_day_can_be_opened_now(room, teacher):
    ident = room.draft()
    slug = given_by(teacher, ident, room.code)
    room.work(slug)
    one = classes.of_code(room.file, room.code).given[0]
    classes.plan(room.file, room.code, one.id, heading="", opens="2999-12-31", due="", party="", note="x")
    assert "open-now" in teacher.text(f"given/{slug}/")
    teacher.post(f"given/{slug}/", action="open-now", **{"class": room.code})
    assert room.given() == [(room.address(slug), "")]
    assert classes.of_code(room.file, room.code).given[0].note == "x"


def test_an_offer_to_the_academy_waits_says_so_and_can_be_taken_back(room, teacher):
    slug = given_by(teacher, room.draft())
    assert teacher.post(f"given/{slug}/", action="offer").status_code == 400, "nothing is given yet"
    room.work(slug)
    teacher.post(f"given/{slug}/", action="offer")
    page = teacher.text(f"given/{slug}/")
    assert "Nothing has left the box yet" in page
    assert re.search(r'<li aria-current="step">\s*Waiting on this box', page)
    teacher.post(f"given/{slug}/", action="keep")
    assert offers.of_slug(room.box, slug) is None
    teacher.post(f"given/{slug}/", action="offer")
    teacher.post(f"given/{slug}/", action="withdraw")
    assert offers.of_slug(room.box, slug) is None, "what is withdrawn is offered no more"


def test_what_the_academy_says_is_shown_with_its_comments(room, teacher):
    slug = room.give(room.draft())
    offers.offer(room.box, slug, 1, room.own().id, 1_795_000_000)
    place = room.box / "offers" / f"{slug}.json"
    for state, said in (
        ("received", "Received by"),
        ("review", "looked at"),
        ("accepted", "Accepted"),
        ("returned", "Changes are"),
    ):
        comments = ["Une source <b>manque</b>"]
        place.write_text(json.dumps(json.loads(place.read_text()) | {"state": state, "comments": comments}))
        page = teacher.text(f"given/{slug}/")
        assert re.search(rf'<li aria-current="step">[^<]*{said}', page), state
        assert "Une source &lt;b&gt;manque" in page
        assert "Nothing has left" not in page


def test_with_no_class_yet_the_name_of_one_makes_it_once(room, teacher, started):
    classes.delete(room.file, room.code)
    ident = room.draft()
    assert 'name="new-class"' in teacher.text(f"drafts/{ident}/give/")
    slug = given_by(teacher, ident, **{"new-class": " 5e A "})
    assert given_by(teacher, ident, **{"new-class": "5e A"}) == slug, "pressed twice"
    (made,) = classes.every(room.file)
    assert made.name == "5e A"
    assert made.owner is not None
    room.work(slug)
    assert [one.lesson for one in classes.of_code(room.file, made.code).lessons()] == [room.address(slug)]


@pytest.mark.parametrize(
    ("rest", "fields", "status"),
    [
        ("given/none/", {"action": "withdraw"}, 404), ("given/la-lune/", {"action": "x"}, 400),
        ("given/la-lune/", {"action": "again", "version": "x"}, 400), ("drafts/x/give/", {}, 404),
        ("given/la-lune/", {"action": "open-now", "class": "999999"}, 404),
        ("given/la-lune/", {"action": "again", "version": "²"}, 400),
    ],
)  # fmt: skip
def test_forms_that_say_what_cannot_be_change_nothing(room, teacher, rest, fields, status):
    room.give(room.draft())
    assert teacher.post(rest, **fields).status_code == status
    assert room.own_lesson("la-lune").errand is None


def test_a_draft_is_not_given_to_a_class_that_is_not_there_nor_on_a_day_that_is_none(room, teacher, started):
    ident = room.draft()
    for fields in ({"class": "999999"}, {"opens": "soon"}, {"opens": "9999-01-01"}):
        assert teacher.post(f"drafts/{ident}/give/", **fields).status_code == 400
    assert started == []
    assert room.reads_titles() == []


def test_the_keeper_hears_that_somebody_waits_only_while_somebody_does(room, monkeypatch):
    class Site:
        data = room.box

    doing = set()
    bench = Bench()
    monkeypatch.setattr(bench, "start", lambda args, _progress: doing.add(tuple(args)) or True)
    monkeypatch.setattr(bench, "busy", lambda args: tuple(args) in doing)
    giving = Giving(Site(), bench)
    assert not giving.busy()
    giving.start("la-lune")
    assert giving.busy()
    doing.clear()
    assert not giving.busy()


def test_one_button_before_a_school_closes_makes_tells_and_links(room, teacher, started, monkeypatch):
    slug = room.give(room.draft(), room.code)
    here = f"classes/{room.code}/fermeture/"
    page = teacher.text(here)
    assert f'value="{room.address(slug)}" checked' in page, "what was given lately is proposed"
    back = re.search('name="back" type="date" value="([0-9-]+)"', page)[1]
    wanted = {"lesson": room.address(slug), "text": "Bonnes vacances", "back": back}
    for wrong in ({"back": "2999-01-01"}, {"back": "soon"}, {"lesson": "ministry/x/y"}, {"lesson": ""}):
        assert teacher.post(here, **(wanted | wrong)).status_code == 400
    assert started == []
    for _ in range(2):
        assert teacher.post(here, **wanted).status_code == 303
    assert started[0] == ["box", "week", room.code, "--data", str(room.box), "--json"]
    shown = classes.of_code(room.file, room.code)
    assert shown.home
    assert [(one.text, one.until) for one in shown.announcements] == [("Bonnes vacances", back)]
    monkeypatch.setattr(Bench, "busy", lambda *_: True)
    assert 'http-equiv="refresh"' in teacher.text(here)
    monkeypatch.undo()
    assert "This was interrupted." in teacher.text(here), "nobody does it any more"
    assert run(started[0]) == 0
    page = teacher.text(here)
    assert "Ready." in page
    for place in (
        f"/take/{room.code}/week.zip",
        f"/en/class/{room.code}/print/",
        f"/en/class/{room.code}/take-home/",
        shown.home,
    ):
        assert place in page
    assert page.count("<svg") > 1, "a square for phones"


def test_a_week_whose_lessons_have_left_says_so_and_the_button_does_it_again(room, teacher, started):
    here = f"classes/{room.code}/fermeture/"
    assert teacher.post(here, action="go-on").status_code == 400
    week.wish(room.box, room.code, ["ministry/x/y"], "2026-12-24")
    assert run(["box", "week", room.code, "--data", str(room.box)]) != 0
    assert "None of these lessons is on the box any more." in teacher.text(here)
    assert teacher.post(here, action="go-on").status_code == 303
    assert started


def test_a_class_whose_page_is_full_is_told_in_words_and_the_lesson_is_read(room, teacher, monkeypatch):
    monkeypatch.setattr(classes, "GIVEN", 0)
    slug = room.ask(room.draft(), room.code)
    with pytest.raises(TooMany):
        room.work(slug)
    assert "holds no more" in teacher.text(f"given/{slug}/")
    assert room.read(slug) == "La lune"
