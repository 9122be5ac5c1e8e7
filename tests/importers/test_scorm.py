"""SCORM courses: their own order, one part for each thing to launch, and the file that the player reads."""

from __future__ import annotations

import pytest

from tests.importers.building import Lesson
from tests.importers.packages import entry, imsmanifest, resource, scorm, zipped


def alone(tmp_path, *args, **given):
    (tmp_path / "cours.zip").write_bytes(scorm(*args, **given))
    return Lesson(tmp_path, source=tmp_path / "cours.zip", language="")


def test_a_course_of_one_part_is_one_part_with_the_title_of_the_course(tmp_path):
    lesson = alone(tmp_path)
    assert lesson.toc == [("Le golf", "scorm", "cours.zip.d/sco.html")]
    assert (lesson.manifest.name, lesson.manifest.language) == ("Le golf", "fr")
    assert "schemaversion" in lesson.read("cours.zip.d/imsmanifest.xml")
    assert lesson.warnings == []


def test_a_course_of_several_parts_is_its_organisation(tmp_path):
    items = entry("a", "", "Débuter", entry("b", "r1", "Le green") + entry("c", "r2", "La fiche")) + entry(
        "d", "r3", "Quiz"
    )
    resources = (
        resource("r1", "a/green.html")
        + resource("r2", "fiche.pdf", "asset")
        + resource("r3", "quiz.html", base="c/")
    )
    lesson = alone(tmp_path, items, resources, files=("a/green.html", "fiche.pdf", "c/quiz.html"))
    assert lesson.toc == [
        ("Débuter", [("Le green", "scorm", "cours.zip.d/a/green.html"), ("La fiche", "pdf", "cours.zip.d/fiche.pdf")]),
        ("Quiz", "scorm", "cours.zip.d/c/quiz.html"),
    ]  # fmt: skip


def test_within_a_lesson_a_course_is_a_chapter(tmp_path):
    items = entry("a", "r", "Un") + entry("b", "r", "Deux")
    lesson = Lesson(tmp_path, {"a.html": "<title>A</title>", "cours.zip": scorm(items)})
    assert lesson.toc[1] == (
        "Le golf",
        [("Un", "scorm", "cours.zip.d/sco.html"), ("Deux", "scorm", "cours.zip.d/sco.html")],
    )


def test_the_default_organisation_is_shown_and_hidden_entries_are_not(tmp_path):
    manifest = imsmanifest(
        entry("a", "r", "Un") + entry("b", "r", "Caché", isvisible="false"), resource("r", "sco.html")
    )
    manifest = manifest.replace(
        '<organization identifier="o">',
        '<organization identifier="z"><title>Autre</title></organization><organization identifier="o">',
    )
    lesson = Lesson(tmp_path, {"c.zip": zipped({"imsmanifest.xml": manifest, "sco.html": "x"})})
    assert lesson.toc == [("Le golf", "scorm", "c.zip.d/sco.html")]


@pytest.mark.parametrize(("href", "parameters", "leads"), [
    ("sco.html?x=1&amp;y=2", "", "sco.html?x=1&amp;y=2"), ("sco.html#top", "", "sco.html#top"), ("sco.html", "?mode=quiz", "sco.html?mode=quiz"),
    ("sco.html?x=1", "&amp;y=2#z", "sco.html?x=1&amp;y=2#z"), ("sco.html?x=1#z", "y=2", "sco.html?x=1&amp;y=2#z"), ("sco.html", "#here", "sco.html#here"),
])  # fmt: skip
def test_a_launch_address_with_a_query_gets_a_page_that_leads_there(tmp_path, href, parameters, leads):
    lesson = alone(tmp_path, entry("ITEM-7", "r", "Un &lt;b>", parameters=parameters), resource("r", href))
    assert lesson.toc == [("Le golf", "scorm", "cours.zip.d/launch-1.html")]
    page = lesson.read("cours.zip.d/launch-1.html")
    assert f'<meta http-equiv="refresh" content="0; url={leads}">' in page
    assert '<meta name="scorm-item" content="ITEM-7">' in page
    assert "<b>" not in page


def test_two_entries_on_one_page_with_two_queries_are_two_parts(tmp_path):
    items = entry("a", "r", "Un", parameters="?c=1") + entry("b", "r", "Deux", parameters="?c=2")
    assert alone(tmp_path, items).toc == [
        ("Un", "scorm", "cours.zip.d/launch-1.html"),
        ("Deux", "scorm", "cours.zip.d/launch-2.html"),
    ]


def test_rules_of_order_are_not_followed_and_that_is_said(tmp_path):
    rules = "<sequencing><sequencingRules><preConditionRule/></sequencingRules></sequencing>"
    schema = "<schema>ADL SCORM</schema><schemaversion>2004 3rd Edition</schemaversion>"
    lesson = alone(tmp_path, entry("a", "r", "Un") + entry("b", "r", "Deux") + rules, schema=schema)
    assert lesson.warnings == [
        "cours.zip has rules of order (sequencing); here pupils open its parts in any order."
    ]
    assert len(lesson.manifest.items()) == 2


def test_a_part_whose_page_is_not_there_is_left_out_and_named(tmp_path):
    lesson = alone(
        tmp_path,
        entry("a", "r", "Un") + entry("b", "q", "Deux"),
        resource("r", "sco.html") + resource("q", "gone.html"),
    )
    assert lesson.toc == [("Le golf", "scorm", "cours.zip.d/sco.html")]
    assert lesson.said("cours.zip is not whole", "gone.html")


@pytest.mark.parametrize(("package", "why"), [
    (scorm(resources=resource("r", "gone.html")), "gone.html is not in it"), (scorm(items=""), "leads to nothing"),
    (scorm(resources=""), "leads to nothing"), (scorm(resources=resource("r", "https://a.example/x.html")), "is not in it"),
    (scorm(resources=resource("r", "../../etc/passwd")), "is not in it"),
    (scorm("".join(entry(f"i{number}", "r", "x") for number in range(1001))), "more than 1000 parts"),
    (zipped({"imsmanifest.xml": "<manifest><organizations/></manifest>", "sco.html": ""}), "no list of contents (organization)"),
    (zipped({"imsmanifest.xml": "<manifest>"}), "not well formed"), (zipped({"imsmanifest.xml": ""}), "not well formed"),
    (zipped({"imsmanifest.xml": '<!DOCTYPE m [<!ENTITY a "b">]><manifest>&a;</manifest>'}), "entities"),
])  # fmt: skip
def test_a_course_that_cannot_begin_stays_a_download_and_says_why(tmp_path, package, why):
    lesson = Lesson(tmp_path, {"cours.zip": package, "page.html": "<title>La page</title>"})
    assert lesson.toc == [("La page", "html", "page.html"), ("cours.zip", "file", "cours.zip")]
    (warning,) = lesson.warnings
    assert warning.startswith("cours.zip is offered as a download only: ")
    assert why in warning


def test_pages_of_a_course_that_need_another_site_are_said_once(tmp_path):
    page = '<script src="https://cdn.example/jquery.js"></script>'
    package = {
        "imsmanifest.xml": imsmanifest(entry("a", "r", "Un"), resource("r", "sco.html")),
        "sco.html": page,
        "b.html": page,
    }
    lesson = Lesson(tmp_path, {"cours.zip": zipped(package)})
    assert lesson.warnings == [
        "cours.zip wants https://cdn.example/jquery.js from another site and will not show it here."
    ]
