"""The requests in docs/formats/requests.md are what the code signs and accepts."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edubox.errors import NotTrusted
from edubox.trust.keys import signer
from edubox.trust.requests import sign, verify

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "requests.md"
BLOCKS = PAGE.read_text("utf-8").split("<!-- example")[1].split("```")[1::2][:2]
KEY = signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def read(block):
    head, body = block.strip("\n").partition("\n\n")[::2]
    first, *lines = head.split("\n")
    method, _, target = first.partition(" ")
    path, _, query = target.partition("?")
    return method, path, query, dict(line.split(": ", 1) for line in lines), body.strip("\n").encode()


@pytest.mark.parametrize("block", BLOCKS)
def test_the_requests_of_the_specification_are_what_the_code_signs_and_accepts(block):
    method, path, query, headers, body = read(block)
    done = verify(method, path, query, headers, body, lambda _: KEY.public_key)
    assert sign(method, path, query, body, KEY, done.counter) == headers
    assert f'keyid="{done.keyid}"' in block
    with pytest.raises(NotTrusted):
        verify(method, path, query, headers, body + b" ", lambda _: KEY.public_key)
