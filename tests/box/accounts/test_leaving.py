"""Leaving: the files go along, the account is closed, the lessons stay."""

from __future__ import annotations

import io
import zipfile

import pytest

from edubox.box.accounts import people
from edubox.box.accounts.person import ADMIN, TEACHER
from edubox.box.school import classes
from edubox.box.teacher import drafts, versions
from tests.box.accounts.conftest import Browser
from tests.box.desk_client import PASSWORD, person


@pytest.fixture
def grace(browser, data):
    person(data, ADMIN)
    account = person(data, TEACHER, "Grace")
    browser.come_in("Grace", PASSWORD)
    browser.number = account.id
    draft = drafts.create(data, account.person, "Les volcans d’été")
    for name, staff in (("leçon.pdf", False), ("corrigé.txt", True)):
        source = data / "staging" / "given"
        source.write_bytes(name.encode() * 100_000)
        drafts.add_file(data, draft.id, name, source, staff=staff)
    (drafts.folder(data, draft.id) / drafts.BUILT).write_bytes(b"built")
    browser.draft = draft.id
    return browser


def leave(browser, drafts="erase", password=PASSWORD):
    return browser.send("/bureau/partir/", action="leave", drafts=drafts, password=password)


def test_everything_of_mine_comes_along_in_one_zip_and_nothing_of_others(grace, data, school):
    drafts.create(data, people.named(school, "Ada").person, "De quelqu’un d’autre")
    answer = grace.get("/bureau/partir/edubox.zip")
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as made:
        assert made.testzip() is None
        names = sorted(made.namelist())
        top = f"les-volcans-d-ete-{grace.draft[:6]}"
        assert names == [
            f"{top}/files/leçon.pdf",
            f"{top}/les-volcans-d-ete.edpack",
            f"{top}/staff/corrigé.txt",
        ]
        assert made.read(names[0]) == "leçon.pdf".encode() * 100_000


def test_leaving_closes_the_account_erases_drafts_and_keeps_lessons_and_classes(grace, app, data, school):
    classes.make(school, "6B", "", grace.number)
    slug = versions.reserve(school, "Les volcans", "x" * 26, people.account(school, grace.number).person)
    assert leave(grace, password="wrong one").status_code == 400
    assert drafts.read(data, grace.draft)
    answer = leave(grace)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bureau/entrer/")
    assert not grace.is_in()
    assert Browser(app).come_in("Grace", PASSWORD).status_code == 401
    assert not (data / "drafts" / grace.draft).exists()
    assert versions.of_slug(school, slug).title == "Les volcans"
    assert [one.name for one in classes.every(school)] == ["6B"]


def test_a_colleague_goes_on_with_the_drafts_and_the_lessons(grace, data, school):
    slug = versions.reserve(school, "Les volcans", grace.draft, people.account(school, grace.number).person)
    ada = people.named(school, "Ada")
    thrown = drafts.create(data, people.account(school, grace.number).person, "Jeté")
    drafts.throw_away(data, thrown.id)
    assert leave(grace, str(ada.id)).status_code == 303
    assert drafts.read(data, grace.draft).owner == ada.id
    assert drafts.paths(data / "drafts" / grace.draft / drafts.FILES) == ["leçon.pdf"]
    assert versions.of_slug(school, slug).owner == ada.id
    assert not (data / "drafts" / thrown.id).exists()


@pytest.mark.parametrize("to", ["", "999", "x", "2"])
def test_nothing_happens_when_it_is_not_said_who_goes_on(grace, data, to):
    assert leave(grace, to).status_code == 400
    assert drafts.read(data, grace.draft)
    assert grace.is_in()


def test_closing_somebody_s_account_keeps_their_drafts_for_the_administrators(grace, data, school):
    people.close(school, grace.number, 1)
    assert drafts.allowed(drafts.read(data, grace.draft), people.named(school, "Ada").person)
