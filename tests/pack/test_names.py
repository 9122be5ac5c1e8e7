from __future__ import annotations

import pytest

from edubox.errors import BadIdentifier, UnsafePath
from edubox.pack.names import check_path, check_publisher, check_slug, fold, is_sha256, slug


def test_ids_are_small_letters_digits_and_hyphens():
    assert check_publisher("ministry/starter-2") == ("ministry", "starter-2")
    assert check_slug("l-eau--staff") == "l-eau--staff"
    assert check_slug("a" * 63)


@pytest.mark.parametrize(
    "value", ["", "-a", "A", "é", "a_b", "a.b", "a b", "a\n", "a" * 64, "con", "lpt1", "a/b"]
)
def test_what_cannot_be_a_folder_everywhere_is_no_id(value):
    with pytest.raises(BadIdentifier):
        check_slug(value)


@pytest.mark.parametrize("value", ["ministry", "a/b/c", "/a", "a/", "../a", "a/nul"])
def test_a_publisher_is_an_authority_and_a_name(value):
    with pytest.raises(BadIdentifier):
        check_publisher(value)


@pytest.mark.parametrize(
    "path", ["/a", "a/../b", "nul.tar.gz", "COM¹", "a\u2028b", "x" * 256, "conin$", "a/ con .txt "]
)
def test_unsafe_paths_are_refused(path):
    with pytest.raises(UnsafePath):
        check_path(path)


def test_safe_paths_are_returned_as_they_are():
    for path in ("a.html", "é/🌍/درس.html", ".hidden", "console.log", "a b.c d", "com10.txt", "x" * 255):
        assert check_path(path) == path


def test_folding_tells_what_collides_on_a_phone_or_a_mac():
    assert fold("É/STRASSE") == fold("é/straße")
    assert fold("a") != fold("b")


def test_slugs_are_made_of_titles():
    assert slug("L'eau & l'été") == "l-eau-l-ete"
    assert [slug(text) for text in ("", "درس", "CON", "…")] == ["lesson"] * 4
    assert len(slug("mot " * 50)) <= 63


def test_hashes_are_written_in_one_way():
    assert is_sha256("0" * 64)
    assert not any(is_sha256(value) for value in ("0" * 63, "A" * 64, "0" * 64 + "\n", None, 0, ["0" * 64]))
