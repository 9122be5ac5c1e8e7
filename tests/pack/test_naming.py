from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.pack.manifest import _check_paths
from edubox.pack.names import check_path
from edubox.pack.naming import safe_paths


def test_ordinary_names_stay_as_they_are():
    paths = [
        "a.html",
        "Élèves/été 2.html",
        "درس/🌍.html",
        "é" * 127,
        ".well-known/x",
        "a.gz",
        "con-tinent.html",
    ]
    assert safe_paths(paths) == paths


@pytest.mark.parametrize(
    ("given", "repaired"),
    [
        ("con.html", "con_.html"), ("img/AUX", "img/AUX_"), ("nul .txt", "nul_.txt"), ("a:b?.html", "a_b_.html"),
        ("a. ", "a"), ("folder /x", "folder/x"), ("a\tb.html", "a_b.html"), (" . ", "_"), ("\u3000/\u00a0.", "_/_"), ("e\u0301.html", "é.html"),
    ],
)  # fmt: skip
def test_names_that_some_system_refuses_are_repaired(given, repaired):
    assert safe_paths([given]) == [repaired]


def test_names_that_collide_where_capitals_do_not_count_are_told_apart():
    assert safe_paths(["A.html", "a.html", "B/x", "b/X"]) == ["A.html", "a-2.html", "B/x", "b/X-2"]


def test_a_compressed_copy_never_takes_the_place_of_a_page():
    assert safe_paths(["a.html.gz", "a.html"]) == ["a.html-2.gz", "a.html"]


def test_a_file_called_like_a_folder_steps_aside():
    assert safe_paths(["A", "a/b.html"]) == ["A-2", "a/b.html"]


def test_names_too_long_keep_their_extension_and_stay_different():
    long, other = safe_paths(["é" * 200 + ".html", "é" * 201 + ".html"])
    assert long != other
    assert all(len(path.encode()) <= 255 and path.endswith(".html") for path in (long, other))


def test_a_path_too_long_becomes_one_that_fits():
    (path,) = safe_paths(["/".join(["folder" * 10] * 60) + "/page.html"])
    assert check_path(path).endswith("page.html")


part = st.text(st.sampled_from("aAéE.gz conNUL:\u0301 \u3000\x07ﬁİ-2"), min_size=1, max_size=8).filter(
    lambda s: s not in {".", ".."}
)
path = st.lists(part, min_size=1, max_size=3).map("/".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(path, min_size=1, max_size=8))
def test_whatever_the_names_were_a_reader_accepts_them_afterwards(paths):
    repaired = safe_paths(paths)
    assert len(repaired) == len(paths)
    for one in repaired:
        check_path(one)
    _check_paths(sorted(repaired))
    assert safe_paths(paths) == repaired
