from __future__ import annotations

import re

import pytest

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.app import create_app
from edubox.box.teacher import drafts, writing
from tests.box.desk_client import desk_of, person
from tests.box.school import School, settings

HERE = {"Origin": "http://localhost"}


class Room:
    def __init__(self, data):
        self.data = School(data).data
        self.app = create_app(self.data, settings())
        self.client = self.app.test_client()
        self.base = desk_of(self.client, self.data, role="teacher")
        owner = Person(person(self.data).id, "Ada", TEACHER)
        self.draft = drafts.create(self.data, owner, "La lune").id
        self.place = drafts.folder(self.data, self.draft)

    def post(self, what, client=None, **form):
        return (client or self.client).post(
            f"{self.base}/drafts/{self.draft}/{what}/", data=form, headers=HERE
        )

    def get(self, what, **query):
        return self.client.get(f"{self.base}/drafts/{self.draft}/{what}/", query_string=query)

    def files(self, top="files"):
        return {path: (self.place / top / path).read_text() for path in drafts.paths(self.place / top)}


def field(page, name) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path / "school")


def test_a_page_is_written_saved_and_opened_again(room):
    assert room.get("text").status_code == 200
    page = room.post("text", title="La lune", written="# Lune\r\n\r\n**Elle** tourne.", action="save")
    assert page.status_code == 200
    assert room.files() == {"La lune.md": "# Lune\n\n**Elle** tourne."}
    assert "<strong>Elle</strong>" in page.text
    again = room.get("text", path="La lune.md")
    assert "**Elle** tourne." in again.text
    page = room.post("text", path="La lune.md", mark=field(again, "mark"), written="Autre", action="close")
    assert page.status_code == 303
    assert room.files() == {"La lune.md": "Autre"}


def test_of_two_windows_the_second_overwrites_nothing(room):
    room.post("text", title="Lune", written="Un", action="save")
    mark = field(room.get("text", path="Lune.md"), "mark")
    room.post("text", path="Lune.md", mark=mark, written="Deux", action="save")
    page = room.post("text", path="Lune.md", mark=mark, written="Trois <b>gras</b>", action="save")
    assert page.status_code == 409
    assert "Trois &lt;b&gt;gras&lt;/b&gt;" in page.text
    assert room.files() == {"Lune.md": "Deux"}
    room.post("text", path="Lune.md", mark=mark, written="Trois", action="copy")
    assert sorted(room.files().values()) == ["Deux", "Trois"]


def test_a_script_saves_by_itself_and_gets_the_mark_of_the_next_time(room):
    mark = path = ""
    for words in ("Un", "Deux", "Trois"):
        kept = room.post(
            "text", path=path, mark=mark, title="Lune", written=words, action="save", script="1"
        ).json
        path, mark = kept["path"], kept["mark"]
        assert not kept["conflict"]
        assert words in kept["preview"]
    assert room.files() == {"Lune.md": "Trois"}


def test_the_preview_acts_no_more_than_a_lesson_does(room):
    hostile = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a><iframe src="//e"></iframe>\n\n![photo](http://e/x.png)<form action="/"><input name=csrf></form><p style="position:fixed">'
    page = room.post("text", written=hostile, action="look", script="1").json["preview"]
    for wrong in (
        "<script",
        "onerror",
        "javascript:",
        "<iframe",
        "http://e/x.png",
        "<form",
        "<input",
        "style=",
    ):
        assert wrong not in page
    assert room.files() == {}


def test_a_note_for_teachers_only_never_lies_among_the_lessons_files(room):
    page = room.post("text", title="Corrigé", written="x = 4", staff="1", action="save")
    assert field(page, "staff") == "1"
    assert room.files() == {}
    assert room.files("staff") == {"Corrigé.md": "x = 4"}
    assert room.get("text", path="Corrigé.md").status_code == 404
    assert "x = 4" in room.get("text", path="Corrigé.md", staff=1).text


def test_a_file_is_hidden_from_pupils_and_shown_again(room):
    room.post("text", title="Corrigé", written="x", action="save")
    assert room.post("staff", path="Corrigé.md", action="hide").status_code == 303
    assert room.files() == {}
    assert room.files("staff") == {"Corrigé.md": "x"}
    assert room.post("staff", path="Corrigé.md", action="show").status_code == 303
    assert room.files() == {"Corrigé.md": "x"}
    assert room.post("staff", path="none.md", action="hide").status_code == 404
    assert room.post("staff", path="../draft.json", action="hide").status_code == 400


@pytest.mark.parametrize(
    "path", ["../draft.json", "../../../box.toml", "/etc/passwd", "a/../../x.md", "draft.json", "con.md"]
)
def test_no_name_leads_out_of_the_draft(room, path):
    assert room.get("text", path=path).status_code == 404
    before = sorted(one.name for one in room.place.iterdir())
    assert room.post("text", path=path, mark="x", written="y", action="save").status_code in {400, 409}
    assert sorted(one.name for one in room.place.iterdir() if one.name != ".lock") == [
        n for n in before if n != ".lock"
    ]


def test_odd_titles_become_names_that_every_system_holds(room):
    for title in ("../../x", "a/b:c*?", "CON", "", "x" * 500, "\u202etxt.exe"):
        assert room.post("text", title=title, written="# Titre", action="save").status_code == 200
    assert len(room.files()) == 6
    assert not [path for path in room.files() if "/" in path or len(path) > 90]


def test_a_text_without_end_is_refused(room):
    page = room.post("text", title="x", written="é" * (writing.LONGEST + 1), action="save")
    assert page.status_code in {400, 413}
    assert room.files() == {}


def test_a_long_text_in_any_script_fits(room):
    words = "لغة" * (writing.LONGEST // 3)
    page = room.client.post(
        f"{room.base}/drafts/{room.draft}/text/", data={"title": "x", "written": words, "action": "save"},
        headers=HERE, content_type="multipart/form-data",
    )  # fmt: skip
    assert page.status_code == 200
    assert room.files() == {"x.md": words}


def test_a_colleague_neither_reads_nor_writes_it(room):
    room.post("text", title="Lune", written="Un", action="save")
    other = room.app.test_client()
    desk_of(other, room.data, role="teacher", name="Eve")
    assert other.get(f"{room.base}/drafts/{room.draft}/text/?path=Lune.md").status_code == 404
    assert room.post("text", other, path="Lune.md", written="Deux", action="save").status_code == 404
    assert room.post("quiz", other, action="add:choice").status_code == 404
    assert room.post("staff", other, path="Lune.md", action="hide").status_code == 404
    assert room.files() == {"Lune.md": "Un"}


def test_a_quiz_is_made_with_buttons_alone(room):
    page = room.get("quiz")
    assert page.status_code == 200
    page = room.post("quiz", title="Calcul", action="add:number")
    assert 'name="q0.value"' in page.text
    typed = {"q": "0", "q0.kind": "number", "q0.text": "6 × 7 ?", "q0.value": "quarante"}
    wrong = room.post("quiz", title="Calcul", action="save", **typed)
    assert wrong.status_code == 422
    assert 'value="quarante"' in wrong.text
    assert room.files() == {}
    page = room.post(
        "quiz", title="Calcul", action="save", **typed | {"q0.value": "42", "q0.tolerance": "0,5"}
    )
    assert page.status_code == 200
    assert room.files()["Calcul.gift"].strip() == "[plain]6 × 7 ? {# \\=42\\:0,5}".replace("\\", "")
    again = room.get("quiz", path="Calcul.gift")
    assert 'value="42"' in again.text
    more = room.post(
        "quiz", path="Calcul.gift", mark=field(again, "mark"), action="copy:0", **typed | {"q0.value": "42"}
    )
    assert more.text.count("6 × 7 ?") == 2
    assert room.post("quiz", action="burn").status_code == 400


def test_a_quiz_from_elsewhere_is_changed_and_loses_nothing(room):
    (room.place / "files" / "vieux.gift").write_text(
        "// remarque\n\nLe chat {=mange ~boit} la souris.\n\nVrai ? {T}\n"
    )
    page = room.get("quiz", path="vieux.gift")
    assert "Le chat {=mange ~boit} la souris." in page.text
    form = {"q": ["0", "1", "2"], "q0.kind": "kept", "q0.source": "// remarque", "q1.kind": "kept",
            "q1.source": "Le chat {=mange ~boit} la souris.", "q2.kind": "truth", "q2.text": "Faux ?", "q2.true": "0"}  # fmt: skip
    kept = room.post(
        "quiz", path="vieux.gift", mark=field(page, "mark"), action="save", script="1", **form
    ).json
    assert kept["saved"]
    assert (
        room.files()["vieux.gift"]
        == "// remarque\n\nLe chat {=mange ~boit} la souris.\n\n[plain]Faux ? {F}\n"
    )
    conflict = room.post(
        "quiz", path="vieux.gift", mark=field(page, "mark"), action="save", script="1", **form
    ).json
    assert conflict["conflict"]
