"""The contents of a draft: in its teacher's order, under their headings, without what they put aside."""

from __future__ import annotations

import pytest

from edubox.importers.folder import build_lesson


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.html").write_text(
            f"<!doctype html><html lang=fr><title>Page {name}</title><p>{name}"
        )
    return folder


def composed(source, order=(), aside=()):
    built = build_lesson(source, source.parent / "out.edpack", {"title": "T", "order": order, "aside": aside})
    return [(line.path, line.title) for line in built.lines], built.manifest


def test_without_an_order_everything_is_there_as_it_is_found(source):
    lines, _ = composed(source)
    assert lines == [("a.html", "Page a"), ("b.html", "Page b"), ("c.html", "Page c")]


def test_the_order_and_the_titles_are_the_teachers(source):
    lines, _ = composed(source, [("c.html", "Fin"), ("a.html", ""), ("b.html", "")])
    assert lines == [("c.html", "Fin"), ("a.html", "Page a"), ("b.html", "Page b")]


def test_headings_hold_what_follows_and_an_empty_one_goes(source):
    lines, manifest = composed(
        source, [("a.html", ""), ("", "Suite"), ("b.html", ""), ("c.html", ""), ("", "Vide")]
    )
    assert lines == [("a.html", "Page a"), ("", "Suite"), ("b.html", "Page b"), ("c.html", "Page c")]
    assert [item.title for item in manifest.toc] == ["Page a", "Suite"]


def test_what_came_since_stands_at_the_end_and_what_is_aside_nowhere(source):
    lines, _ = composed(source, [("b.html", "")], aside=["c.html"])
    assert lines == [("b.html", "Page b"), ("a.html", "Page a")]


def test_lines_of_files_that_are_gone_are_left_out(source):
    lines, _ = composed(source, [("gone.html", "X"), ("../a.html", "Y"), ("c.html", "")], aside=["nothing"])
    assert lines[0] == ("c.html", "Page c")
    assert len(lines) == 3
