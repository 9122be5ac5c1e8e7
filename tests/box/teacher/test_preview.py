from __future__ import annotations

import re

import pytest
from werkzeug.test import Client

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.app import create_app
from edubox.box.lessons import lesson_app
from edubox.box.teacher import drafts, preview
from edubox.box.teacher.build import build
from edubox.box.teacher.preview import Previews
from tests.box.desk_client import desk_of, person
from tests.box.school import School, settings

HERE = {"Origin": "http://localhost"}
STAFF = "CORRIGE-SECRET"


class Room:
    def __init__(self, data):
        self.data = School(data).data
        self.pages = create_app(self.data, settings())
        self.teacher = self.pages.test_client()
        self.base = desk_of(self.teacher, self.data, role="teacher")
        owner = Person(person(self.data).id, "Ada", TEACHER)
        self.draft = drafts.create(self.data, owner, "La lune").id
        self.place = drafts.folder(self.data, self.draft)
        (self.place / "files" / "lire.md").write_text("# Lire\n\nLa lune tourne.")
        (self.place / "files" / "quiz.gift").write_text("Vrai ? {T}\n")
        (self.place / "staff" / "corrige.md").write_text(STAFF)
        self.report = build(self.data, self.draft)
        self.lessons = Client(lesson_app(self.data, 8080, ("fr", "en")))

    def open(self, more="") -> str:
        answer = self.teacher.get(f"{self.base}/drafts/{self.draft}/preview/{more}")
        assert answer.status_code == 303, answer.text
        return re.sub(r"^http://[^/]+", "", answer.headers["Location"])

    @property
    def token(self) -> str:
        return drafts.read(self.data, self.draft).token

    def pupil(self, address):
        return self.pages.test_client().get(address)


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path / "school")


def test_a_draft_looks_as_pupils_will_see_it(room):
    address = room.open()
    assert address.startswith(f"/apercu/{room.token}/")
    lesson = room.pupil(address)
    assert lesson.status_code == 200
    assert "La lune" in lesson.text
    assert 'class="preview"' in lesson.text
    part = room.pupil(f"{address}1/").text
    frame = re.search(r'<iframe src="http://localhost:\d+(/apercu/[^"#]+)"', part)[1]
    assert "La lune tourne" in room.lessons.get(frame).text
    assert room.pupil(f"{address}2/").status_code == 200
    assert room.pupil(f"{address}3/").status_code == 404
    both = room.pupil(f"{address}deux/")
    assert both.text.count(f'src="{address}"') == 2
    assert room.pupil(f"/apercu/{room.token}/").headers["Location"].startswith(f"/apercu/{room.token}/")


def test_nothing_of_it_is_kept_found_or_framed_elsewhere(room):
    address = room.open()
    page = room.pupil(address)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    file = room.lessons.get(f"/apercu/{room.token}/c/{room.report['manifest']}/lire.md.html")
    assert file.headers["Cache-Control"] == "no-store"
    assert "sandbox" in file.headers["Content-Security-Policy"]


def test_who_guesses_finds_nothing(room):
    address = room.open()
    for wrong in ("a" * 26, room.draft, room.token[:-1], room.token.upper(), f"{room.token}a", ".", "%2e%2e"):
        assert room.pupil(f"/apercu/{wrong}/fr/").status_code == 404
        assert (
            room.lessons.get(f"/apercu/{wrong}/c/{room.report['manifest']}/lire.md.html").status_code == 404
        )
    assert room.lessons.get(f"/c/{room.report['manifest']}/lire.md.html").status_code == 404
    assert room.pupil(address.replace("/fr/", "/xx/").replace("/en/", "/xx/")).status_code == 404


def test_a_preview_holds_nothing_for_teachers_only(room):
    room.open()
    begin = f"/apercu/{room.token}/c"
    for path in (
        "staff/corrige.md",
        "corrige.md",
        "../staff/corrige.md",
        "../../staff/corrige.md",
        "..%2f..%2fdraft.json",
        "corrige.html",
    ):
        for top in (room.report["manifest"], "staff", "."):
            answer = room.lessons.get(f"{begin}/{top}/{path}")
            assert answer.status_code in {400, 404}
            assert STAFF not in answer.text
    assert not any(
        STAFF.encode() in one.read_bytes() for one in (room.place / "site").rglob("*") if one.is_file()
    )


def test_another_address_ends_the_old_one(room):
    old = room.open()
    answer = room.teacher.post(
        f"{room.base}/drafts/{room.draft}/preview/", data={"action": "anew"}, headers=HERE
    )
    assert answer.status_code == 303
    new = room.open()
    assert old != new
    assert room.pupil(old).status_code == 404
    previews = Previews(room.data)
    previews._looked = -10
    assert previews.draft(room.token) is not None


def test_a_draft_that_is_thrown_away_has_no_preview(room):
    address = room.open()
    file = f"/apercu/{room.token}/c/{room.report['manifest']}/lire.md.html"
    assert room.lessons.get(file).status_code == 200
    drafts.throw_away(room.data, room.draft)
    assert room.pupil(address).status_code == 404
    assert room.lessons.get(file).status_code == 404


def test_a_lesson_that_was_given_has_no_preview(room):
    address = room.open()
    preview.end(room.data, room.draft)
    preview.end(room.data, room.draft)
    assert room.pupil(address).status_code == 404
    assert room.token == ""


def test_guessing_does_not_read_all_drafts_every_time(room, monkeypatch):
    looked = []
    monkeypatch.setattr(drafts, "tokens", lambda *_: looked.append(1) or {})
    previews = Previews(room.data)
    for _ in range(50):
        assert previews.draft("b" * 26) is None
    assert len(looked) == 1


def test_nobody_who_guesses_keeps_a_preview_from_its_teacher(room):
    previews = Previews(room.data)
    room.open()
    assert previews.draft("b" * 26) is None
    assert previews.draft(room.token) is not None, "it was there when somebody guessed"
    room.teacher.post(f"{room.base}/drafts/{room.draft}/preview/", data={"action": "anew"}, headers=HERE)
    assert previews.draft(room.token) is not None, "it was made a moment after somebody guessed"


@pytest.mark.parametrize("tricky", [
    "../../staff/corrige.md", "..%2f..%2f..%2fstaff/corrige.md", "/staff/corrige.md", "../draft.json", "c/../../draft.json",
    "c/%2e%2e/%2e%2e/report.json", "c/{manifest}/../../../staff/corrige.md", "c/{manifest}/..%5c..%5cdraft.json", "c/{manifest}.json",
    "c/{manifest}/%00", "c/{manifest}/lire.md.html/../../{manifest}.json", "forget.html/../draft.json", "c/{zero}/../draft.json",
    "apercu/{token}/c/{manifest}/../../draft.json", "c/{manifest}/" + "a/" * 300,
])  # fmt: skip
def test_no_address_of_a_preview_leads_out_of_what_was_built(room, tricky):
    room.open()
    path = tricky.format(manifest=room.report["manifest"], token=room.token, zero="0" * 64)
    for client in (room.lessons, room.pages.test_client()):
        answer = client.get(f"/apercu/{room.token}/{path}", base_url="http://localhost")
        assert answer.status_code in {301, 302, 404, 308}, path
        assert STAFF not in answer.text
        assert "owner" not in answer.text


@pytest.mark.parametrize(
    "token", ["", "B" * 26, "b" * 25, "b" * 27, "../" + "b" * 23, "%00" * 9, "é" * 26, "bb\n" + "b" * 23]
)
def test_what_is_no_token_opens_nothing(room, token):
    room.open()
    for client in (room.lessons, room.pages.test_client()):
        assert client.get(f"/apercu/{token}/fr/", base_url="http://localhost").status_code in {302, 404}


def test_only_its_teacher_is_led_to_it(room):
    other = room.pages.test_client()
    base = desk_of(other, room.data, role="teacher", name="Eve")
    assert other.get(f"{base}/drafts/{room.draft}/preview/").status_code == 404
    assert (
        other.post(f"{base}/drafts/{room.draft}/preview/", data={"action": "anew"}, headers=HERE).status_code
        == 404
    )
    assert preview.lesson(room.data, drafts.read(room.data, room.draft)) is not None


def test_a_draft_that_changed_is_put_together_first(room, monkeypatch):
    asked = []
    monkeypatch.setattr("edubox.box.teacher.work.Bench.start", lambda _, args, __: asked.append(args) or True)
    (room.place / "files" / "neu.md").write_text("# Neuf")
    page = room.teacher.get(f"{room.base}/drafts/{room.draft}/preview/")
    assert page.status_code == 200
    assert 'http-equiv="refresh"' in page.text
    assert asked[0][:2] == ["draft", "build"]
