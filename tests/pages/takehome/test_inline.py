"""A page of a lesson that carries all it shows."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.pages.takehome.assembly import Assembly
from edubox.pages.takehome.inline import Inliner, attribute

PICTURE = b"\x89PNG" + bytes(range(256))


def inlined(tree, path="index.html", pages=None):
    """The page as text, as a browser reads the attribute that holds it."""
    made = Assembly(attribute(Inliner(tree, (pages or {}).get).page(path)))
    with made.open() as opened:
        text = opened.read(made.length).decode()
    assert not {'"', "<"} & set(text)
    return text.replace("&quot;", '"').replace("&lt;", "<").replace("&amp;", "&")


def letters(data):
    return base64.b64encode(data).decode()


@pytest.fixture
def tree(tmp_path):
    def write(**files):
        for name, data in files.items():
            target = tmp_path / name.replace("__", "/").replace("_", ".")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data if isinstance(data, bytes) else data.encode())
        return tmp_path

    return write


def test_pictures_scripts_and_sounds_are_inside(tree):
    folder = tree(
        index_html='<IMG alt=x SRC="img/p.png"><script defer src=a.js></script><audio src=\'s.mp3\'></audio>',
        img__p_png=PICTURE, a_js="alert(1)", s_mp3=b"ID3",
    )  # fmt: skip
    text = inlined(folder)
    assert f'src="data:image/png;base64,{letters(PICTURE)}"' in text
    assert f'defer src="data:text/javascript;base64,{letters(b"alert(1)")}"' in text
    assert f'src="data:audio/mpeg;base64,{letters(b"ID3")}"' in text


def test_a_stylesheet_carries_its_fonts_and_what_it_imports(tree):
    folder = tree(
        index_html='<link rel=stylesheet href="css/a.css"><style>p{background:url(p.png)}</style><i style="background:url(p.png)">',
        css__a_css='@import "b.css"; @font-face{src:url(../f.woff2)}', css__b_css="b{}", f_woff2=b"wOF2", p_png=PICTURE,
    )  # fmt: skip
    text = inlined(folder)
    sheet = base64.b64decode(
        text.partition("data:text/css;charset=utf-8;base64,")[2].partition('"')[0]
    ).decode()
    assert f'url("data:font/woff2;base64,{letters(b"wOF2")}")' in sheet
    assert base64.b64decode(sheet.partition("base64,")[2].partition('"')[0]) == b"b{}"
    assert text.count(f"data:image/png;base64,{letters(PICTURE)}") == 2


def test_what_is_elsewhere_or_a_film_is_not_asked_for(tree):
    folder = tree(
        index_html='<img src="http://a.example/x.png"><img src="//a.example/y"><video src=f.mp4></video>'
        '<script src="https://a.example/s.js"></script><img srcset="http://a.example/z 2x" src=none.png><a href="http://a.example/">x</a>',
        f_mp4=b"f" * 100,
    )  # fmt: skip
    text = inlined(folder)
    assert 'src="http' not in text
    assert 'href="http' not in text
    assert "//a.example/y" not in text
    assert text.count('src="data:,"') == 5
    assert 'title="http://a.example/"' in text


def test_a_link_to_another_page_leads_to_its_section(tree):
    folder = tree(index_html='<a href="b/deux.html#fin">2</a><a href="#ici">ici</a><a href="x.pdf">x</a>')
    text = inlined(folder, pages={"b/deux.html": "#edubox:2"})
    assert text == '<a href="#edubox:2">2</a><a href="#ici">ici</a><a title="x.pdf">x</a>'


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "/etc/passwd",
        "a/../../secret.png",
        "%2e%2e/secret.png",
        "c:secret.png",
        "%00.png",
        "a%ff.png",
        "http://[",
        "con",
        "x" * 5000,
    ],
)
def test_nothing_outside_the_lesson_is_taken_along(tree, tmp_path, name):
    folder = tree(lesson__index_html=f'<img src="{name}">', secret_png=PICTURE) / "lesson"
    assert inlined(folder) == '<img src="data:,">'


@given(
    st.lists(
        st.sampled_from(
            ["<img src=", "<a href='", "<style>url(", "p.png", '"', "'", ">", "</style>", "<iframe src=index.html>", "<link rel=stylesheet href=",
             "a.css", "&#0;", "%00", "\\", "//", "?", "#", "é", "\n", "<script src=", "style=", "url(p.png)", "@import", "srcset="]
        )
    )
)  # fmt: skip
def test_whatever_a_page_is_made_of_it_becomes_a_page(tmp_path_factory, pieces):
    folder = tmp_path_factory.mktemp("lesson")
    (folder / "index.html").write_text("".join(pieces))
    (folder / "a.css").write_text("".join(pieces))
    (folder / "p.png").write_bytes(PICTURE)
    text = inlined(folder)
    assert len(text) < 5_000_000


def test_a_page_that_frames_itself_and_a_style_that_imports_itself_end(tree):
    folder = tree(
        index_html='<iframe src="index.html"></iframe><link rel="stylesheet" href="a.css">',
        a_css='@import "a.css";',
    )
    assert len(inlined(folder)) < 10_000


def test_a_style_that_names_a_large_picture_a_thousand_times_costs_no_memory(tree):
    folder = tree(
        index_html="<link rel=stylesheet href=a.css>",
        a_css="i{background:url(p.png)}" * 5000,
        p_png=b"x" * 1_000_000,
    )
    assert len(inlined(folder)) < 30_000_000


@pytest.mark.parametrize(
    "text",
    ["<img " * 200_000, "<a '" * 200_000, '<a b="' * 200_000, "<style>" * 100_000, "<a x=" * 200_000 + ">"],
)
def test_a_page_written_to_be_slow_is_read_at_once(tree, text):
    folder = tree(index_html=text)
    inlined(folder)


@pytest.mark.parametrize("hostile", ["<link href=x " + "rel=" * 50_000 + ">", "<a " + "x" * 1_000_000 + ">"])
def test_a_hostile_tag_is_read_as_quickly_as_an_honest_one(tree, hostile):
    assert "Words" in inlined(tree(index_html=f"{hostile}<p>Words"))


def test_a_page_cannot_have_the_card_searched_for_ever(tree, monkeypatch):
    monkeypatch.setattr("edubox.pages.takehome.inline._MOST_NAMED", 3)
    text = inlined(tree(index_html="<img src=p.png>" * 5, p_png=PICTURE))
    assert text.count("data:image/png") == 3
    assert text.count('src="data:,"') == 2
