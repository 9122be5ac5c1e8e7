"""No name and password that people try on any box that they find opens the desk; the program that tries sees one that does."""

from __future__ import annotations

from edubox.box.accounts import first, people
from edubox.box.app import create_app
from edubox.box.school.database import SchoolFile
from tests.box.desk_client import PASSWORD, person
from tests.box.school import School, settings
from tests.prove.image.door import PAIRS, let_in
from tests.serving import serving


def test_a_new_box_lets_nobody_in_by_what_others_ship(tmp_path):
    data = School(tmp_path / "box").data
    first.make_if_needed(data, SchoolFile(data))
    with serving(create_app(data, settings())) as address:
        assert let_in(address.rstrip("/")) == []
    assert people.every(SchoolFile(data)) == []


def test_who_has_an_account_is_seen_to_be_let_in(tmp_path):
    data = School(tmp_path / "box").data
    person(data)
    with serving(create_app(data, settings())) as address:
        assert let_in(address.rstrip("/"), [PAIRS[0], ("Ada", "Ada"), ("Ada", PASSWORD)]) == [
            f"Ada/{PASSWORD}"
        ]
