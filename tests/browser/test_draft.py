"""The page of a draft in a browser: what is typed is kept by itself, and a second window is told."""

from __future__ import annotations

import pytest

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.app import create_app
from edubox.box.teacher import drafts
from edubox.box.teacher.build import build
from tests.box.desk_client import Inside, person
from tests.box.school import settings
from tests.serving import serving


@pytest.fixture
def own(tmp_path):
    account = person(tmp_path, "teacher")
    ident = drafts.create(tmp_path, Person(account.id, account.name, TEACHER), "Avant").id
    (tmp_path / "one").write_text("<!doctype html><html lang=fr><title>Un</title><p>x")
    drafts.add_file(tmp_path, ident, "a.html", tmp_path / "one")
    build(tmp_path, ident)
    return ident


def test_what_is_typed_is_kept_by_itself_and_a_second_change_from_elsewhere_is_not_overwritten(
    tab, tmp_path, own
):
    app = create_app(tmp_path, settings())
    with serving(Inside(app, tmp_path, "teacher")) as base:
        tab.open(f"{base}bureau/drafts/{own}/")
        typed = "t = document.getElementById('title'); t.value = {!r}; t.dispatchEvent(new Event('input', {{bubbles: true}}))"
        says = "document.getElementById('said').textContent === document.getElementById('compose').dataset.{}"
        tab.js(typed.format("Après"))
        tab.wait_through(lambda: tab.js(says.format("saved")), "saved")
        kept = drafts.read(tmp_path, own)
        assert kept.title == "Après"
        drafts.change(tmp_path, kept)
        tab.js(typed.format("Trop tard"))
        tab.wait_through(lambda: tab.js(says.format("conflict")), "conflict")
        assert drafts.read(tmp_path, own).title == "Après"
