"""Moodle backups: what a teacher made becomes a lesson; nothing that a backup says of people ever does."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import EduboxError, PrivateBackup
from edubox.importers import courses, moodle_archive
from edubox.importers.folder import build_lesson
from tests.importers.backups import NEEDLES, PNG, Backup, course, tarred
from tests.importers.building import Lesson, html, write
from tests.importers.packages import h5p, scorm, zipped
from tests.importers.test_fuzz import builds
from tests.pack.fuzzing import EXAMPLES, broken

PAGE = {"page.html": html("La page")}


def given_file(tmp_path, name, data):
    """A lesson made of the one file *name*."""
    return Lesson(tmp_path, source=write(tmp_path / "in", {name: data}) / name)


def bytes_of(folder):
    """All names and bytes below *folder*."""
    return b"\n".join(
        str(path.relative_to(folder)).encode() + (path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    )


def needles_in(data):
    return [needle for needle in NEEDLES if needle.encode() in data]


# --- what becomes of it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_sections_and_activities_stand_in_the_order_of_the_course(tmp_path, kind):
    lesson = given_file(tmp_path, "cours.mbz", getattr(course(), kind)())
    assert lesson.manifest.name == "Les volcans"
    assert lesson.toc == [
        ("Les volcans", "html", "cours.mbz.d/section-1/page.html"),
        ("Observer", [
            ("Le cône", "html", "cours.mbz.d/2/page.html"), ("À lire", "html", "cours.mbz.d/3/page.html"),
            ("Le plan", "file", "cours.mbz.d/4/plan.txt"),
        ]),
        ("Comprendre", [
            ("Le livre", [("Début", "html", "cours.mbz.d/6/8/page.html"), ("Fin", "html", "cours.mbz.d/6/9/page.html")]),
            ("Photos", [("a.png", "image", "cours.mbz.d/7/a.png"), ("b.txt", "file", "cours.mbz.d/7/sous/b.txt")]),
            ("Le site", "html", "cours.mbz.d/8/page.html"),
        ]),
    ]  # fmt: skip
    assert lesson.said("Annonces (forum)", "Contrôle (test)", "Devoir (assignment)")
    assert lesson.said("hidden", "Cachée (page)")
    assert lesson.said("only with the internet", "Le site")


def test_a_page_shows_its_pictures_and_has_no_script(tmp_path):
    lesson = given_file(tmp_path, "cours.mbz", course().tar())
    page = lesson.read("cours.mbz.d/2/page.html")
    assert 'src="files/images/cone%20vert.png"' in page
    assert (lesson.folder / "cours.mbz.d/2/files/images/cone vert.png").read_bytes() == PNG
    assert "alert" not in page
    assert 'lang="fr"' in page
    assert lesson.item("Le site").links == ("https://volcans.example/a?b=1&c=2",)


def test_exercises_and_courses_inside_play(tmp_path):
    made = (
        Backup().section("Jouer")
        .add("h5pactivity", "Quiz", raw='<activity id="1" moduleid="1" modulename="h5pactivity" contextid="101"><h5pactivity>' + "<attempt>" * 99999,
             files=[("quiz.h5p", h5p())], area="package")
        .add("scorm", "Golf", files=[("golf.zip", scorm())], area="package")
    )  # fmt: skip
    lesson = given_file(tmp_path, "cours.mbz", made.tar())
    assert [(item.title, item.type) for item in lesson.manifest.items()] == [
        ("Quiz", "h5p"),
        ("Golf", "scorm"),
    ]


def test_links_between_activities_lead_there_and_dead_ones_nowhere(tmp_path):
    text = "&lt;a href='$@PAGEVIEWBYID*2@$'&gt;b&lt;/a&gt;&lt;a href='$@QUIZVIEWBYID*9@$'&gt;c&lt;/a&gt;"
    made = (
        Backup()
        .section("S")
        .add("page", "A", f"<content>{text}</content>")
        .add("page", "B", "<content>b</content>")
    )
    page = given_file(tmp_path, "a.mbz", made.tar()).read("a.mbz.d/1/page.html")
    assert 'href="../2/page.html"' in page
    assert 'href="#"' in page


def test_a_hidden_section_takes_its_activities_with_it(tmp_path):
    made = (
        Backup()
        .section("S")
        .add("page", "A", "<content>a</content>")
        .section("Prof", visible=0)
        .add("page", "Corrigé", "<content>42</content>")
    )
    lesson = given_file(tmp_path, "a.mbz", made.tar())
    assert [item.title for item in lesson.manifest.items()] == ["A"]
    assert lesson.said("hidden", "Corrigé (page)")


def test_a_section_inside_a_section_stands_where_moodle_shows_it(tmp_path):
    made = Backup().section("S").add("subsection", "Dedans").add("page", "Après", "<content>b</content>")
    made.section("Dedans", parent="1").add("page", "A", "<content>a</content>")
    lesson = given_file(tmp_path, "a.mbz", made.tar())
    assert [top[0] for top in lesson.toc] == ["Dedans", "Après"]


# --- nothing of people ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cours.mbz", "cours.zip", "cours.tar.gz", "cours.imscc", "cours.pdf"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_users_are_nowhere_whatever_the_backup_is_called(tmp_path, name, kind):
    lesson = Lesson(tmp_path, PAGE | {name: getattr(course(), kind)()})
    assert len(lesson.manifest.items()) == 10
    assert not needles_in(bytes_of(lesson.folder) + "\n".join(lesson.warnings).encode())
    assert name not in {file.path for file in lesson.manifest.files}


@pytest.mark.parametrize(
    "data",
    [course().tar()[:900], course().tar()[:60], b"", b"PK\x03\x04rest", zipped({"users.xml": NEEDLES[0]})],
)
def test_a_damaged_backup_is_left_out_with_a_word(tmp_path, data):
    lesson = Lesson(tmp_path, PAGE | {"cours.mbz": data})
    assert [file.path for file in lesson.manifest.files] == ["page.html"]
    assert lesson.said("cours.mbz was left out", "names of pupils")


def test_a_backup_inside_an_archive_or_unpacked_is_left_out(tmp_path):
    unpacked = {f"vieux/{name}": data for name, data in course().described().items()}
    lesson = Lesson(tmp_path, PAGE | unpacked | {"tout.zip": zipped({"a/cours.mbz": course().tar()})})
    assert [file.path for file in lesson.manifest.files] == ["page.html"]
    assert lesson.said("tout.zip was left out")
    assert lesson.said("was unpacked")


def test_a_backup_of_which_nothing_opens_makes_no_lesson_and_no_download(tmp_path):
    with pytest.raises(PrivateBackup, match="Contrôle"):
        given_file(tmp_path, "cours.mbz", Backup().section("S").add("quiz", "Contrôle").tar())
    assert not (tmp_path / "lesson.edpack").exists()


def test_the_command_writes_nothing_of_users_to_the_disk_or_the_terminal(tmp_path):
    source = write(tmp_path / "in", {"cours.mbz": course().tar()}) / "cours.mbz"
    out = tmp_path / "out"
    out.mkdir()
    seen = b""
    for args in (
        ["build", str(source), "-o", "lesson.edpack"],
        ["check", "lesson.edpack"],
        ["extract", "lesson.edpack", "lesson"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "edubox", "pack", *args],
            capture_output=True,
            check=True,
            cwd=out,
            timeout=120,
        )
        seen += done.stdout + done.stderr
    seen += bytes_of(out)
    assert b"Le magma" in seen
    assert not needles_in(seen)


def test_only_what_is_kept_is_ever_written(tmp_path, monkeypatch):
    """users.xml is not even in the folder of unfinished work."""
    seen = []
    original = courses.lay_out

    def look(course, workshop):
        original(course, workshop)
        seen.append(bytes_of(tmp_path / "work"))

    monkeypatch.setattr(courses, "lay_out", look)
    source = write(tmp_path / "in", {"cours.mbz": course().tar()}) / "cours.mbz"
    (tmp_path / "work").mkdir()
    build_lesson(source, tmp_path / "work/lesson.edpack", {"language": "fr"})
    assert b"le plan" in seen[0]
    assert not needles_in(seen[0])


# --- hostile -------------------------------------------------------------------------------------------------


def test_names_that_climb_links_and_devices_are_passed_over(tmp_path):
    made = (
        Backup()
        .section("S")
        .add("page", "A", "<content>a</content>")
        .add("resource", "R", files=[("../../../evil.txt", b"evil")])
    )
    members = made.described() | {"../../evil": "evil", "lien": "/etc/passwd", "dev": ""}
    data = tarred(members, {"lien": tarfile.SYMTYPE, "dev": tarfile.CHRTYPE})
    lesson = given_file(tmp_path, "a.mbz", data)
    assert [item.title for item in lesson.manifest.items()] == ["A"]
    assert b"evil" not in bytes_of(lesson.folder)


def test_a_bomb_is_refused_and_leaves_nothing(tmp_path):
    data = (
        Backup()
        .section("S")
        .add("page", "A", "<content>a</content>")
        .tar(**{"files/aa/" + "a" * 40: bytes(64 << 20)})
    )
    lesson = Lesson(tmp_path, PAGE | {"cours.mbz": data})
    assert lesson.said("cours.mbz was left out", "unpacks to more")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".edubox")] == []


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_claims_gigabytes_costs_no_memory(tmp_path, kind):
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, 7 << 30
    (tmp_path / "x").write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096)))
    with pytest.raises(EduboxError):
        list(moodle_archive.members(tmp_path / "x"))


DESCRIPTIONS = [
    "moodle_backup.xml",
    "files.xml",
    "sections/section_2/section.xml",
    "activities/page_2/page.xml",
    "activities/book_6/book.xml",
]


@pytest.mark.parametrize("name", DESCRIPTIONS)
@settings(max_examples=max(15, EXAMPLES // 6), deadline=None)
@given(data=st.data())
def test_fuzz_descriptions_of_a_backup(name, data):
    members = course().described()
    text = members[name]
    builds({"a.mbz": tarred(members | {name: data.draw(broken(text.encode()))})})


@settings(max_examples=max(15, EXAMPLES // 6), deadline=None)
@given(broken(course().tar()))
def test_fuzz_backups(data):
    builds({"a.mbz": data})
