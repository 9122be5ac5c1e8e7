from __future__ import annotations

import base64
import io
import shutil
import subprocess
import sys
import zipfile

import pytest

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.app import create_app
from edubox.box.teacher import build, copying, drafts
from edubox.box.teacher.unfolding import unfold
from edubox.errors import BadArchive, BadBundle, BadInput, NotFound
from edubox.importers.folder import build_lesson
from edubox.pack.edpack import extract, open_edpack
from edubox.store.objects import put
from tests.box.desk_client import desk_of, person
from tests.box.school import School, manifest_of, page, settings
from tests.box.teacher.staffroom import ADA, Staffroom
from tests.importers.building import write
from tests.importers.packages import h5p
from tests.importers.photos import photo

HERE = {"Origin": "http://localhost"}
BOB = Person(9, "Bob Ka", TEACHER)
GIFT = "Capitale ? {=Paris ~Lyon}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A lesson file of everything that building changes."""
    folder = tmp_path_factory.mktemp("made")
    source = write(
        folder / "leçon",
        {
            "1 lire.md": "# Lire\n\n![](images/photo.jpg)\n", "images/photo.jpg": photo(1600, 1200), "2 page.html": page("La page"),
            "3 jeu.h5p": h5p(), "4 quiz.gift": GIFT, "données.csv": "a;b\n1;2\n",
        },
    )  # fmt: skip
    about = {
        "title": "La leçon",
        "language": "fr",
        "author": ["Ada Sow"],
        "licence": "CC-BY-4.0",
        "keyword": ["lune"],
    }
    build_lesson(source, folder / "lesson.edpack", about)
    return folder / "lesson.edpack"


@pytest.fixture
def data(tmp_path):
    return School(tmp_path / "box").data


def test_what_a_teacher_adds_while_a_lesson_is_opened_stays(data, made):
    ident = given(data, made)
    source = data / "staging" / "more"
    source.write_text("mine")
    drafts.add_file(data, ident, "1 lire.md", source)
    copying.open_given(data, ident)
    assert (drafts.folder(data, ident) / "files" / "1 lire.md").read_text() == "mine"


def given(data, lesson, who=BOB):
    ident = drafts.create(data, who, "lesson").id
    shutil.copy(lesson, data / "staging" / "given")
    copying.receive(data, ident, data / "staging" / "given")
    return ident


def toc(manifest):
    return [(item.title, item.type) for top in manifest.toc for item in top.walk()]


def test_a_lesson_made_at_home_is_a_draft_of_what_its_author_gave(data, made):
    ident = given(data, made)
    draft = copying.open_given(data, ident)
    place = drafts.folder(data, ident)
    assert drafts.paths(place / "files") == [
        "1 lire.md", "2 page.html", "3 jeu.h5p", "4 quiz.gift", "données.csv", "images/photo.jpg"
    ]  # fmt: skip
    assert (draft.title, draft.language, draft.authors, draft.licence, draft.keywords) == (
        "La leçon", "fr", ("Ada Sow",), "CC-BY-4.0", ("lune",)
    )  # fmt: skip
    assert [one for one in place.iterdir() if one.name.startswith((".opened", "given"))] == []


def test_the_lesson_that_is_built_of_the_draft_is_the_same_lesson(data, made):
    ident = given(data, made)
    copying.open_given(data, ident)
    build.build(data, ident)
    with open_edpack(made) as before, open_edpack(drafts.folder(data, ident) / "built.edpack") as after:
        assert toc(after.manifest) == toc(before.manifest)
        assert after.manifest.metadata == before.manifest.metadata
        assert {one.path for one in after.manifest.files} == {one.path for one in before.manifest.files}


def test_an_exercise_that_was_opened_is_closed_again_whole(data, made):
    ident = given(data, made)
    copying.open_given(data, ident)
    with zipfile.ZipFile(drafts.folder(data, ident) / "files" / "3 jeu.h5p") as archive:
        assert archive.testzip() is None
        assert {"h5p.json", "content/content.json"} <= set(archive.namelist())


@pytest.mark.parametrize("harm", ["cut", "changed", "another zip", "nothing", "members"])
def test_a_file_that_is_no_whole_lesson_leaves_an_empty_draft(data, made, tmp_path, harm):
    whole = made.read_bytes()
    bad = tmp_path / "bad.edpack"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../evil.txt", "x")
        archive.writestr("manifest.json", "{}" if harm == "members" else "")
    middle = len(whole) // 2
    bad.write_bytes({
        "cut": whole[:middle], "changed": whole[:middle] + b"\0" * 64 + whole[middle + 64 :], "another zip": out.getvalue(),
        "nothing": b"", "members": out.getvalue(),
    }[harm])  # fmt: skip
    ident = given(data, bad)
    with pytest.raises(BadInput):
        copying.open_given(data, ident)
    place = drafts.folder(data, ident)
    assert drafts.paths(place / "files") == []
    assert not (place / ".opened").exists()
    assert not list(data.rglob("evil.txt"))


def test_what_was_cut_while_it_was_opened_is_opened_the_next_time(data, made, monkeypatch):
    ident = given(data, made)
    whole = copying._place

    def cut(*given):
        whole(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(copying, "_place", cut)
    with pytest.raises(KeyboardInterrupt):
        copying.open_given(data, ident)
    monkeypatch.setattr(copying, "_place", whole)
    assert copying.open_given(data, ident).entries
    with pytest.raises(NotFound):
        copying.open_given(data, ident)


def test_a_lesson_of_another_publisher_becomes_a_draft_that_names_it(data, made, tmp_path):
    extract(made, tmp_path / "out")
    with open_edpack(made) as lesson:
        manifest = lesson.manifest
    files = {one.path: (tmp_path / "out" / one.path).read_bytes() for one in manifest.files}
    School(data, None).install("lune", manifest, files)
    put(data / "mirror", manifest.id, manifest.to_bytes())
    ident = drafts.create(data, BOB, "La leçon").id
    copying.copy_of(data, ident, "ministry/test/lune", manifest.id)
    draft = copying.open_given(data, ident)
    assert (draft.based_on, draft.authors) == ("ministry/test/lune", ("Ada Sow",))
    build.build(data, ident)
    with open_edpack(drafts.folder(data, ident) / "built.edpack") as built:
        assert built.manifest.metadata["isBasedOn"] == "ministry/test/lune"
        assert built.manifest.metadata["author"] == ["Ada Sow"]
        assert toc(built.manifest) == toc(manifest)


def test_changing_a_copy_changes_nothing_that_pupils_read(data):
    files = {"a.html": page("Une")}
    manifest = manifest_of(files, title="x")
    School(data, None).install("x", manifest, files)
    put(data / "mirror", manifest.id, manifest.to_bytes())
    ident = drafts.create(data, BOB, "x").id
    copying.copy_of(data, ident, "ministry/test/x", manifest.id)
    copying.open_given(data, ident)
    assert drafts.paths(drafts.folder(data, ident) / "files") == ["a.html"]
    drafts.remove_file(data, ident, "a.html")
    assert (data / "site" / manifest.id / "a.html").read_bytes() == page("Une")


def test_of_a_colleagues_lesson_one_gets_what_pupils_got_and_of_ones_own_the_draft(room: Staffroom):
    mine = room.draft()
    slug = room.give(mine, room.code)
    room.put(mine, "secret.md", "not given yet")
    lesson = room.own_lesson(slug)
    version = next(iter(_versions(room, slug)))
    for who, files in ((BOB, ["lire.html"]), (ADA, ["lire.html", "secret.md"])):
        ident = drafts.create(room.box, who, "copy").id
        copying.copy_of(room.box, ident, room.address(slug), version)
        made = copying.open_given(room.box, ident)
        assert drafts.paths(drafts.folder(room.box, ident) / "files") == files
        assert (made.owner, made.slug, made.title) == (who.id, "", "copy")
    assert lesson.draft == mine


def _versions(room, slug):
    from edubox.box.library import Library

    yield Library(room.box).lesson(room.address(slug)).manifest


@pytest.mark.parametrize(
    "note", [b"", b"{", b"[]", b'{"address": "x"}', b'{"address": 3, "manifest": "../x"}']
)
def test_a_damaged_note_on_what_to_copy_is_none(data, note):
    ident = drafts.create(data, BOB, "x").id
    (drafts.folder(data, ident) / copying.COPIED).write_bytes(note)
    with pytest.raises(NotFound):
        copying.open_given(data, ident)


def test_nothing_outside_the_lesson_is_unfolded(made):
    with open_edpack(made) as lesson:
        found = unfold(lesson.manifest)
    known = {one.path for one in lesson.manifest.files}
    assert set(found.files) <= known
    assert {one.path for one in found.entries if one.path} <= known | set(found.containers)


# --- the desk --------------------------------------------------------------------------------------------


class Bench:
    """Remembers what it was asked to start, and does it when a test says so."""

    def __init__(self):
        self.started = []

    def start(self, args, _progress=None):
        self.started.append(list(args))
        return True

    def busy(self, args):
        return list(args) in self.started


@pytest.fixture
def desk(data, monkeypatch):
    bench = Bench()
    monkeypatch.setattr("edubox.box.site.Bench", lambda: bench)
    client = create_app(data, settings()).test_client()
    base = desk_of(client, data, role="teacher")
    client.bench = bench
    return client, base


def test_a_lesson_is_chosen_and_a_draft_of_it_is_made_while_one_waits(data, desk):
    client, base = desk
    School(data, None).add("volcans", {"a.html": page("x")}, title="Les volcans")
    assert "Les volcans" in client.get(f"{base}/copies/").text
    answer = client.post(f"{base}/copies/", headers=HERE, data={"lesson": "ministry/test/volcans"})
    place = answer.headers["Location"]
    assert place.endswith("/opening/")
    assert client.bench.started[0][:2] == ["draft", "open"]
    assert "http-equiv" in client.get(place).text
    client.bench.started.clear()
    assert "interrompu" in client.get(place).text
    client.post(place, headers=HERE, data={"action": "again"})
    assert client.bench.started
    client.bench.started.clear()
    assert client.post(place, headers=HERE, data={"action": "leave"}).headers["Location"] == f"{base}/"
    assert drafts.every(data, Person(person(data).id, "Ada", TEACHER)) == []


def test_a_lesson_that_is_not_there_is_not_copied(desk):
    client, base = desk
    for lesson in ("", "ministry/test/none", "../../etc", "x" * 5000):
        assert client.post(f"{base}/copies/", headers=HERE, data={"lesson": lesson}).status_code == 404


def test_why_a_lesson_file_could_not_be_opened_is_said(data, desk):
    client, base = desk
    ident = drafts.create(data, Person(person(data).id, "Ada", TEACHER), "x").id
    (drafts.folder(data, ident) / copying.GIVEN).write_bytes(b"x")
    with pytest.raises((BadArchive, BadBundle)):
        copying.open_given(data, ident)
    assert "no whole lesson" in client.get(f"{base}/drafts/{ident}/opening/").text


def test_a_lesson_file_that_is_dropped_on_the_desk_is_opened_as_a_lesson(data, desk, made):
    client, base = desk
    whole = made.read_bytes()
    name = base64.b64encode(b"lesson.edpack").decode()
    tus = HERE | {"Tus-Resumable": "1.0.0"}
    announced = client.post(
        f"{base}/televersement/",
        headers=tus | {"Upload-Length": str(len(whole)), "Upload-Metadata": f"name {name}"},
    )
    assert announced.headers["X-Edubox-Next"].endswith("/opening/")
    sent = client.patch(
        announced.headers["Location"], data=whole,
        headers=tus | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    )  # fmt: skip
    assert sent.status_code == 204
    [command] = client.bench.started
    subprocess.run([sys.executable, "-m", "edubox", *command], check=True, capture_output=True)
    client.bench.started.clear()
    draft = announced.headers["X-Edubox-Draft"]
    assert drafts.read(data, draft).title == "La leçon"
    opened = client.get(announced.headers["X-Edubox-Next"])
    assert opened.headers["Location"] == f"{base}/drafts/{draft}/"
