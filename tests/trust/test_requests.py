"""Signed requests: whoever lacks the key, or changes anything on the way, is refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.signer import CryptoSigner

from edubox.errors import BadInput, NotTrusted
from edubox.trust import requests
from edubox.trust.requests import DIGEST, INPUT, SIGNATURE, next_counter, sign, verify
from tests.trust.repositories import key

KEY, OTHER = key(), key()
PATH, QUERY, BODY = "/api/1/pushes/7/end", "a=1", b'{"format":1}'


def key_of(keyid):
    return {one.public_key.keyid: one.public_key for one in (KEY, OTHER)}.get(keyid)


def signed(**changed):
    given_ = {"method": "POST", "path": PATH, "query": QUERY, "body": BODY, "signer": KEY, "counter": 9}
    return sign(**(given_ | changed))


def check(headers, **changed):
    given_ = {"method": "POST", "path": PATH, "query": QUERY, "body": BODY, "key_of": key_of}
    return verify(headers=headers, **(given_ | changed))


def test_a_box_is_known_by_its_request():
    done = check(signed())
    assert (done.keyid, done.counter) == (KEY.public_key.keyid, 9)


def test_the_same_request_has_the_same_signature_and_another_counter_another_one():
    assert check(signed()) == check(signed())
    assert check(signed()).signature != check(signed(counter=10)).signature


@pytest.mark.parametrize(
    "changed",
    [{"method": "PUT"}, {"path": "/api/1/pushes/8/end"}, {"query": "a=2"}, {"query": ""}, {"body": BODY + b" "}, {"body": b""}],
)  # fmt: skip
def test_what_somebody_changed_on_the_way_is_refused(changed):
    with pytest.raises(NotTrusted):
        check(signed(), **changed)


def test_a_request_without_a_body_says_so_in_its_digest():
    headers = signed(method="GET", body=b"")
    assert check(headers, method="GET", body=b"").counter == 9
    with pytest.raises(NotTrusted):
        check(headers, method="GET", body=b"x")
    with pytest.raises(NotTrusted, match="Content-Digest"):
        check({name: value for name, value in headers.items() if name != DIGEST}, method="GET", body=b"")


def test_another_key_cannot_speak_for_a_box():
    headers = signed(signer=OTHER)
    own = headers[INPUT].replace(OTHER.public_key.keyid, KEY.public_key.keyid)
    with pytest.raises(NotTrusted, match="does not hold"):
        check(headers | {INPUT: own})
    with pytest.raises(NotTrusted, match="nobody here knows"):
        check(signed(signer=key()))


def test_a_counter_cannot_be_raised_by_whoever_holds_an_old_request():
    headers = signed()
    with pytest.raises(NotTrusted):
        check(headers | {INPUT: headers[INPUT].replace('nonce="9"', 'nonce="10"')})


@pytest.mark.parametrize(
    "spelling",
    [
        lambda text: text.replace("edubox=", "other="),
        lambda text: text.replace('"@method" ', ""),
        lambda text: text.replace('"@path" "@query"', '"@query" "@path"'),
        lambda text: text.replace(' "content-digest"', ""),
        lambda text: text.replace('"@path"', '"@path";req'),
        lambda text: text.replace('alg="ed25519"', 'alg="hmac-sha256"'),
        lambda text: text.replace(';alg="ed25519"', ""),
        lambda text: text.replace('nonce="9"', 'nonce="09"'),
        lambda text: text.replace('nonce="9"', 'nonce="-9"'),
        lambda text: text.replace('nonce="9"', 'nonce="9223372036854775807"'),
        lambda text: text + ";created=1618884473",
        lambda text: text + " ",
        lambda text: text + "\n",
        lambda text: f"{text}, {text}",
        lambda text: text.replace(";keyid", "; keyid"),
        lambda text: text.upper(),
        lambda text: text[:0],
    ],
)  # fmt: skip
def test_only_one_spelling_counts(spelling):
    headers = signed()
    with pytest.raises(NotTrusted):
        check(headers | {INPUT: spelling(headers[INPUT])})


def test_a_header_that_is_there_twice_is_refused_also_when_both_are_the_same():
    headers = signed()
    for name, value in headers.items():
        with pytest.raises(NotTrusted, match="twice"):
            check([*headers.items(), (name.lower(), value)])
        # As a server joins two of one name.
        with pytest.raises(NotTrusted):
            check(headers | {name: f"{value}, {value}"})


def test_headers_are_found_however_they_are_written_and_among_others():
    pairs = [("host", "x"), *((name.upper(), value) for name, value in signed().items()), ("accept", "*/*")]
    assert check(pairs).counter == 9


def test_a_flood_of_headers_is_refused_before_anything_is_computed():
    headers = signed()
    with pytest.raises(NotTrusted, match="too long"):
        check(headers | {SIGNATURE: "a" * 1_000_000})
    with pytest.raises(NotTrusted, match="too many"):
        check([("x", "y")] * 10_000 + [*headers.items()])


def test_a_signature_has_one_spelling_in_base64():
    headers = signed()
    value = headers[SIGNATURE].removeprefix("edubox=:").removesuffix(":")
    # The last character before == carries four bits that nobody reads.
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = value[:-3] + last[last.index(value[-3]) ^ 1] + "=="
    assert base64.b64decode(twin) == base64.b64decode(value)
    with pytest.raises(NotTrusted, match="second spelling"):
        check(headers | {SIGNATURE: f"edubox=:{twin}:"})


@pytest.mark.parametrize(
    "path", ["", "api", "/api//1", "/api/../1", "/api/%2e", "/a b", "/é", "/a\n", "/" + "a" * 2_000]
)
def test_a_path_that_can_be_written_in_two_ways_is_not_signed(path):
    with pytest.raises(BadInput, match="its path"):
        signed(path=path)
    with pytest.raises(NotTrusted):
        check(signed(), path=path)


@pytest.mark.parametrize("query", ["a b", "a=%e9", "a=é", "a#b", 'a="', "a\n", "a" * 3_000])
def test_a_query_that_can_be_written_in_two_ways_is_not_signed(query):
    with pytest.raises(BadInput, match="its query"):
        signed(query=query)


def test_only_keys_of_boxes_sign():
    rsa = CryptoSigner(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(BadInput, match="ed25519"):
        signed(signer=rsa)
    headers = signed()
    with pytest.raises(NotTrusted):
        check(headers, key_of=lambda _: rsa.public_key)


def test_a_counter_grows_also_on_a_box_whose_clock_stands():
    now = datetime(2026, 11, 25, tzinfo=UTC)
    first = next_counter(0, now)
    assert next_counter(first, now) == first + 1
    assert next_counter(0, now.replace(year=2027)) > next_counter(first, now)
    assert next_counter(first, datetime(1970, 1, 1, tzinfo=UTC)) == first + 1


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from([DIGEST, INPUT, SIGNATURE, "host"]), st.text(max_size=600)),
    st.text(max_size=20), st.text(max_size=200), st.text(max_size=200), st.binary(max_size=50),
)  # fmt: skip
def test_no_garbage_ends_in_anything_but_a_refusal(headers, method, path, query, body):
    with pytest.raises(NotTrusted):
        verify(method, path, query, signed(body=body) | headers if path else headers, body, key_of)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_changed_character_of_a_header_passes(data):
    headers = signed()
    name = data.draw(st.sampled_from(sorted(headers)))
    at = data.draw(st.integers(0, len(headers[name]) - 1))
    other = data.draw(st.characters().filter(lambda one: one != headers[name][at]))
    with pytest.raises(NotTrusted):
        check(headers | {name: headers[name][:at] + other + headers[name][at + 1 :]})


def test_the_profile_is_the_one_that_others_read_in_its_description():
    assert requests.LABEL == "edubox"
    assert signed(counter=3)[INPUT] == (
        'edubox=("@method" "@path" "@query" "content-digest");'
        f'keyid="{KEY.public_key.keyid}";nonce="3";alg="ed25519"'
    )
