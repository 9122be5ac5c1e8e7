"""Common Cartridges: a course's pages, files, links, topics and simple tests, in the order of its organisation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.importers.backups import PNG
from tests.importers.building import Lesson, html, write
from tests.importers.packages import zipped
from tests.importers.test_fuzz import builds
from tests.pack.fuzzing import EXAMPLES, broken

MANIFEST = """<?xml version="1.0"?><manifest identifier="m"><metadata><schema>IMS Common Cartridge</schema><schemaversion>{version}</schemaversion>
<lom:lom xmlns:lom="x"><lom:general><lom:title><lom:string>Les aimants</lom:string></lom:title></lom:general></lom:lom></metadata>
<organizations><organization identifier="o" structure="rooted-hierarchy"><item identifier="root">{items}</item></organization></organizations>
<resources>{resources}</resources></manifest>"""


def item(reference, title, inside=""):
    return (
        f'<item identifier="i{reference}" identifierref="{reference}"><title>{title}</title>{inside}</item>'
    )


def resource(name, kind, *files):
    listed = "".join(f'<file href="{one}"/>' for one in files)
    return f'<resource identifier="{name}" type="{kind}" href="{files[0]}">{listed}</resource>'


def question(ident, text, profile, right, labels=(), cardinality="Single"):
    """One question in QTI 1.2; *right* are identifiers or words."""
    shown = "".join(
        f'<response_label ident="{name}"><material><mattext texttype="text/html">{said}</mattext></material></response_label>'
        for name, said in labels
    )
    asked = (
        f'<response_lid ident="r" rcardinality="{cardinality}"><render_choice>{shown}</render_choice></response_lid>'
        if labels else '<response_str ident="r"><render_fib/></response_str>'
    )  # fmt: skip
    equal = "".join(f'<varequal respident="r">{one}</varequal>' for one in right)
    return (
        f'<item ident="{ident}" title="Q"><itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>cc_profile</fieldlabel>'
        f"<fieldentry>{profile}</fieldentry></qtimetadatafield></qtimetadata></itemmetadata><presentation><material>"
        f'<mattext texttype="text/html">{text}</mattext></material>{asked}</presentation><resprocessing><respcondition>'
        f'<conditionvar>{equal}</conditionvar><setvar action="Set" varname="SCORE">100</setvar></respcondition></resprocessing></item>'
    )


TEST = (
    '<questestinterop><assessment ident="a" title="Le test"><section ident="s">'
    + question("1", "Quel pôle ?", "cc.multiple_choice.v0p1", ["b"], [("a", "Sud"), ("b", "Nord")])
    + question("2", "Un aimant attire le bois.", "cc.true_false.v0p1", ["f"], [("t", "True"), ("f", "False")])
    + question("3", "Le métal ?", "cc.fib.v0p1", ["fer"])
    + question("4", "Relie.", "cc.pattern_match.v0p1", ["x"])
    + "</section></assessment></questestinterop>"
)
ITEMS = (
    item("p", "La page")
    + '<item identifier="g"><title>Suite</title>'
    + item("l", "Un site") + item("d", "Discutons") + item("q", "Le test") + item("t", "L’outil") + item("f", "La fiche")
    + "</item>"
)  # fmt: skip
RESOURCES = (
    resource("p", "webcontent", "wiki_content/page.html") + resource("l", "imswl_xmlv1p1", "l.xml") + resource("d", "imsdt_xmlv1p1", "d.xml")
    + resource("q", "imsqti_xmlv1p2/imscc_xmlv1p1/assessment", "q.xml") + resource("t", "imsbasiclti_xmlv1p0", "t.xml")
    + resource("f", "webcontent", "web_resources/fiche.txt") + resource("h", "webcontent", "wiki_content/brouillon.html")
)  # fmt: skip


def members(version="1.1.0", items=ITEMS, resources=RESOURCES):
    return {
        "imsmanifest.xml": MANIFEST.format(version=version, items=items, resources=resources),
        "wiki_content/page.html": html("x", '<p>Fer <img src="%24IMS-CC-FILEBASE%24/a%20b.png?canvas=1"></p><script>alert(1)</script>'),
        "wiki_content/brouillon.html": html("x", "pas encore"),
        "l.xml": '<webLink><title>t</title><url href="https://aimants.example/x"/></webLink>',
        "d.xml": '<topic><title>t</title><text texttype="text/html">&lt;p&gt;Pourquoi ?&lt;/p&gt;</text></topic>',
        "q.xml": TEST, "t.xml": "<cartridge_basiclti_link/>", "web_resources/fiche.txt": "la fiche", "web_resources/a b.png": PNG,
    }  # fmt: skip


def given_file(tmp_path, name, data):
    return Lesson(tmp_path, source=write(tmp_path / "in", {name: data}) / name)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.2.0", "1.3.0"])
def test_the_organisation_is_the_contents(tmp_path, version):
    lesson = given_file(tmp_path, "c.imscc", zipped(members(version)))
    assert lesson.manifest.name == "Les aimants"
    assert lesson.toc == [
        ("La page", "html", "c.imscc.d/wiki_content/page.html"),
        ("Suite", [
            ("Un site", "html", "c.imscc.d/l/page.html"), ("Discutons", "html", "c.imscc.d/d/page.html"),
            ("Le test", "quiz", "c.imscc.d/q/quiz.html"), ("La fiche", "file", "c.imscc.d/web_resources/fiche.txt"),
        ]),
    ]  # fmt: skip
    assert lesson.said("L’outil (external tool)", "Le test (1 questions of other kinds)")
    assert lesson.said("only with the internet", "Un site")


def test_a_page_shows_its_pictures_and_hidden_pages_stay_away(tmp_path):
    lesson = given_file(tmp_path, "c.imscc", zipped(members()))
    page = lesson.read("c.imscc.d/wiki_content/page.html")
    assert 'src="../web_resources/a%20b.png"' in page
    assert "alert" not in page
    kept = {file.path for file in lesson.manifest.files}
    assert not any("brouillon" in path or path.endswith((".xml", ".imscc")) for path in kept)


def test_simple_questions_check_themselves(tmp_path):
    page = given_file(tmp_path, "c.imscc", zipped(members())).read("c.imscc.d/q/quiz.html")
    assert [page.count(f'data-kind="{kind}"') for kind in ("choice", "truth", "short", "matching")] == [
        1,
        1,
        1,
        0,
    ]
    assert page.index("<summary>") < page.rindex("Nord")
    assert '[["fer", 0, 0, 100' in page.replace("&quot;", '"')


@pytest.mark.parametrize(
    ("items", "said"), [("", "nothing in it"), (item("t", "L’outil"), "L’outil (external tool)")]
)
def test_a_cartridge_with_nothing_that_opens_stays_a_download(tmp_path, items, said):
    only_tool = resource("t", "imsbasiclti_xmlv1p0", "t.xml")
    lesson = Lesson(
        tmp_path, {"page.html": html("P"), "c.imscc": zipped(members(items=items, resources=only_tool))}
    )
    assert lesson.toc[1] == ("c.imscc", "file", "c.imscc")
    assert lesson.said("c.imscc is offered as a download only", said)


@pytest.mark.parametrize("data", [b"%PDF-1.4 no", b"", zipped(members())[:700], zipped({"a.txt": "x"})])
def test_a_file_that_is_only_called_so_stays_a_download(tmp_path, data):
    lesson = Lesson(tmp_path, {"page.html": html("P"), "c.imscc": data})
    assert lesson.toc[1] == ("c.imscc", "file", "c.imscc")
    assert len(lesson.warnings) == 1


@pytest.mark.parametrize("name", ["imsmanifest.xml", "q.xml", "d.xml"])
@settings(max_examples=max(15, EXAMPLES // 6), deadline=None)
@given(data=st.data())
def test_fuzz_descriptions_of_a_cartridge(name, data):
    whole = members()
    builds({"a.imscc": zipped(whole | {name: data.draw(broken(whole[name].encode()))})})
