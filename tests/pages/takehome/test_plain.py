"""A lesson's page on paper: what it says, and none of what it does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.pages.takehome.plain import plain


def printed(text, most=100_000):
    return str(plain(text, lambda name: f"https://l/{name}" if name == "p.png" else None, most))


def test_texts_tables_formulas_and_pictures_stay():
    said = printed(
        "<!doctype html><html><head><title>x</title><style>a{}</style></head><body><h1 class=a>Un</h1><p onclick=x>Deux <em>mots</em></p>"
        "<table><tr><td>1</td></tr></table><math><mi>x</mi></math><img src=p.png alt='La &quot;Lune&quot;'></body></html>"
    )
    assert said == (
        "<h3>Un</h3><p>Deux <em>mots</em></p><table><tr><td>1</td></tr></table><math><mi>x</mi></math>"
        '<img src="https://l/p.png" alt="La &quot;Lune&quot;" loading="lazy">'
    )


def test_what_is_not_said_is_not_printed():
    assert (
        printed(
            "<nav>menu</nav><script>let a = '<p>x</p>'</script><p>a<button>Non</button></p><svg><text>y</text></svg>"
        )
        == "<p>a</p>"
    )


@pytest.mark.parametrize("text", [
    "<img src=x onerror=alert(1)>", '<a href="javascript:x">y</a>', "<p style='x' id=main>z</p>", "</main></article><p>z", "<form action=/b/>x</form>",
    '<img src=p.png alt="x\' onerror=y">', "&lt;script&gt;x&lt;/script&gt;", "<math><annotation-xml><script>x</script></annotation-xml></math>",
])  # fmt: skip
def test_a_hostile_page_gets_no_attribute_and_no_tag_in(text):
    said = printed(text)
    assert not re.search(r"<(?!/?(p|img|math|h\d)\b)", said)
    assert not re.search(r"<[^>]*\s(?!src=|alt=|loading=)[a-z]+=", re.sub(r'"[^"]*"', '""', said))


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<ul>",
                "<li>",
                "</ul>",
                "<div>",
                "text",
                "<script>",
                "</script>",
                "<table>",
                "</b>",
                "<b>",
                "<img src=p.png>",
                "<",
            ]
        )
    )
)
def test_every_tag_is_closed_in_order(pieces):
    stack = []
    for end, tag in re.findall(r"<(/?)([a-z0-9]+)[^>]*>", printed("".join(pieces))):
        if tag == "img":
            continue
        if end:
            assert stack.pop() == tag
        else:
            stack.append(tag)
    assert stack == []


def test_a_very_long_page_ends():
    assert len(printed("<p>mot</p>" * 100_000, most=5_000)) < 6_000
