"""A key in a security token signs for an academy: SoftHSM is the token."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from edubox.errors import BadInput, NotTrusted
from edubox.trust.directory import found, founded
from edubox.trust.public_keys import read_public, write_public
from edubox.trust.token_keys import token_signer
from tests import needs
from tests.trust.repositories import NOW

LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)
PIN = "123456"


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A token called ``academie`` with one ECDSA key, number 2."""
    needs.programs("softhsm2-util", "pkcs11-tool")
    library = next((one for one in LIBRARIES if Path(one).exists()), None)
    if library is None:
        needs.absent("no libsofthsm2.so")
    if (why := missing()) is not None:
        needs.absent(why)
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    environment = {"SOFTHSM2_CONF": str(folder / "softhsm2.conf"), "PYKCS11LIB": library}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        run(
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            "academie",
            "--pin",
            PIN,
            "--so-pin",
            "12345678",
        )
        run(
            "pkcs11-tool", "--module", library, "--login", "--pin", PIN, "--token-label", "academie", "--keypairgen",
            "--key-type", "EC:prime256v1", "--id", "02", "--label", "schools",
        )  # fmt: skip
        yield "academie"


def missing():
    try:
        import pkcs11  # noqa: F401
    except ImportError:
        return "not installed: python-pkcs11"
    return None


def run(*command):
    subprocess.run(command, check=True, capture_output=True, env=os.environ)


def test_a_token_signs_what_an_academy_begins_with(token):
    key = token_signer(token, PIN)
    roles, public = founded(found("ac-nord", key, NOW, 1), "ac-nord")
    assert public.keyid == key.public_key.keyid
    assert set(roles) == {"ac-nord", "ac-nord-bin-0", "ac-nord-bin-1"}


def test_its_public_key_is_a_file_that_others_are_given(token):
    key = token_signer(token, PIN)
    assert read_public(write_public(key.public_key)).keyid == key.public_key.keyid


def test_a_wrong_pin_a_strange_token_and_a_missing_library_are_told(token, monkeypatch):
    with pytest.raises((NotTrusted, BadInput)):
        found("ac-nord", token_signer(token, "000000"), NOW, 1)
    with pytest.raises(BadInput, match="nobody"):
        token_signer("nobody", PIN)
    with pytest.raises(BadInput, match="key 9"):
        token_signer(token, PIN, 9)
    monkeypatch.delenv("PYKCS11LIB")
    with pytest.raises(BadInput, match="PYKCS11LIB"):
        token_signer(token, PIN)
