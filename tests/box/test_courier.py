"""The page where a phone brings lessons and takes some along: pieces, places, limits, and who may."""

from __future__ import annotations

import base64
import io
import json
import os
import time

import pytest
from werkzeug.test import EnvironBuilder

from edubox.box import courier as routes
from edubox.box.accounts import first
from edubox.box.app import create_app
from edubox.box.catalog import Catalogue
from edubox.box.setup import init
from edubox.cli import run
from edubox.errors import NoRoom
from edubox.store.incoming import MAX_BODY
from edubox.sync.carried import courier_shelf
from edubox.sync.carried.courier_shelf import KEPT, MOST, Shelf
from edubox.sync.carried.courier_source import PART_SIZE, members
from edubox.sync.enrolment import Enrolment, read_enrolment, write_enrolment
from edubox.trust.codes import new_code
from tests.box.desk_client import desk_of
from tests.box.school import settings
from tests.sync.carried.test_courier import carry
from tests.sync.country import PUBLISHER, Country, film, text

HOST = "box.local:8080"
ORIGIN = f"http://{HOST}"


class Keeper:
    """Remembers what it should run, and runs it when a test says so."""

    def __init__(self):
        self.queue = []

    def run(self, arguments):
        self.queue.append(arguments)
        return True

    def make_way(self, _wanted):
        """Nobody gives a lesson here."""

    def work(self):
        codes = [run(arguments) for arguments in self.queue]
        self.queue.clear()
        return codes


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    country = Country(tmp_path_factory.mktemp("country"))
    country.publish("lune", {"index.html": text(1, 4000)})
    country.publish(
        "film", {"index.html": text(2, 4000), "film.mp4": film(2, 600_000)}, frozenset({"film.mp4"})
    )
    return country


@pytest.fixture(scope="module")
def whole(tmp_path_factory, country):
    """The bytes of the one part that carries the country."""
    (part,) = carry(country, tmp_path_factory.mktemp("phone"))
    return part.read_bytes()


def make_box(folder, country):
    init(folder, country.root, [PUBLISHER], [], {"reserve_mb": 1})
    return folder


@pytest.fixture
def data(tmp_path, country):
    return make_box(tmp_path / "box", country)


@pytest.fixture(scope="module")
def still(tmp_path_factory, country):
    """The data folder of a box that refuses everything, and a client of its pages."""
    data = make_box(tmp_path_factory.mktemp("still") / "box", country)
    return data, coming_in(data, Keeper())


@pytest.fixture
def keeper():
    return Keeper()


@pytest.fixture
def client(data, keeper):
    return coming_in(data, keeper)


def coming_in(data, keeper, reserve_mb=1):
    client = create_app(data, settings(reserve_mb=reserve_mb), keeper).test_client()
    desk_of(client, data, "teacher")
    return client


def ask(client, method, path, *, origin=ORIGIN, **more):
    headers = {"Host": HOST, "Accept-Language": "fr"} | ({"Origin": origin} if origin else {})
    return client.open(f"/bureau/carry/{path}", method=method, headers=headers, **more)


def begin(client, data, name="a.zip", size=None):
    query = {"name": name, "size": str(len(data) if size is None else size), "stamp": "1"}
    return ask(client, "POST", "in", query_string=query)


def put(client, key, whole, at, end):
    query = {"size": str(len(whole)), "at": str(at)}
    return ask(client, "PUT", f"in/{key}", query_string=query, data=whole[at:end])


def hand_in(client, whole, name="a.zip", piece=200_000):
    told = begin(client, whole, name).get_json()
    at = told["at"]
    while at < len(whole):
        answer = put(client, told["key"], whole, at, at + piece)
        assert answer.status_code == 200
        at = answer.get_json()["at"]


def page(client):
    answer = ask(client, "GET", "", origin=None)
    assert answer.status_code == 200
    return answer.text


def lessons(data):
    return {one.slug: one.state for one in Catalogue(data).installed()}


def test_lessons_that_were_handed_in_by_pieces_can_be_read(client, keeper, data, whole):
    hand_in(client, whole)
    assert keeper.queue == [["courier", "import", "--handed-in", "--data", str(data)]]
    assert 'data-look="5"' in page(client)
    assert keeper.work() == [0]
    assert lessons(data) == {"lune": "ready", "film": "ready"}
    assert list((data / "courier" / "in").iterdir()) == []
    assert "2 " in page(client).partition('class="arrivals"')[2][:400]
    assert 'data-look="5"' not in page(client)


def test_a_cut_file_goes_on_where_it_was_also_after_a_restart(client, keeper, data, whole):
    key = begin(client, whole).get_json()["key"]
    assert put(client, key, whole, 0, 100_000).get_json() == {"at": 100_000}
    # The answer was lost, and the phone sends the same piece again.
    again = put(client, key, whole, 0, 100_000)
    assert (again.status_code, again.get_json()) == (409, {"at": 100_000})
    assert put(client, key, whole, 150_000, 160_000).status_code == 409
    anew = coming_in(data, keeper)
    assert begin(anew, whole).get_json() == {"key": key, "at": 100_000}
    hand_in(anew, whole)
    assert begin(anew, whole).get_json() == {"key": key, "at": len(whole)}
    assert put(anew, key, whole, 0, 10).status_code == 409
    keeper.work()
    assert lessons(data)["lune"] == "ready"


def test_what_waited_when_the_power_went_is_brought_in_after_the_restart(client, data, whole):
    hand_in(client, whole)
    later = Keeper()
    create_app(data, settings(reserve_mb=1), later)
    assert later.work() == [0]
    assert lessons(data)["lune"] == "ready"


def test_a_wrong_file_is_said_in_words_removed_and_spoils_nothing(client, keeper, data, tmp_path, whole):
    other = Country(tmp_path / "other")
    (foreign,) = carry(other, tmp_path / "foreign")
    for name, content in {
        "no.zip": b"PK nothing",
        "foreign.zip": foreign.read_bytes(),
        "ok.zip": whole,
    }.items():
        hand_in(client, content, name)
    assert set(keeper.work()) == {0}
    assert {one.code for one in Shelf(data, courier_shelf.Reserve()).results()} == {
        "",
        "bad-archive",
        "other-country",
    }
    assert lessons(data)["lune"] == "ready"
    assert list((data / "courier" / "in").iterdir()) == []
    shown = page(client)
    assert "bad-archive" not in shown
    assert shown.count("<li><div>") == 3


def test_a_file_that_was_changed_on_its_way_is_said_and_a_fresh_one_helps(
    client, keeper, data, whole, tmp_path
):
    (tmp_path / "part.zip").write_bytes(whole)
    changed = bytearray(whole)
    for member in members(tmp_path / "part.zip"):
        if member.name.startswith("bundles/"):
            changed[member.header + 30 + len(member.name) + member.size // 2] ^= 1
    hand_in(client, bytes(changed), "changed.zip")
    keeper.work()
    assert lessons(data) == {}
    assert Shelf(data, courier_shelf.Reserve()).results()[0].code == "hash-mismatch"
    assert "altéré en chemin" in page(client)
    hand_in(client, whole, "fresh.zip")
    keeper.work()
    assert lessons(data) == {"lune": "ready", "film": "ready"}


def test_more_than_announced_or_than_a_part_is_refused(client):
    key = begin(client, b"x" * 10).get_json()["key"]
    query = {"size": "10", "at": "0"}
    assert ask(client, "PUT", f"in/{key}", query_string=query, data=b"y" * 11).status_code == 422
    assert begin(client, b"", size=PART_SIZE + 1).status_code == 422
    assert begin(client, b"", size=0).status_code == 422
    assert begin(client, b"", size=PART_SIZE).status_code in {200, 422}
    for bad in ("-1", "x", "", "9" * 13, "²"):
        assert begin(client, b"", size=bad).status_code == 400


def test_only_a_few_files_are_on_their_way_at_once(client, data):
    assert [begin(client, b"x", f"{number}").status_code for number in range(MOST + 1)] == [200] * MOST + [
        422
    ]
    assert len(list((data / "courier" / "in").iterdir())) == MOST


def test_a_full_card_is_said_before_an_hour_of_handing_in(data, keeper):
    client = coming_in(data, keeper, reserve_mb=10**9)
    answer = begin(client, b"x" * 1000)
    assert answer.status_code == 422
    assert answer.get_json()["say"]


@pytest.mark.parametrize("key", ["../../keys/first", "..", "zz", "0" * 16, "%2e%2e", "a" * 500])
def test_names_from_outside_are_no_paths(still, key):
    data, client = still
    answer = ask(client, "PUT", f"in/{key}", query_string={"size": "5", "at": "0"}, data=b"hello")
    assert answer.status_code in {404, 405, 410}
    assert (data / "keys" / "first").read_text() == first.read(data)


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://box.local:8081", "https://box.local:8443"]
)
def test_only_our_own_page_may_hand_in_or_ask(still, origin):
    data, client = still
    assert (
        ask(client, "POST", "in", origin=origin, query_string={"name": "a", "size": "5"}).status_code == 403
    )
    assert (
        ask(client, "PUT", "in/" + "0" * 16, origin=origin, query_string={"size": "5", "at": "0"}).status_code
        == 403
    )
    assert ask(client, "POST", "out", origin=origin).status_code == 403
    assert ask(client, "POST", "out/remove", origin=origin).status_code == 403
    assert not (data / "courier").exists()


@pytest.mark.parametrize(
    ("path", "status"), [("", 303), ("carry.js", 303), ("edubox-list.json", 401), ("out/x", 303)]
)
def test_who_has_not_come_in_sees_no_such_page(still, path, status):
    stranger = create_app(still[0], settings()).test_client()
    assert stranger.get(f"/bureau/carry/{path}", base_url="https://box.local:8443").status_code == status


def test_the_list_says_what_this_school_has(client, keeper, whole):
    hand_in(client, whole)
    keeper.work()
    answer = ask(client, "GET", "edubox-list.json", origin=None)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    wanted = answer.get_json()
    assert wanted["follow"] == [PUBLISHER]
    assert len(wanted["have"]) == 2
    assert len(wanted["media"]) == 1


def test_lessons_are_taken_to_another_school_and_leave_after_two_days(
    client, keeper, data, country, tmp_path, whole
):
    hand_in(client, whole)
    keeper.work()
    assert ask(client, "POST", "out").status_code == 303
    assert 'data-look="5"' in page(client)
    assert keeper.work()[-1] == 0
    ((name, size),) = Shelf(data, courier_shelf.Reserve()).outgoing()
    assert name in page(client)
    answer = ask(client, "GET", f"out/{name}", origin=None)
    assert answer.headers["Content-Type"] == "application/zip"
    assert len(answer.data) == size
    rest = client.get(
        f"/bureau/carry/out/{name}",
        headers={"Host": HOST, "Range": "bytes=1000-", "If-Range": answer.headers["ETag"]},
    )
    assert (rest.status_code, rest.data) == (206, answer.data[1000:])
    other = tmp_path / "other"
    init(other, country.root, [PUBLISHER], [], {"reserve_mb": 1})
    (tmp_path / "got.zip").write_bytes(answer.data)
    assert run(["courier", "import", str(tmp_path / "got.zip"), "--data", str(other)]) == 0
    assert lessons(other) == lessons(data)
    past = time.time() - KEPT - 60
    os.utime(data / "courier" / "out" / name, (past, past))
    assert name not in page(client)
    assert ask(client, "GET", f"out/{name}", origin=None).status_code == 404


def test_with_the_other_school_s_list_only_what_is_missing_there_goes(client, keeper, data, whole):
    hand_in(client, whole)
    keeper.work()
    theirs = ask(client, "GET", "edubox-list.json", origin=None).data
    assert ask(client, "POST", "out", data={"list": (io.BytesIO(theirs), "x.json")}).status_code == 303
    keeper.work()
    ((name, size),) = Shelf(data, courier_shelf.Reserve()).outgoing()
    assert json.loads(theirs)["box"] in name
    assert size < len(whole) / 3
    assert ask(client, "POST", "out/remove").status_code == 303
    assert name not in page(client)


def test_a_file_that_is_no_list_is_said(client, keeper, data):
    ask(client, "POST", "out", data={"list": (io.BytesIO(b"{}"), "x.json")})
    keeper.work()
    assert Shelf(data, courier_shelf.Reserve()).results()[0].code
    assert "verdict note" in page(client)


@pytest.mark.parametrize("name", ["../in", "..%2f..%2fkeys%2fdesk", "asked.json", "edubox-x-y-1of1.zip"])
def test_nothing_but_the_parts_is_handed_out(client, data, name):
    (data / "courier" / "out").mkdir(parents=True)
    (data / "courier" / "out" / "other.zip").write_bytes(b"x")
    assert ask(client, "GET", f"out/{name}", origin=None).status_code == 404
    assert ask(client, "GET", "out/other.zip", origin=None).status_code == 404


def test_a_download_leaves_through_the_server_s_own_sending_of_files(data, keeper):
    app = coming_in(data, keeper).application
    (data / "courier" / "out").mkdir(parents=True)
    (data / "courier" / "out" / "edubox-tl-all-1of1.zip").write_bytes(b"x" * 1000)

    class Sending:
        def __init__(self, handle, _block):
            self.handle = handle

    environ = EnvironBuilder("/bureau/carry/out/edubox-tl-all-1of1.zip", base_url=ORIGIN).get_environ()
    body = app(environ | {"wsgi.file_wrapper": Sending}, lambda *_: None)
    assert isinstance(body, Sending)
    body.handle.close()


def test_a_card_that_is_full_when_files_are_asked_for_is_said(client, data, monkeypatch):
    def full(*_):
        raise NoRoom(path=data, reason="full")

    monkeypatch.setattr(courier_shelf, "write_atomic", full)
    assert ask(client, "POST", "out").status_code == 303


def test_what_nobody_came_back_for_leaves(client, data):
    begin(client, b"x" * 10)
    (half,) = (data / "courier" / "in").iterdir()
    page(client)
    assert half.exists()
    past = time.time() - KEPT - 60
    os.utime(half, (past, past))
    page(client)
    assert not half.exists()


def test_a_piece_fits_into_a_request_and_the_script_is_small():
    script = routes.SCRIPT.read_text("utf-8")
    assert "240 * 1024" in script
    assert MAX_BODY > 240 * 1024
    assert len(script.encode()) <= 6_000


def test_a_damaged_list_of_results_is_no_reason_to_fail(client, data):
    (data / "courier").mkdir()
    for odd in (b"x", b"[1]", b'[{"a":1}]', b"{}", b'[{"moment":1,"what":"in","code":"zz"}]', b"[" * 100_000,
                b'[{"moment":1,"what":"in","code":[]}]', b'[{"moment":1,"what":"in","lessons":"x"}]'):  # fmt: skip
        (data / "courier" / "results.json").write_bytes(odd)
        page(client)


def in_charge(data, role="admin", **said):
    client = create_app(data, settings(reserve_mb=1, **said), Keeper()).test_client()
    desk_of(client, data, role, name=role)
    return client


def test_who_carries_is_told_where_the_hub_takes_the_list_if_the_box_knows_it(tmp_path, country):
    data = make_box(tmp_path / "box", country)
    near = in_charge(data).get("/bureau/carry/", headers={"Host": HOST})
    assert "/courier/" not in near.text
    assert near.text.count('class="qr"') == 0
    far = in_charge(data, hub="https://hub.example.org/")
    page = far.get("/bureau/carry/", headers={"Host": HOST}).text
    assert 'href="https://hub.example.org/courier/"' in page
    assert page.count('class="qr"') == 1


def ask_for_request(client, **form):
    return client.post(
        "/bureau/carry/edubox-request.json", data=form, headers={"Host": HOST, "Origin": ORIGIN}
    )


def test_a_request_to_the_academy_is_a_file_for_who_is_in_charge_and_waits_for_a_code(data):
    client = in_charge(data)
    assert "edubox-request.json" in client.get("/bureau/carry/", headers={"Host": HOST}).text
    code = new_code()
    for typed in ("", code[:-1] + ("0" if code[-1] != "0" else "1")):
        refused = ask_for_request(client, code=typed)
        assert (refused.status_code, 'role="alert"' in refused.text) == (400, True)
    assert read_enrolment(data).state == ""
    made = ask_for_request(client, code=code.lower().replace("-", " "))
    assert made.headers["Content-Disposition"] == 'attachment; filename="edubox-request.json"'
    body = json.loads(base64.b64decode(json.loads(made.data)["body"]))
    assert (json.loads(made.data)["kind"], body["code"]) == ("edubox enrolment", code)
    assert read_enrolment(data).state == "asked"
    again = ask_for_request(client)
    assert json.loads(base64.b64decode(json.loads(again.data)["body"]))["code"] == code, "it is remembered"
    for role in ("teacher", "substitute"):
        other = in_charge(data, role)
        assert ask_for_request(other, code=code).status_code == 403
    assert (
        "edubox-request.json"
        not in in_charge(data, "teacher").get("/bureau/carry/", headers={"Host": HOST}).text
    )


def test_a_box_that_was_taken_in_asks_nothing_any_more(data):
    write_enrolment(data, Enrolment("accepted", "ac-nord/bourg"))
    client = in_charge(data)
    assert "edubox-request.json" not in client.get("/bureau/carry/", headers={"Host": HOST}).text
    assert ask_for_request(client, code=new_code()).status_code == 303


@pytest.mark.parametrize(
    ("code", "said"), [("", "The academy’s answer came."), ("other-box", "answer to another school")]
)
def test_what_became_of_an_answer_is_said(data, code, said):
    Shelf(data, courier_shelf.Reserve()).tell(courier_shelf.Result(time.time(), "answer", code))
    page = in_charge(data).get("/bureau/carry/?lang=en", headers={"Host": HOST})
    assert said in page.text
