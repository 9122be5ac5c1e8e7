"""A real box and a real hub: asked over HTTP or by stick, taken in when the directory says so, and nothing changes for pupils."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from edubox.box.catalog import Catalogue
from edubox.box.health import Box, examine
from edubox.box.own import identity, takeover
from edubox.box.own.enrol import ask, ask_if_due
from edubox.box.setup import init
from edubox.hub.app import create_app
from edubox.hub.enrol import deciding, signing, status
from edubox.hub.enrol.carried import take
from edubox.publishing.country import renew
from edubox.settings import load_settings
from edubox.store.mirror_app import mirror_app
from edubox.sync.carried.exchange import exchange, prepare
from edubox.sync.enrolment import CODE, candidates, code_of, keep_code, read_enrolment
from edubox.sync.job import synchronise
from edubox.sync.opening import open_sources
from tests.hub.enrol.world import OFFICER, Asker, give_codes, sign_all
from tests.serving import serving
from tests.sync.country import Progress

MACHINE = "board 0001"


class School:
    """A box in a folder, on a computer of its own."""

    def __init__(self, folder, hub, address="", name="Collège Jean-Moulin"):
        self.data, self.hub = folder, hub
        root = (hub.mirror / "directory/metadata/1.root.json").read_bytes()
        init(
            folder,
            root,
            [],
            [address] if address else [],
            {"name": name, "reserve_mb": 0},
            machine=MACHINE,
            system=hub.clock(),
        )
        self.settings = load_settings(folder / "box.toml") | {"follow": ["ac-test/choix"]}

    def code(self):
        keep_code(self.data, give_codes(self.hub, school="Collège Moulin", hostname="moulin"))

    def ask(self, **options):
        return ask(self.data, self.settings, machine=MACHINE, system=self.hub.clock(), **options)

    def sync(self, source):
        return synchronise(
            self.data,
            open_sources(str(source)),
            self.settings,
            Catalogue(self.data),
            Progress(),
            self.hub.clock(),
        )

    @property
    def state(self):
        return read_enrolment(self.data).state


@pytest.fixture(autouse=True)
def today(hub, clock):
    """A box believes no time before its program was made."""
    clock.forward(days=91)
    renew(hub.data, clock())


@pytest.fixture
def address(hub):
    api, mirror = create_app(hub), mirror_app(hub.mirror)

    def both(environ, start):
        return (api if environ["PATH_INFO"].startswith("/api/") else mirror)(environ, start)

    with serving(both) as url:
        yield url


@pytest.fixture
def school(tmp_path, hub, address):
    return School(tmp_path / "box", hub, address)


def accept_all(hub):
    return deciding.accept(hub, [one.row for one in deciding.waiting(hub)], OFFICER)


def test_a_box_asks_by_itself_and_is_taken_in_when_the_directory_says_so(school, hub, clock, address):
    school.code()
    assert ask_if_due(school.data, school.settings, machine=MACHINE, system=clock()).state == "asked"
    assert deciding.waiting(hub)[0].label == "Collège Jean-Moulin"
    assert ask_if_due(school.data, school.settings, machine=MACHINE, system=clock()) is None, (
        "it waits before it asks again"
    )
    assert accept_all(hub) == ["ac-test/moulin"]
    clock.forward(hours=12)
    assert ask_if_due(school.data, school.settings, machine=MACHINE, system=clock()).state == "promised"
    school.sync(address)
    assert school.state == "promised", "a hub's word alone lets nobody in"
    sign_all(hub)
    school.sync(address)
    known = read_enrolment(school.data)
    assert (known.state, known.id) == ("accepted", "ac-test/moulin")
    assert known.since == int(clock().timestamp())
    assert not (school.data / "keys" / CODE).exists()
    clock.forward(days=30)
    assert ask_if_due(school.data, school.settings, machine=MACHINE, system=clock()) is None


def test_on_the_box_nothing_is_renamed(school, hub, clock, address):
    own = identity.read(school.data)
    school.code()
    school.ask()
    accept_all(hub)
    sign_all(hub)
    school.ask()
    school.sync(address)
    assert school.state == "accepted"
    assert identity.read(school.data) == own
    assert not (school.data / "mirror/publishers/ac-test/moulin").exists()
    school.settings["follow"] = ["ac-test/moulin"]
    school.sync(address)
    assert not (school.data / "mirror/publishers/ac-test/moulin").exists(), (
        "it does not fetch its own lessons"
    )


def test_a_hub_that_promises_another_schools_name_lets_nobody_in(school, hub, address):
    other = Asker()
    other.ask(hub, give_codes(hub, name="andere", hostname="autre"))
    accept_all(hub)
    sign_all(hub)
    school.code()
    school.ask()
    note = json.loads((school.data / "enrolment.json").read_text())
    (school.data / "enrolment.json").write_text(
        json.dumps(note | {"state": "promised", "id": "ac-test/autre"})
    )
    school.sync(address)
    assert school.state == "promised"


def test_a_refused_box_says_why_and_asks_again_with_another_code(school, hub, clock):
    school.code()
    school.ask()
    deciding.refuse(hub, deciding.waiting(hub)[0].row, "This code was for the lycée.", OFFICER)
    known = school.ask()
    assert (known.state, known.reason) == ("refused", "This code was for the lycée.")
    (finding,) = examine(Box(school.data, school.settings), ["enrolment"])
    assert finding.finding.level == "warning"
    assert "lycée" in finding.finding.sentence
    keep_code(school.data, give_codes(hub, name="second"))
    assert ask_if_due(school.data, school.settings, machine=MACHINE, system=clock()).state == "asked"


def test_a_wrong_code_is_told_in_the_hubs_words(school):
    keep_code(school.data, "K7QM-3XWD-9RTA")
    known = school.ask()
    assert known.state == "refused"
    assert "slip" in known.reason or "knows" in known.reason


def test_a_box_without_a_code_asks_nobody(school, hub, clock):
    assert ask_if_due(school.data, school.settings, machine=MACHINE, system=clock()) is None
    assert not deciding.waiting(hub)
    assert examine(Box(school.data, school.settings), ["enrolment"]) == []


def test_a_hub_that_does_not_answer_costs_nothing(tmp_path, hub, clock):
    school = School(tmp_path / "box", hub, "http://127.0.0.1:9/")
    school.code()
    assert ask_if_due(school.data, school.settings, machine=MACHINE, system=clock()).state == "asked"
    assert 0 < read_enrolment(school.data).next - clock().timestamp() < 6000
    assert code_of(school.data)


def test_a_computer_that_may_not_sign_does_not_ask(school, clock):
    school.code()
    assert ask_if_due(school.data, school.settings, machine="board 9999", system=clock()) is None


def test_without_a_line_a_stick_carries_the_request_and_the_answer(tmp_path, hub, clock):
    school = School(tmp_path / "box", hub)
    school.code()
    assert (
        ask_if_due(school.data, school.settings, line=False, machine=MACHINE, system=clock()).state == "asked"
    )
    stick = tmp_path / "stick"
    stick.mkdir()
    root = (hub.mirror / "directory/metadata/1.root.json").read_bytes()
    prepare(stick, root, hub.mirror, Progress())

    def visit():
        return exchange(
            school.data, stick, "edubox-1a2b3c", school.settings, Catalogue(school.data), Progress(), clock()
        )

    visit()
    assert take(hub, stick) == {"edubox-1a2b3c.json": "asked"}
    accept_all(hub)
    sign_all(hub)
    clock.forward(hours=1)
    assert take(hub, stick) == {"edubox-1a2b3c.json": "accepted ac-test/moulin"}
    prepare(stick, root, hub.mirror, Progress())
    visit()
    assert (school.state, read_enrolment(school.data).id) == ("accepted", "ac-test/moulin")
    (stick / "edubox/enrolments/edubox-1a2b3c.answer.json").write_bytes(b"[" * 10_000)
    visit()
    assert school.state == "accepted"


def test_without_an_answer_the_box_looks_under_the_name_that_it_asked_for(tmp_path, hub, clock):
    school = School(tmp_path / "box", hub, name="Moulin")
    assert candidates(school.data, school.settings) == []
    school.code()
    school.ask()
    assert candidates(school.data, school.settings) == ["ac-test/moulin"]
    (request,) = [json.loads((school.data / "enrolment-request.json").read_text())]
    from edubox.hub.enrol.api import filed

    filed(hub, json.dumps(request).encode())
    accept_all(hub)
    sign_all(hub)
    school.sync(hub.mirror)
    assert school.state == "accepted"


def test_a_suspended_box_knows_it_from_the_directory_and_serves_on(school, hub, clock, address):
    school.code()
    school.ask()
    accept_all(hub)
    sign_all(hub)
    school.ask()
    school.sync(address)
    status.suspend(hub, "ac-test/moulin", OFFICER)
    clock.forward(hours=1)
    sign_all(hub)
    school.sync(address)
    assert school.state == "suspended"
    status.resume(hub, "ac-test/moulin", OFFICER)
    clock.forward(hours=1)
    sign_all(hub)
    school.sync(address)
    assert school.state == "accepted"


def test_a_new_card_goes_on_as_the_same_school_by_itself(school, hub, clock, address):
    school.code()
    school.ask()
    accept_all(hub)
    sign_all(hub)
    school.ask()
    school.sync(address)
    code = identity.unprinted_code(school.data, identity.read(school.data))
    clock.forward(days=1)
    takeover.replaced_card(school.data, code, [], machine="board 0002", system=clock())
    assert ask_if_due(school.data, school.settings, machine="board 0002", system=clock()) is not None
    (line,) = signing.waiting(hub)
    assert (line.what, line.record.root_version) == ("new-key", 2)
    sign_all(hub)
    school.sync(address)
    assert school.state == "accepted"
    clock.forward(days=40)
    assert ask_if_due(school.data, school.settings, machine="board 0002", system=clock()) is None


def test_a_card_gives_its_code_to_the_box_until_it_is_taken_in(school, hub, tmp_path, address):
    from edubox.box.provision import provision

    code = give_codes(hub, school="Collège Moulin", hostname="moulin")
    provision(school.data, tmp_path, {}, {}, code=code)
    assert code_of(school.data) == code
    assert (school.data / "keys" / CODE).stat().st_mode & 0o077 == 0
    school.ask()
    accept_all(hub)
    sign_all(hub)
    school.ask()
    school.sync(address)
    provision(school.data, tmp_path, {}, {}, code=code)
    assert code_of(school.data) == ""


def test_a_copy_that_becomes_a_box_of_its_own_is_not_the_school_that_was_taken_in(
    school, hub, clock, address
):
    school.code()
    school.ask()
    accept_all(hub)
    sign_all(hub)
    school.ask()
    school.sync(address)
    takeover.second_box(school.data, machine="board 0003", system=clock())
    assert school.state == ""
    assert candidates(school.data, school.settings) == []


def test_a_box_whose_name_was_given_to_another_one_says_so(school, hub, clock, address):
    school.code()
    school.ask()
    accept_all(hub)
    sign_all(hub)
    school.ask()
    school.sync(address)
    new = Asker()
    new.ask(hub, give_codes(hub, name="new", hostname="moulin"))
    deciding.accept(hub, [deciding.waiting(hub)[0].row], OFFICER, replace=True)
    clock.forward(hours=1)
    sign_all(hub)
    school.sync(address)
    assert school.state == "refused"
    assert "another box" in read_enrolment(school.data).reason


def test_a_school_that_moved_follows_its_record(school, hub, clock, address):
    school.code()
    school.ask()
    accept_all(hub)
    sign_all(hub)
    school.ask()
    school.sync(address)
    status.move(hub, "ac-test/moulin", "ac-sud/moulin", OFFICER)
    for _ in range(2):
        clock.forward(hours=1)
        sign_all(hub)
    school.sync(address)
    assert (school.state, read_enrolment(school.data).id) == ("accepted", "ac-sud/moulin")


@pytest.mark.parametrize(
    "note",
    [
        "",
        "{",
        "[]",
        '{"format":1,"state":"x"}',
        '{"format":1,"state":"accepted","id":"../x","reason":"","asked":0,"since":0,"next":0,"version":0}',
    ],
)
def test_a_damaged_note_is_no_note(school, note):
    (school.data / "enrolment.json").write_text(note)
    assert read_enrolment(school.data).state == ""


def test_the_clock_of_a_box_that_jumped_back_does_not_keep_it_waiting(school, hub, clock):
    school.code()
    school.ask()
    note = json.loads((school.data / "enrolment.json").read_text())
    far = int((clock() + timedelta(days=4000)).timestamp())
    (school.data / "enrolment.json").write_text(json.dumps(note | {"next": far}))
    assert ask_if_due(school.data, school.settings, machine=MACHINE, system=clock()) is not None


def test_the_api_answers_in_json_whatever_comes(address):
    import urllib3

    http = urllib3.PoolManager()
    url = f"{address.rstrip('/')}/api/1/enrolments"
    for method, body in (
        ("GET", b""),
        ("POST", b""),
        ("POST", b"{"),
        ("POST", b"x" * 400_000),
        ("DELETE", b""),
    ):
        answer = http.request(method, url, body=body)
        assert answer.status in {400, 401, 405, 413}
        assert set(answer.json()) >= {"error", "message"}


def test_a_box_asks_how_far_it_is_with_a_signed_get(school, hub, address):
    from edubox.sync.api import HubApi

    school.code()
    school.ask()
    own = identity.read(school.data)
    signer = identity.workplace(school.data).signer(f"{own.prefix}/writer", MACHINE)
    said = HubApi(address, school.data, signer, datetime.now(UTC)).call("GET", "enrolments").json()
    assert said["state"] == "asked"
    assert said["poll"] >= 6 * 3600
