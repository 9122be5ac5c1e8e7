"""Pages that end nothing: what is asked is that a page of a megabyte is read at all, which took days."""

from __future__ import annotations

import pytest

from edubox.importers import html
from edubox.pages.passages import page_text
from edubox.pages.takehome.plain import plain


@pytest.mark.parametrize("begun", [
    "<!--", "<![CDATA[", "<!doctype ", "<?", "<a ", "<a/", "<a b='", "<a b=\"'", "</", "</a ", "<script></", "<!--->", "<a b='<!--\"",
    "<h1>x<b>", "<title>x<b>",
])  # fmt: skip
def test_a_hostile_page_is_read_as_quickly_as_an_honest_one(begun):
    page = "<p>Words</p>" + begun * 20_000 + "<br>"
    assert "Words" in page_text(page)[1]
    assert "Words" in plain(page, lambda _: None, 100)
    assert "Words" in html.plain(page)
    html.scan(page)


@pytest.mark.parametrize(
    "declared",
    ["<![zzz[ x ]]>", "<![1>", "<!->", "<!>", "<!-- a > b -->", "<![CDATA[ a > b ]]>", "<?php a ?>"],
)
def test_what_is_declared_says_nothing_and_ends_nothing(declared):
    assert page_text(f"<p>One</p>{declared}<p>Two</p>")[1] == "One\nTwo"


def test_a_comment_that_nobody_ends_takes_the_rest_as_in_browsers():
    assert page_text("<p>One</p><!-- <p>Two</p>")[1] == "One"
