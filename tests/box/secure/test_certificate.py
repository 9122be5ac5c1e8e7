"""The box's own certificate: what browsers accept by hand for all of a box's life, and what a person compares."""

from __future__ import annotations

import hashlib
import os
import ssl
import subprocess
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from edubox.box.discovery import host_name
from edubox.box.health import Box, Finding
from edubox.box.health import certificate as health
from edubox.box.own import identity
from edubox.box.secure import certificate
from edubox.box.secure.credentials import Credentials
from edubox.errors import BadCertificate
from tests.box.school import NOW, settings


@pytest.fixture
def data(tmp_path):
    (tmp_path / "keys").mkdir()
    certificate.make(tmp_path / "keys")
    return tmp_path


def read(data):
    return x509.load_pem_x509_certificate((data / "keys" / "desk.crt").read_bytes())


def test_it_holds_longer_than_any_card_and_begins_before_what_apple_refuses(data):
    made = read(data)
    assert made.not_valid_before_utc < datetime(2019, 7, 1, tzinfo=UTC), (
        "later ones may hold for 825 days only"
    )
    assert made.not_valid_after_utc > datetime(2046, 1, 1, tzinfo=UTC)


def test_it_names_the_box_and_is_no_authority_for_anything_else(data):
    extensions = read(data).extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {f"{host_name()}.local", "edubox.local"} <= set(names.get_values_for_type(x509.DNSName))
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]


def test_two_boxes_have_nothing_in_common(data, tmp_path):
    (tmp_path / "other").mkdir()
    certificate.make(tmp_path / "other")
    first, second = (
        certificate.fingerprint(data / "keys" / "desk.crt"),
        certificate.fingerprint(tmp_path / "other" / "desk.crt"),
    )
    assert first != second


def test_a_copy_of_a_card_that_becomes_a_box_of_its_own_has_its_own(tmp_path):
    for name in ("keys", "mirror"):
        (tmp_path / name).mkdir()
    shown = []
    for machine in ("the first", "its copy"):
        identity.make(tmp_path, NOW, machine)
        shown.append(certificate.shown_fingerprint(tmp_path, settings()))
    assert shown[0] != shown[1]


def test_nobody_else_can_read_the_key(data):
    assert (data / "keys" / "desk.key").stat().st_mode & 0o777 == 0o600


def test_the_fingerprint_is_the_one_that_browsers_and_openssl_show(data):
    path = data / "keys" / "desk.crt"
    shown = certificate.fingerprint(path)
    groups = shown.split(" ")
    assert len(groups) == 16
    assert {len(group) for group in groups} == {4}
    der = ssl.PEM_cert_to_DER_cert(path.read_text("ascii"))
    assert shown.replace(" ", "") == hashlib.sha256(der).hexdigest().upper()


def test_without_a_certificate_there_is_no_fingerprint_and_nonsense_is_said(tmp_path):
    assert certificate.fingerprint(tmp_path / "none") == ""
    for nonsense in (
        b"\xff\xfe",
        b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        b"",
        b"-----END CERTIFICATE-----",
    ):
        (tmp_path / "bad").write_bytes(nonsense)
        with pytest.raises(BadCertificate, match="bad"):
            certificate.fingerprint(tmp_path / "bad")


def test_an_administrators_certificate_comes_first(data, tmp_path):
    (tmp_path / "given").mkdir()
    certificate.make(tmp_path / "given")
    chosen = settings(
        certificate=str(tmp_path / "given" / "desk.crt"), certificate_key=str(tmp_path / "given" / "desk.key")
    )
    assert certificate.shown_fingerprint(data, chosen) == certificate.fingerprint(
        tmp_path / "given" / "desk.crt"
    )
    assert Credentials(data, chosen).context() is not None


def test_a_new_certificate_holds_at_once_and_a_broken_one_leaves_the_last(data, caplog):
    credentials = Credentials(data, settings())
    first = credentials.context()
    assert credentials.context() is first is not None
    certificate.make(data / "keys")
    second = credentials.context()
    assert second is not first
    (data / "keys" / "desk.crt").write_bytes(b"nonsense")
    assert [credentials.context() for _ in range(3)] == [second] * 3
    assert len(caplog.records) == 1, "said once, not with each connection"


def test_a_box_that_has_none_yet_waits_for_it(tmp_path):
    (tmp_path / "keys").mkdir()
    credentials = Credentials(tmp_path, settings())
    assert credentials.context() is None
    certificate.make(tmp_path / "keys")
    assert credentials.context() is not None


def looked_at(data, **given) -> Finding:
    return health.check(Box(data, settings(**given)))


def test_the_doctor_finds_what_is_missing_or_does_not_fit_and_makes_it_again(data):
    assert looked_at(data).level == "good"
    assert health.fix(Box(data, settings())) == "", (
        "a good one is left alone: a new one would warn every teacher"
    )
    (data / "keys" / "desk.key").unlink()
    assert "missing" in looked_at(data).sentence
    certificate.make(data / "keys")
    before = (data / "keys" / "desk.key").read_bytes()
    certificate.make(data / "keys")
    (data / "keys" / "desk.key").write_bytes(before)
    assert looked_at(data).level == "warning"
    assert "another certificate" in health.fix(Box(data, settings()))
    assert looked_at(data).level == "good"


def test_the_doctor_leaves_an_administrators_certificate_to_them(data, tmp_path):
    given = {"certificate": str(tmp_path / "a.crt"), "certificate_key": str(tmp_path / "a.key")}
    assert "Put another one there" in looked_at(data, **given).sentence
    assert health.fix(Box(data, settings(**given))) == ""


def test_one_that_ends_by_the_boxs_clock_is_a_warning(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "5", "-subj", "/CN=x",
         "-keyout", tmp_path / "a.key", "-out", tmp_path / "a.crt"], check=True, capture_output=True,
    )  # fmt: skip
    given = {"certificate": str(tmp_path / "a.crt"), "certificate_key": str(tmp_path / "a.key")}
    assert "ends in" in looked_at(tmp_path, **given).sentence


def test_the_check_knows_that_the_certificate_is_no_secret(data):
    from edubox.box.health import keys

    os.chmod(data / "keys" / "desk.crt", 0o644)
    assert not keys._loose(data / "keys")
