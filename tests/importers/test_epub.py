"""Books: one part each, with the book's own title, language, authors, licence and cover; locked ones stay closed."""

from __future__ import annotations

import pytest

from edubox.pages.passages import passages, texts
from tests.importers.building import Lesson, html
from tests.importers.packages import CONTAINER, epub, epub_members, zipped

ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#">
<EncryptionMethod Algorithm="{}"/><CipherData><CipherReference URI="OPS/x"/></CipherData></EncryptedData></encryption>"""


def alone(tmp_path, *args, **given):
    (tmp_path / "livre.epub").write_bytes(epub(*args, **given))
    return Lesson(tmp_path, source=tmp_path / "livre.epub", language="")


def test_a_book_is_one_part_with_what_it_says_of_itself(tmp_path):
    metadata = """<dc:title id="s">Contes</dc:title><dc:title id="m">Sous le vent</dc:title>
      <meta refines="#m" property="title-type">main</meta><dc:language>fr-FR</dc:language><dc:creator> Ana
      Ruiz</dc:creator><dc:creator>Bo</dc:creator><dc:rights>© Ana</dc:rights>"""
    lesson = alone(tmp_path, metadata)
    assert lesson.toc == [("Sous le vent", "epub", "livre.epub.d/OPS/book.opf")]
    manifest = lesson.manifest
    assert (manifest.name, manifest.language, manifest.original) == ("Sous le vent", "fr-FR", "livre.epub")
    assert manifest.metadata == {"author": ["Ana Ruiz", "Bo"], "license": "© Ana"}
    assert lesson.warnings == []


@pytest.mark.parametrize(("metadata", "wanted"), [
    ('<dc:rights>x</dc:rights><link rel="cc:license" href="http://creativecommons.org/licenses/by-nc-sa/3.0/"/>', "CC-BY-NC-SA-3.0"),
    ("<dc:rights>https://creativecommons.org/publicdomain/zero/1.0/</dc:rights>", "CC0-1.0"),
    ("<dc:rights>Domaine public.</dc:rights>", "Domaine public."), ("<dc:rights> </dc:rights>", None), ("", None),
])  # fmt: skip
def test_the_licence_of_a_book(tmp_path, metadata, wanted):
    assert alone(tmp_path, metadata).manifest.metadata.get("license") == wanted


def test_an_old_book_with_its_words_one_level_deeper_and_its_cover_by_name(tmp_path):
    metadata = '<dc-metadata><dc:title>Vieux</dc:title></dc-metadata><meta name="cover" content="c"/>'
    lesson = alone(
        tmp_path, metadata, '<item id="c" href="c.png" media-type="image/png"/>', {"OPS/c.png": b"x"}
    )
    assert lesson.manifest.name == "Vieux"


def test_a_book_without_a_title_is_called_like_its_file(tmp_path):
    assert alone(tmp_path, "").manifest.name == "Livre"


@pytest.mark.parametrize(("metadata", "manifest"), [
    ("", '<item id="c" href="img/c%C3%A9.png" properties="x cover-image" media-type="image/png"/>'),
    ('<meta name="cover" content="c"/>', '<item id="c" href="img/cé.png" media-type="image/png"/>'),
])  # fmt: skip
def test_the_cover_of_a_book_is_known(tmp_path, metadata, manifest):
    from edubox.importers.containers import open_containers
    from edubox.importers.workshop import Workshop
    from edubox.pack.opening import Found

    data = epub(metadata, manifest, {"OPS/img/cé.png": b"x"})
    (tmp_path / "a").write_bytes(data)
    workshop = Workshop([Found("livre.epub", tmp_path / "a", len(data))], tmp_path)
    assert open_containers(["livre.epub"], workshop)["livre.epub"].cover == "livre.epub.d/OPS/img/cé.png"


def test_a_book_s_pages_are_searched_in_the_book_and_nothing_else_of_it_is_a_part(tmp_path):
    lesson = Lesson(
        tmp_path, {"a.html": html("A", "chien"), "livre.epub": epub(), "autre/b.html": html("B", "loup")}
    )
    assert {item.title for item in lesson.manifest.items()} == {"A", "B", "Le livre"}
    number = 1 + [item.type for item in lesson.manifest.items()].index("epub")
    found = {text.path: (text.part, text.file) for text in texts(lesson.manifest) if "epub" in text.path}
    assert found == {
        f"livre.epub.d/OPS/ch{n}.xhtml": (number, f"livre.epub.d/OPS/ch{n}.xhtml") for n in (1, 2)
    }
    bodies = [
        passage.body
        for text in texts(lesson.manifest)
        if "ch1" in text.path
        for passage in passages(text, lesson.manifest, lesson.folder)
    ]
    assert bodies == ["Le mot ch1.xhtml"]


def test_pages_of_a_fixed_size_are_said(tmp_path):
    lesson = alone(
        tmp_path, '<meta property="rendition:layout">pre-paginated</meta><dc:language>fr</dc:language>'
    )
    assert lesson.warnings == ["livre.epub has pages of a fixed size, which are small on a phone."]


def test_what_a_book_takes_from_another_site_is_said_once_for_all_its_pages(tmp_path):
    page = '<html><img src="https://a.example/{}.png"/><a href="https://b.example/">b</a></html>'
    lesson = Lesson(tmp_path, {"livre.epub": epub(more={f"OPS/ch{n}.xhtml": page.format(n) for n in (1, 2)})})
    assert lesson.warnings == [
        "livre.epub wants https://a.example/1.png, https://a.example/2.png from another site and will not show it here."
    ]
    assert lesson.item("Le livre").links == (
        "https://a.example/1.png",
        "https://b.example/",
        "https://a.example/2.png",
    )


def test_scrambled_fonts_are_no_lock(tmp_path):
    more = {"META-INF/encryption.xml": ENCRYPTION.format("http://www.idpf.org/2008/embedding")}
    assert [item.type for item in Lesson(tmp_path, {"livre.epub": epub(more=more)}).manifest.items()] == [
        "epub"
    ]


@pytest.mark.parametrize("more", [
    {"META-INF/encryption.xml": ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes256-cbc")}, {"META-INF/rights.xml": "<rights/>"},
    {"META-INF/license.lcpl": "{}"},
])  # fmt: skip
def test_a_book_with_a_lock_stays_a_download_and_says_why(tmp_path, more):
    lesson = Lesson(tmp_path, {"livre.epub": epub(more=more)})
    assert lesson.toc == [("livre.epub", "file", "livre.epub")]
    assert lesson.said("digital lock (DRM)")


def test_a_book_that_lost_a_page_is_read_and_its_author_told(tmp_path):
    members = epub_members(chapters=3)
    del members["OPS/ch2.xhtml"]
    lesson = Lesson(tmp_path, {"livre.epub": zipped(members)})
    assert lesson.warnings == ["livre.epub is not whole: 1 of its pages are missing."]
    assert [item.type for item in lesson.manifest.items()] == ["epub"]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(("members", "why"), [
    (epub_members(chapters=0), "no page to read"), (epub_members() | {"META-INF/container.xml": "<container/>"}, "(.opf) is missing"),
    (epub_members() | {"OPS/book.opf": "<package>"}, "not well formed"), (epub_members() | {"OPS/book.opf": b"\xff\xfe\x00"}, "not well formed"),
    (epub_members() | {"META-INF/container.xml": BOMB + "<container>&b;</container>"}, "entities"),
    (epub_members() | {"META-INF/container.xml": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}, "entities"),
    (epub_members() | {"META-INF/container.xml": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><x/>'}, "entities"),
    (epub_members() | {"OPS/book.opf": "<a>" * 200 + "</a>" * 200}, "too large"), (epub_members() | {"OPS/book.opf": f"<a>{'<b/>' * 120_000}</a>"}, "too large"),
    (epub_members() | {"META-INF/container.xml": CONTAINER.replace("OPS/", "../../OPS/")}, "(.opf) is missing"),
])  # fmt: skip
def test_a_broken_or_hostile_book_stays_a_download(tmp_path, members, why):
    lesson = Lesson(tmp_path, {"livre.epub": zipped(members)})
    assert lesson.toc == [("livre.epub", "file", "livre.epub")]
    (warning,) = lesson.warnings
    assert why in warning
