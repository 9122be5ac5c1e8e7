"""Whatever a stranger sends: a refusal in our words, and no other error."""

from __future__ import annotations

import base64
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import BadInput, NotTrusted
from edubox.hub.enrol import asking, offline
from edubox.hub.errors import Refused
from edubox.publishing import authority, ceremony
from edubox.trust.chain import read_chain
from edubox.trust.codes import new_code, understood
from edubox.trust.public_keys import read_public
from tests.hub.enrol.world import Asker

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
BOX = Asker()
FIELDS = sorted(json.loads(BOX.body()))


@settings(max_examples=200)
@given(st.sampled_from(FIELDS), JSON)
def test_a_request_with_anything_in_one_field_is_read_or_refused(name, value):
    body = json.dumps(json.loads(BOX.body()) | {name: value}).encode("utf-8", "surrogatepass")
    try:
        read = asking.read(body)
    except Refused:
        return
    assert read.chain.local == BOX.local


@settings(max_examples=200)
@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")))
def test_no_file_from_outside_ends_in_another_error(data):
    for reader in (asking.read, offline.read_queue, ceremony.read, read_public):
        try:
            reader(data)
        except (Refused, BadInput, NotTrusted):
            continue
        raise AssertionError(reader)


@settings(max_examples=200)
@given(st.data())
def test_no_changed_byte_of_a_root_is_taken(data):
    root = BOX.roots[0]
    at = data.draw(st.integers(0, len(root) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda one: one != root[at]))
    changed = root[:at] + bytes([other]) + root[at + 1 :]
    try:
        chain = read_chain([changed])
    except NotTrusted:
        return
    # What is not signed may differ (the spelling of the JSON): then it is another repository, of the same key.
    assert chain.local != BOX.local


@settings(max_examples=100)
@given(st.data())
def test_a_founding_with_anything_in_it_is_refused(data):
    value = {"format": 1, "kind": authority.KIND, "authority": "ac-x", "roles": data.draw(JSON)}
    from edubox.trust.directory import founded

    try:
        roles = {str(name): base64.b64decode(text) for name, text in value["roles"].items()}
    except (AttributeError, ValueError, TypeError):
        return
    try:
        founded(roles, "ac-x")
    except NotTrusted:
        return
    raise AssertionError


@given(st.text(max_size=80))
def test_a_code_is_understood_in_one_spelling_or_not_at_all(text):
    found = understood(text)
    assert found == "" or understood(found) == found


@given(st.integers(0, 11), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_of_a_code_is_found(at, other):
    code = new_code().replace("-", "")
    changed = code[:at] + other + code[at + 1 :]
    assert understood(changed).replace("-", "") == (code if changed == code else "")
