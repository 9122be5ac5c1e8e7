from __future__ import annotations

import pytest

from edubox.importers.html import language_of, scan
from edubox.pack.text import decode
from tests.importers.building import Lesson, html
from tests.importers.photos import drawing


def test_what_a_page_wants_from_another_site_is_said_and_kept_as_a_link(tmp_path):
    lesson = Lesson(tmp_path, {"index.html": html("I", """
        <img src="https://example.org/a.png"><script src="//cdn.example.net/x.js"></script>
        <iframe src="http://video.example.com/1"></iframe><a href="https://fr.example.org/lire">lire</a>
        <img srcset="https://example.org/b.png 2x, local.png 1x">""",
        '<link rel=stylesheet href="https://fonts.example.org/f"><link rel=canonical href="https://example.org/">'
        "<style>@import 'https://example.org/s.css'; p { background: url(https://example.org/p.png) }</style>"),
        "local.png": drawing(20, 10)})  # fmt: skip
    (item,) = lesson.manifest.toc
    assert {
        "https://example.org/a.png",
        "//cdn.example.net/x.js",
        "https://fr.example.org/lire",
        "https://example.org/s.css",
    } <= set(item.links)
    assert "https://example.org/" not in item.links, "a canonical address loads nothing"
    (warning,) = lesson.warnings
    assert warning.startswith("index.html wants ")
    assert warning.endswith(" from another site and will not show it here.")
    assert "4 more" in warning
    assert "lire" not in warning, "a link to read more is no fault"


def test_a_style_sheet_that_loads_from_another_site_is_said(tmp_path):
    css = (
        "@font-face { src: url('https://fonts.example.org/a.woff2') } body { background: url(img/fond.png) }"
    )
    lesson = Lesson(
        tmp_path,
        {
            "index.html": html("I", head="<link rel=stylesheet href=s.css>"),
            "s.css": css,
            "img/fond.png": b"x",
        },
    )
    assert lesson.said("s.css wants", "fonts.example.org")
    assert lesson.toc == [("I", "html", "index.html")]


def test_pictures_that_are_not_there_or_called_differently_are_said(tmp_path):
    lesson = Lesson(tmp_path, {
        "index.html": html("I", '<img src="absent.png"><img src="Photo.PNG"><img src="/racine.png"><a href="autre.html">x</a>'
                                '<a href="#bas">bas</a><a href="mailto:a@example.org">m</a><img src="data:image/png;base64,xx">'),
        "photo.png": drawing(20, 10),
    })  # fmt: skip
    (warning,) = lesson.warnings
    assert "absent.png" in warning
    assert "Photo.PNG (the file is called photo.png)" in warning
    assert "/racine.png" in warning
    assert "autre.html" not in warning


@pytest.mark.parametrize(("page", "title"), [
    (html(" Les\n fractions "), "Les fractions"), (html("Document", "<h1>Les <b>fractions</b></h1>"), "Les fractions"),
    (html("", ""), "Page 2"), (html("&lt;Vie &amp; mort&gt;"), "<Vie & mort>"), ("", "Page 2"),
    (html("a\x1b[2Jb\0"), "a[2Jb"), (html("x" * 5000), "x" * 200), ("<title>A</title><svg><title>B</title></svg>", "A"),
])  # fmt: skip
def test_titles_of_pages(tmp_path, page, title):
    assert Lesson(tmp_path, {"01_page_2.html": page}).toc[0][0] == title


@pytest.mark.parametrize("page", [
    b"<![", b"<!doctype", b"<![if", b"<!-- ", b"<a href", b"<" * 5000, b"\xff\xfe<\0h\0", bytes(range(256)), b"<![x[ ]]>",
    b"<!DOCTYPE a [<!ENTITY x '",
])  # fmt: skip
def test_a_broken_page_is_still_a_page(tmp_path, page):
    assert Lesson(tmp_path, {"a.html": page}).toc == [("A", "html", "a.html")]


@pytest.mark.parametrize(("data", "text"), [
    ("été".encode(), "été"), ("été".encode("cp1252"), "été"), (b"\xef\xbb\xbfx", "x"), ("été".encode("utf-16"), "été"),
    (b"<meta charset=iso-8859-2>\xb1", "<meta charset=iso-8859-2>ą"), (b"<meta charset=nonsense>\xe9", "<meta charset=nonsense>é"),
    (b"<?xml version='1.0' encoding='iso-8859-7'?>\xe1", "<?xml version='1.0' encoding='iso-8859-7'?>α"),
])  # fmt: skip
def test_characters_of_pages(data, text):
    assert decode(data, page=True) == text


def test_a_page_read_in_part_may_end_in_the_middle_of_a_character():
    assert decode("abcé".encode()[:-1], cut=True) == "abc"


def test_languages_of_pages():
    assert [language_of(one) for one in ("fr", "fr_FR", "PT-BR", "x", "français", "")] == [
        "fr",
        "fr-FR",
        "pt-BR",
        None,
        None,
        None,
    ]


def test_references_of_all_kinds_are_seen():
    found = scan(
        '<video src=a poster=b><source src=c><track src=d></video><audio src=e></audio><object data=f></object><embed src=g>'
        '<svg><image href=h /><use xlink:href=i /></svg><map><area href=j></map><p style="background:url(k)">'
        '<meta http-equiv=refresh content="0; url=l"><input type=image src=m><link rel="shortcut icon" href=n><a>x</a>'
    )  # fmt: skip
    assert sorted(found.loads) == list("abcdefghikmn")
    assert found.follows == ["j", "l"]
