"""The people of the desk in the file: names, roles, and who is the last one."""

from __future__ import annotations

import pytest

from edubox.box.accounts import first, people
from edubox.box.accounts.person import ADMIN, TEACHER
from edubox.box.own import backup
from edubox.box.school.database import SchoolFile
from edubox.errors import LastAdministrator, NameTaken, NotFound, TooMany
from tests.box.desk_client import SECRET, person
from tests.box.own.school import School as OwnSchool


def add(school, name, role=TEACHER, secret=SECRET):
    return school.write(lambda db: people.add(db, name, role, secret, 1))


@pytest.mark.parametrize("name", ["Ada", "ADA", " ada ", "\uff21da"])
def test_two_people_have_different_names_also_for_who_types_them(school, name):
    add(school, "Ada")
    with pytest.raises(NameTaken):
        add(school, people.tidy(name))
    assert people.named(school, name).name == "Ada"


def test_a_closed_account_is_no_longer_in_the_way_and_its_number_is_never_used_again(school):
    add(school, "Root", ADMIN)
    number = add(school, "Ada")
    people.close(school, number, 5)
    again = add(school, "Ada")
    assert again > number
    kept = people.account(school, number)
    assert (kept.name, kept.secret, kept.closed) == ("Ada", "", 5)
    with pytest.raises(NotFound):
        people.set_password(school, number, SECRET)
    assert people.named(school, "Ada").id == again


def test_the_last_administrator_stays_one(school):
    root = add(school, "Root", ADMIN)
    add(school, "Invited", ADMIN, secret="")
    for change in (lambda: people.close(school, root, 1), lambda: people.change_role(school, root, TEACHER)):
        with pytest.raises(LastAdministrator):
            change()
    add(school, "Second", ADMIN)
    people.change_role(school, root, TEACHER)
    people.close(school, root, 1)
    assert people.has_administrator(school)


def test_somebody_takes_another_name_but_nobody_else_s(school):
    add(school, "Ada")
    number = add(school, "Grace")
    people.rename(school, number, "grace")
    with pytest.raises(NameTaken):
        people.rename(school, number, "ada")
    assert people.account(school, number).name == "grace"


def test_a_box_has_an_end_of_people(school, monkeypatch):
    monkeypatch.setattr(people, "PEOPLE", 1)
    add(school, "Ada")
    with pytest.raises(TooMany):
        add(school, "Grace")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada \n Lovelace ", "Ada Lovelace"),
        ("\u202eAda", "Ada"),
        ("", ""),
        ("\x00\x1b", ""),
        ("x" * 500, "x" * 60),
        ("Zoe\u0308", "Zoë"),
    ],
)
def test_a_name_is_one_line_that_can_be_read(typed, kept):
    assert people.tidy(typed) == kept


def test_a_backup_keeps_accounts_and_the_code_that_waits(tmp_path):
    school = OwnSchool(tmp_path / "own")
    code = first.read(school.box)
    person(school.box, ADMIN, "Ada")
    backup.restore(school.backup(), tmp_path / "restored", school.code)
    assert people.every(SchoolFile(tmp_path / "restored")) == people.every(SchoolFile(school.box))
    assert first.read(tmp_path / "restored") == code
