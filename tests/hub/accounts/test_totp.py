"""Codes of an authenticator: the RFC's own examples, clocks that are off, and codes that were used."""

from __future__ import annotations

import base64

import pytest

from edubox.hub.accounts import totp

#: RFC 6238, appendix B, for HMAC-SHA-1: eight digits.
KEY = b"12345678901234567890"
VECTORS = [
    (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"), (2000000000, "69279037"),
    (20000000000, "65353130"),
]  # fmt: skip
SECRET = base64.b32encode(KEY).decode()
NOW = 1_700_000_010


@pytest.mark.parametrize(("at", "expected"), VECTORS)
def test_the_codes_are_those_of_the_rfc(at, expected):
    assert totp.code(KEY, at // totp.STEP, 8) == expected


def test_a_code_is_taken_now_and_one_step_before_and_after():
    here = NOW // totp.STEP
    for drift, taken in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        found = totp.step_of(SECRET, totp.code(KEY, here + drift), NOW, 0)
        assert found == (here + drift if taken else None), drift


def test_no_code_is_taken_twice_nor_one_from_before_it():
    here = NOW // totp.STEP
    assert totp.step_of(SECRET, totp.code(KEY, here), NOW, here) is None
    assert totp.step_of(SECRET, totp.code(KEY, here - 1), NOW, here) is None
    assert totp.step_of(SECRET, totp.code(KEY, here + 1), NOW, here) == here + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345", "12345a", "0" * 100])
def test_what_is_no_code_is_none(typed):
    assert totp.step_of(SECRET, typed, NOW, 0) is None


def test_spaces_do_not_matter():
    code = totp.code(KEY, NOW // totp.STEP)
    assert totp.step_of(SECRET, f" {code[:3]} {code[3:]} ", NOW, 0)


def test_an_authenticator_reads_who_and_where():
    address = totp.address(SECRET, "edubox: Pays du Soleil", "marie")
    assert address.startswith("otpauth://totp/edubox%20%20Pays%20du%20Soleil%3Amarie?secret=")
    assert f"secret={SECRET}&issuer=edubox%3A%20Pays%20du%20Soleil&digits=6&period=30" in address
    assert len(base64.b32decode(totp.new())) == totp.LENGTH
    assert totp.new() != totp.new()
