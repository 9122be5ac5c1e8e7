"""A box tells phones of a certificate only if a phone would believe it, whatever the box's own clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edubox.box.secure import certificate
from edubox.box.secure.known import api_address, why_unknown
from edubox.errors import BadInput
from edubox.settings import check_settings
from tests.box.school import settings
from tests.box.secure.authority import Authority

NAME = "box.school.example"


@pytest.fixture
def authority(tmp_path, monkeypatch):
    found = Authority(tmp_path / "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(found.trusted))
    return found


def why(given, name=NAME, now=None):
    return why_unknown(None, settings(**given | {"certificate_name": name}), now or datetime.now(UTC))


def test_a_certificate_of_an_authority_that_phones_know_is_believed(authority):
    assert why(authority.settings(NAME)) == ""


def test_one_for_all_names_below_a_domain_is_believed_for_each_of_them(authority):
    given = authority.settings("*.school.example")
    assert why(given) == ""
    assert "not valid for" in why(given, "box.other.example")


def test_the_boxes_own_certificate_is_not(authority, tmp_path):
    certificate.make(tmp_path)
    own = {"certificate": str(tmp_path / "desk.crt"), "certificate_key": str(tmp_path / "desk.key")}
    assert "self" in why(own)


def test_one_of_an_authority_that_nobody_knows_is_not(authority, tmp_path):
    assert "issuer" in why(Authority(tmp_path / "another").settings(NAME))


def test_one_that_ended_is_not_and_a_box_without_a_clock_believes_one_of_today(authority):
    given = authority.settings(NAME, days=30)
    assert why(given, now=datetime(1970, 1, 1, tzinfo=UTC)) == ""
    assert "ended on" in why(given, now=datetime.now(UTC) + timedelta(days=31))
    assert "ended on" in why(authority.settings(NAME, days=-1))


def test_files_that_are_missing_or_do_not_fit_are_said(authority, tmp_path):
    given = authority.settings(NAME)
    assert "missing" in why(given | {"certificate_key": str(tmp_path / "none")})
    certificate.make(tmp_path)
    assert "cannot be used with its key" in why(given | {"certificate_key": str(tmp_path / "desk.key")})
    (tmp_path / "nonsense").write_bytes(b"\xff\xfe")
    assert "cannot be used" in why(given | {"certificate": str(tmp_path / "nonsense")})


def test_the_place_to_ask_is_made_of_the_settings_alone():
    assert api_address(settings(certificate_name=NAME, desk_port=443)) == f"https://{NAME}/welcome/api"
    assert api_address(settings(certificate_name=NAME, desk_port=8443)) == f"https://{NAME}:8443/welcome/api"
    assert api_address(settings()) == ""


@pytest.mark.parametrize(
    "name", ["edubox.local", "10.87.3.1", "box", "Box.example", "box.example/x", "box.example,1.2.3.4", "a.b\nx"]
)  # fmt: skip
def test_a_name_that_no_certificate_stands_for_is_refused(name):
    with pytest.raises(BadInput, match="certificate_name must be a public name"):
        check_settings({"certificate": "a", "certificate_key": "b", "certificate_name": name}, "box.toml")


def test_a_name_without_a_certificate_is_refused():
    with pytest.raises(BadInput, match="needs a certificate"):
        check_settings({"certificate_name": NAME}, "box.toml")
