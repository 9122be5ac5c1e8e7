"""A box asks, an officer looks: who gets into the queue, and who is told why not."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from edubox.errors import AlreadyExists, BadInput, NotFound
from edubox.hub import audit
from edubox.hub.enrol import codes, deciding, signing
from edubox.hub.enrol.api import filed
from edubox.hub.enrol.limits import Limit, class_of, side_of
from edubox.hub.errors import (
    ExpiredCode,
    ForkedKeys,
    HostileLabel,
    Malformed,
    NoCode,
    OlderKey,
    OtherAuthority,
    TooOften,
    Unauthorised,
    UnknownCode,
    UsedCode,
    WrongCode,
)
from edubox.hub.tables import about, boxes, guesses
from edubox.hub.tables import codes as code_table
from edubox.trust import publisher
from edubox.trust.codes import new_code
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from tests.hub.enrol.world import NORTH, OFFICER, SOUTH, Asker, give_codes, sign_all, table


def listed(hub, name):
    return Directory(FolderFetch(hub.mirror)).record(name)


def rows(hub):
    with hub.database.read() as connection:
        return list(connection.execute(select(boxes)))


def test_a_box_with_a_code_waits_for_the_officer_who_sees_what_is_on_the_school_sheet(hub):
    box = Asker(label="Collège Jean-Moulin")
    reply = box.ask(hub, give_codes(hub, school="Collège Moulin", hostname="moulin"))
    assert (reply.state, reply.id) == ("asked", "")
    (seen,) = deciding.waiting(hub, NORTH)
    assert (seen.label, seen.school, seen.wanted, seen.sheet) == (
        "Collège Jean-Moulin",
        "Collège Moulin",
        "moulin",
        box.local,
    )
    assert seen.differs
    assert seen.fingerprint.replace(" ", "") == box.writer.public_key.keyid[:16]
    assert seen.address_class == "internet, IPv4"
    assert not deciding.waiting(hub, SOUTH)


def test_an_accepted_box_is_told_its_name_and_the_directory_pins_its_own_root(hub):
    box = Asker()
    box.ask(hub, give_codes(hub, hostname="moulin"))
    deciding.accept(hub, [deciding.waiting(hub)[0].row], OFFICER)
    assert box.ask(hub).id == "ac-test/moulin"
    assert listed(hub, "ac-test/moulin") is None, "nothing is public before the academy signs"
    sign_all(hub)
    record = listed(hub, "ac-test/moulin")
    assert (record.label, record.kind, record.status, record.epoch) == (
        "Collège Moulin",
        "school",
        "active",
        1,
    )
    assert publisher.describe(box.memory, box.local, "x", "school").root_sha256 == record.root_sha256
    assert (hub.mirror / "publishers/ac-test/moulin/metadata/1.root.json").read_bytes() == box.roots[0]


def test_asking_again_gets_the_same_answer_and_uses_no_second_code(hub):
    box, code = Asker(), give_codes(hub)
    assert box.ask(hub, code) == box.ask(hub, code) == box.ask(hub)
    assert len(rows(hub)) == 1


def test_only_hashes_of_codes_are_kept(hub):
    code = give_codes(hub)
    with hub.database.read() as connection:
        (row,) = connection.execute(select(code_table))
    assert code not in str(row)
    assert code.replace("-", "") not in str(row)


def test_a_code_may_be_typed_in_any_spelling(hub):
    code = give_codes(hub)
    assert Asker().ask(hub, code.lower().replace("-", " ")).state == "asked"


@pytest.mark.parametrize("why", ["none", "slip", "unknown", "used", "expired", "authority"])
def test_a_forged_request_is_refused_with_its_reason_and_leaves_nothing(hub, clock, why):
    code = give_codes(hub, expires=int(clock().timestamp()) + 60)
    other = code[:-1] + ("0" if code[-1] != "0" else "1")
    if why == "used":
        Asker().ask(hub, code)
    if why == "expired":
        clock.forward(minutes=2)
    before = rows(hub)
    given = {"none": "", "slip": other, "unknown": new_code()}.get(why, code)
    error = {
        "none": NoCode,
        "slip": WrongCode,
        "unknown": UnknownCode,
        "used": UsedCode,
        "expired": ExpiredCode,
        "authority": OtherAuthority,
    }
    with pytest.raises(error[why]):
        Asker().ask(hub, given, authority=SOUTH if why == "authority" else "")
    assert rows(hub) == before


def test_whoever_does_not_hold_the_key_cannot_ask_for_a_box(hub):
    box, thief, code = Asker(), Asker(), give_codes(hub)
    body = box.body(code)
    with pytest.raises(Unauthorised):
        box.ask(hub, body=body, headers=thief.headers(body))
    assert not rows(hub)
    # The code is still good for the one to whom it belongs.
    assert box.ask(hub, code).state == "asked"


def test_a_request_that_was_changed_on_the_way_is_refused(hub):
    box, code = Asker(), give_codes(hub)
    headers = box.headers(box.body(code))
    with pytest.raises(Unauthorised):
        box.ask(hub, body=box.body(code, label="Somebody else"), headers=headers)


@pytest.mark.parametrize(
    "chain", ["empty", "missing first", "foreign second", "garbage", "not base64", "one bit", "too many"]
)
def test_roots_that_are_no_chain_are_refused(hub, chain):
    box, other, code = Asker(), Asker(), give_codes(hub)
    box.rekey()
    other.rekey()
    import base64

    def pack(roots):
        return [base64.b64encode(one).decode() for one in roots]

    first, second = box.roots
    roots = {
        "empty": [], "missing first": pack([second]), "foreign second": pack([first, other.roots[1]]),
        "garbage": pack([b"{}"]), "not base64": ["%"], "one bit": pack([first.replace(b"2046", b"2047", 1)]), "too many": pack([first] * 65),
    }[chain]  # fmt: skip
    with pytest.raises((Unauthorised, Malformed)):
        box.ask(hub, body=box.body(code, roots=roots))
    assert not rows(hub)


def test_a_key_that_is_called_by_anothers_name_is_refused(hub):
    """Key ids in a root are whatever its writer put there."""
    import base64

    from tuf.api.metadata import Metadata

    victim, thief, code = Asker(), Asker(), give_codes(hub)
    root = Metadata.from_bytes(thief.roots[0])
    stolen = victim.writer.public_key.keyid
    own = thief.writer.public_key.keyid
    key = root.signed.keys.pop(own)
    key.keyid = stolen
    root.signed.keys[stolen] = key
    for role in ("targets", "snapshot", "timestamp"):
        root.signed.roles[role].keyids = [stolen]
    root.signatures.clear()
    root.sign(thief.root)
    with pytest.raises(Unauthorised, match="another's name"):
        thief.ask(hub, body=thief.body(code, roots=[base64.b64encode(root.to_bytes()).decode()]))


@pytest.mark.parametrize(
    "label", ["", " ", "a\nb", "a\x1b[31m", "École \u202eeloc", "x" * 201, "zero\u200bwidth", "\ud800"]
)
def test_a_hostile_name_of_a_school_is_refused(hub, label):
    with pytest.raises((HostileLabel, Malformed)):
        Asker().ask(hub, give_codes(hub), label=label)
    assert not rows(hub)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"format":2}', b"x" * 300_000, json.dumps({"format": 1}).encode()],
)  # fmt: skip
def test_what_is_no_request_is_refused(hub, body):
    with pytest.raises(Malformed):
        Asker().ask(hub, body=body, headers={})


@pytest.mark.parametrize(
    "changed",
    [{"kind": "ministry"}, {"format": 2}, {"label": 7}, {"authority": "../x"}, {"more": 1}, {"roots": "x"}],
)
def test_a_field_of_another_kind_is_refused(hub, changed):
    with pytest.raises(Malformed):
        Asker().ask(hub, body=Asker().body(give_codes(hub), **changed))


def test_wrong_codes_end_in_a_pause_that_honest_schools_behind_the_same_address_do_not_feel(hub):
    limit, code = Limit(hub, most=5), give_codes(hub)
    for _ in range(5):
        with pytest.raises(UnknownCode):
            Asker().ask(hub, new_code(), limit=limit)
    with pytest.raises(TooOften) as refused:
        Asker().ask(hub, new_code(), limit=limit)
    assert 0 < refused.value.details["retry"] <= 600
    with pytest.raises(UnknownCode):
        Asker().ask(hub, new_code(), limit=limit, side="another side")
    assert Asker().ask(hub, code, limit=limit).state == "asked"


def test_the_pause_ends_and_keeps_no_address(hub, clock):
    limit = Limit(hub, most=1)
    limit.count("192.0.2.0/24")
    with pytest.raises(TooOften):
        limit.count("192.0.2.0/24")
    with hub.database.read() as connection:
        kept = connection.execute(select(guesses)).all() + connection.execute(select(about)).all()
    assert "192" not in repr(kept)
    clock.forward(seconds=700)
    limit.count("192.0.2.0/24")
    with pytest.raises(TooOften):
        limit.count("192.0.2.0/24")
    # The clock was years ahead for a while: nobody waits for years.
    clock.forward(days=-4000)
    limit.count("192.0.2.0/24")


def test_the_pause_is_one_for_all_processes_of_a_hub(hub):
    first, second = Limit(hub, most=2), Limit(hub, most=2)
    first.count("192.0.2.0/24")
    second.count("192.0.2.0/24")
    with pytest.raises(TooOften):
        first.count("192.0.2.0/24")


def test_of_an_address_only_its_kind_is_told():
    assert class_of("127.0.0.1") == "this computer"
    assert class_of("10.1.2.3") == "own network"
    assert class_of("::ffff:93.184.216.34") == "internet, IPv4"
    assert class_of("2606:2800:220:1::1") == "internet, IPv6"
    assert side_of("93.184.216.34") == side_of("93.184.216.99") == "93.184.216.0/24"
    assert class_of("nonsense") == "unknown"


def test_a_refused_school_reads_why_and_comes_again_with_another_code(hub):
    box, first = Asker(), give_codes(hub)
    box.ask(hub, first)
    deciding.refuse(hub, deciding.waiting(hub)[0].row, "This code was for the lycée.", OFFICER)
    assert (box.ask(hub, first).state, box.ask(hub).reason) == ("refused", "This code was for the lycée.")
    assert box.ask(hub, give_codes(hub, name="second")).state == "asked"
    deciding.accept(hub, [deciding.waiting(hub)[0].row], OFFICER)
    assert box.ask(hub).state == "accepted"


def test_a_request_is_decided_once(hub):
    Asker().ask(hub, give_codes(hub))
    row = deciding.waiting(hub)[0].row
    deciding.accept(hub, [row], OFFICER)
    for again in (
        lambda: deciding.accept(hub, [row], OFFICER),
        lambda: deciding.refuse(hub, row, "no", OFFICER),
    ):
        with pytest.raises(BadInput):
            again()
    with pytest.raises(NotFound):
        deciding.accept(hub, [999], OFFICER)


def test_two_schools_of_one_name_get_two_ids_and_a_person_says_the_second(hub):
    first, second = give_codes(hub, 2, hostname="moulin")
    one, two = Asker(), Asker()
    one.ask(hub, first)
    two.ask(hub, second)
    a, b = (request.row for request in deciding.waiting(hub))
    deciding.accept(hub, [a], OFFICER)
    with pytest.raises(AlreadyExists):
        deciding.accept(hub, [b], OFFICER)
    assert two.ask(hub).state == "asked"
    assert deciding.accept(hub, [b], OFFICER, {b: "moulin-2"}) == ["ac-test/moulin-2"]


def test_one_bad_name_among_many_accepts_nobody(hub):
    for number, code in enumerate(give_codes(hub, 3)):
        Asker(name=f"s{number}").ask(hub, code)
    found = [one.row for one in deciding.waiting(hub)]
    with pytest.raises(AlreadyExists):
        deciding.accept(hub, found, OFFICER, dict.fromkeys(found, "same"))
    assert len(deciding.waiting(hub)) == 3
    assert not signing.waiting(hub)


def test_hundreds_of_cards_of_an_automatic_list_need_no_person_before_the_signature(hub):
    made = give_codes(hub, 200)
    codes.set_automatic(hub, codes.lists(hub)[0].id, True, OFFICER)
    boxes_ = [Asker() for _ in made]
    replies = [box.ask(hub, code) for box, code in zip(boxes_, made, strict=True)]
    assert {reply.state for reply in replies} == {"accepted"}
    assert len({reply.id for reply in replies}) == 200
    version = (hub.mirror / "directory/metadata/timestamp.json").read_bytes()
    assert len(sign_all(hub)) == 200
    assert (hub.mirror / "directory/metadata/timestamp.json").read_bytes() != version
    assert all(listed(hub, reply.id) is not None for reply in replies[::20])
    assert codes.lists(hub)[0].used == 200


def test_the_switch_of_a_list_can_be_turned_back(hub):
    first, second = give_codes(hub, 2)
    number = codes.lists(hub)[0].id
    codes.set_automatic(hub, number, True, OFFICER)
    assert Asker(name="a").ask(hub, first).state == "accepted"
    codes.set_automatic(hub, number, False, OFFICER)
    assert Asker(name="b").ask(hub, second).state == "asked"
    with pytest.raises(BadInput):
        codes.set_automatic(hub, 99, True, OFFICER)


def test_a_name_that_is_given_leaves_an_automatic_box_to_a_person(hub):
    first, second = give_codes(hub, 2, hostname="moulin")
    codes.set_automatic(hub, codes.lists(hub)[0].id, True, OFFICER)
    assert Asker().ask(hub, first).state == "accepted"
    assert Asker().ask(hub, second).state == "asked"


def test_a_school_that_lost_its_card_goes_on_with_its_recovery_code_and_without_another_code(hub):
    box = Asker()
    box.ask(hub, give_codes(hub, hostname="moulin"))
    deciding.accept(hub, [deciding.waiting(hub)[0].row], OFFICER)
    sign_all(hub)
    old = Asker.__new__(Asker)
    old.__dict__.update(box.__dict__, memory=type(box.memory)(box.memory.files))
    box.rekey()
    assert box.ask(hub).state == "accepted"
    with pytest.raises(OlderKey):
        old.ask(hub)
    (line,) = signing.waiting(hub)
    assert (line.what, line.record.root_version) == ("new-key", 2)
    sign_all(hub)
    assert listed(hub, "ac-test/moulin").root_version == 2


def test_two_computers_that_both_went_on_are_one_too_many(hub):
    import copy

    box = Asker()
    box.ask(hub, give_codes(hub))
    twin = copy.copy(box)
    twin.memory = type(box.memory)(box.memory.files)
    box.rekey()
    twin.rekey()
    box.ask(hub)
    with pytest.raises(ForkedKeys):
        twin.ask(hub)
    with hub.database.read() as connection:
        assert any(line.action == "enrol.fork" for line in audit.lines(connection))
    assert audit.verify(hub.database)


def test_a_school_without_its_sheet_begins_anew_under_its_old_name_when_a_person_says_so(hub):
    first, second = give_codes(hub, 2, hostname="moulin")
    lost, new = Asker(), Asker()
    lost.ask(hub, first)
    deciding.accept(hub, [deciding.waiting(hub)[0].row], OFFICER)
    sign_all(hub)
    new.ask(hub, second)
    row = deciding.waiting(hub)[0].row
    assert deciding.accept(hub, [row], OFFICER, replace=True) == ["ac-test/moulin"]
    sign_all(hub)
    record = listed(hub, "ac-test/moulin")
    assert record.epoch == 2
    assert record.root_sha256 == publisher.describe(new.memory, new.local, "x", "school").root_sha256
    assert lost.ask(hub).state == "refused"
    assert new.ask(hub).state == "accepted"


def test_a_request_comes_by_courier_weeks_late_and_twice(hub):
    box, code = Asker(), give_codes(hub)
    carried = box.filed(code)
    assert filed(hub, carried).state == "asked"
    assert filed(hub, carried).state == "asked"
    assert deciding.waiting(hub)[0].address_class == "by courier"


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"\xff", b"x" * 600_000, b'{"format":1,"kind":"edubox enrolment"}']
)
def test_a_file_that_is_no_request_is_refused(hub, data):
    with pytest.raises(BadInput):
        filed(hub, data)


def test_a_request_to_another_address_cannot_be_filed_as_one_to_enrol(hub):
    box = Asker()
    value = json.loads(box.filed(give_codes(hub)))
    with pytest.raises(BadInput):
        filed(hub, json.dumps(value | {"path": "/api/1/offers"}).encode())


def test_lists_of_codes_come_from_any_spreadsheet_and_say_what_is_wrong_in_them(hub):
    good, other = new_code(), new_code()
    text = f"Name,hostname,CODE\r\nÉcole A,,{good}\r\nÉcole B,,{good}\r\n,,{other}\r\nÉcole C,,{other[:-1]}{'0' if other[-1] != '0' else '1'}\r\n\r\n"
    done = codes.import_list(hub, NORTH, "liste", text.encode("cp1252"), OFFICER)
    assert done.new == 1
    assert [one.split(":")[0] for one in done.mistakes] == ["line 3", "line 4", "line 5"]
    again = codes.import_list(
        hub, NORTH, "liste", table([("École A", "", good), ("École D", "d", other)]), OFFICER
    )
    assert (again.new, again.known) == (1, 1)
    assert [(one.codes, one.used) for one in codes.lists(hub, NORTH)] == [(2, 0)]


@pytest.mark.parametrize("data", [b"", b"a;b\n1;2\n", b"\x00" * 10, b"name;code\n" * 3 + b"x" * 17_000_000])
def test_what_is_no_list_of_codes_is_refused(hub, data):
    with pytest.raises(BadInput):
        codes.import_list(hub, NORTH, "liste", data, OFFICER)
    assert not codes.lists(hub)


def test_everything_that_was_decided_is_in_the_audit(hub):
    box = Asker()
    box.ask(hub, give_codes(hub, hostname="moulin"))
    deciding.accept(hub, [deciding.waiting(hub)[0].row], OFFICER)
    sign_all(hub)
    with hub.database.read() as connection:
        done = [line.action for line in audit.lines(connection)]
    assert done == ["sign.enter", "enrol.accept", "enrol.ask", "codes.import"]
    assert audit.verify(hub.database)


def test_of_many_boxes_that_show_one_code_at_once_one_gets_in(hub):
    from concurrent.futures import ThreadPoolExecutor

    code, askers = give_codes(hub), [Asker() for _ in range(6)]

    def try_it(box):
        try:
            return box.ask(hub, code).state
        except UsedCode:
            return "used"

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(try_it, askers))
    assert sorted(said) == ["asked", *["used"] * 5]
    assert len(rows(hub)) == 1


def test_a_box_that_asks_many_times_at_once_is_one(hub):
    from concurrent.futures import ThreadPoolExecutor

    code, box = give_codes(hub), Asker()
    bodies = [(body := box.body(code), box.headers(body)) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(lambda one: box.ask(hub, body=one[0], headers=one[1]).state, bodies))
    assert said == ["asked"] * 6
    assert len(rows(hub)) == 1
