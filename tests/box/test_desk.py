"""The desk as a browser meets it: who gets in, what its buttons do, and what never leaves."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edubox.box import checkup as checkup_module
from edubox.box.app import create_app
from edubox.box.keeper import BACKING_OFF, READERS, WAITING, KeeperState
from edubox.pages.assets import asset
from edubox.sync.curtain import Curtain, read_opened, write_curtains
from edubox.sync.pacing.usage import Usage, UsageFile
from edubox.sync.pinned import read_floor
from edubox.sync.status import ENDED, Coming, StatusFile
from edubox.sync.urgent import read_urgent
from tests.box.desk_client import desk_of
from tests.box.school import School, page, settings

ROOT = Path(__file__).parents[2]
HOST = "box.local:8080"
LESSON = "ministry/test/volcans"


class Keeper:
    """Remembers what it was told, and stands as it is told to."""

    def __init__(self):
        self.told = []
        self.stands = KeeperState("", None, time.time() + 3600, WAITING)

    def now(self):
        self.told.append("now")
        self.stands = KeeperState("", None, time.time(), "")

    def pause(self, until=None):
        self.told.append(("pause", until))
        self.stands = KeeperState("", math.inf if until is None else until, None, "paused")

    def resume(self):
        self.told.append("resume")
        self.stands = KeeperState("", None, time.time() + 3600, WAITING)

    def run(self, arguments):
        self.told.append(("run", arguments))
        return True

    def make_way(self, _wanted):
        """Nobody gives a lesson here."""

    def state(self):
        return self.stands


@pytest.fixture
def school(tmp_path):
    school = School(tmp_path / "box")
    school.add("volcans", {"index.html": page("Volcans")}, title="Les volcans")
    return school


@pytest.fixture
def keeper():
    return Keeper()


def coming_in(school, keeper=None, role="admin", **chosen):
    client = create_app(school.data, settings(**chosen), keeper).test_client()
    desk_of(client, school.data, role, name=role)
    return client


@pytest.fixture
def client(school, keeper):
    return coming_in(school, keeper)


def get(client, path="", **headers):
    return client.get(f"/bureau/arriving/{path}", headers={"Host": HOST, "Accept-Language": "fr", **headers})


def post(client, origin=f"http://{HOST}", **form):
    headers = {"Host": HOST, "Accept-Language": "fr"} | ({"Origin": origin} if origin else {})
    return client.post("/bureau/arriving/", data=form, headers=headers)


def fetching(school, ended=False, code="", sentence=""):
    """What a synchronisation under way has written."""
    status = StatusFile(school.data)
    status.now.phase = ENDED if ended else "media"
    status.now.what, status.now.done, status.now.total = "Les volcans", 3_000_000, 10_000_000
    status.now.received = {"hub": 900, "stick": 3_000_000, "own": 50}
    status.now.coming = [Coming(LESSON, "Les volcans", "waiting", 3_000_000, 10_000_000)]
    status.now.code, status.now.sentence = code, sentence
    status.tell(at_once=True)


# --- who gets in: tests/box/accounts/test_guard.py ---


@pytest.mark.parametrize("path", ["arriving", "sheet", "carry", "classes"])
def test_a_missing_last_stroke_is_added(client, path):
    answer = client.get(f"/bureau/{path}", headers={"Host": HOST})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/bureau/{path}/")


@pytest.mark.parametrize(
    "origin", [None, "null", "http://box.local:8081", "http://evil.example", "https://box.local:8443", ""]
)
def test_a_form_of_another_site_or_of_a_lesson_changes_nothing(client, keeper, origin):
    assert post(client, origin=origin, action="pause").status_code == 403
    assert not keeper.told


def test_the_page_keeps_to_itself(client):
    answer = get(client)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "same-origin", "no-referrer would make a form's origin null"
    assert 'name="referrer" content="same-origin"' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy, "nothing of a lesson comes into a page with a session"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert not answer.headers.get("Set-Cookie")


def test_script_and_stylesheet_are_kept_for_a_year_under_the_name_of_their_content(client):
    for loaded in (asset("desk.js"), asset("desk.css")):
        answer = client.get(loaded.address, headers={"Host": HOST})
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.mimetype == loaded.media_type
        old = client.get(loaded.address.replace("desk-", "desk-0"), headers={"Host": HOST})
        assert (old.status_code, old.headers["Cache-Control"]) == (200, "no-cache")


# --- what it says ---


def test_a_new_box_says_that_it_waits_for_its_first_lessons(tmp_path):
    answer = get(coming_in(School(tmp_path / "new", country=None)))
    assert "n’a pas encore de leçons" in answer.text
    assert 'value="pause"' not in answer.text, "nobody is there who could pause"


def test_what_a_synchronisation_writes_is_what_the_page_shows(client, school):
    fetching(school)
    assert "Des leçons arrivent" in get(client).text
    state = get(client, "state.json").json
    assert (state["share"], state["texts"]["what"]) == (300, "Les volcans")
    assert state["texts"]["amount"].replace("\xa0", " ") == "3,0 Mo sur 10 Mo"


def test_what_moves_is_small_not_kept_and_about_nobody(client, school):
    fetching(school, code="unreachable", sentence=f"{school.data} of 192.168.1.7 cannot be reached")
    answer = get(client, "state.json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/json"
    assert len(answer.data) < 1500
    assert answer.json.keys() == {"texts", "share", "version"}
    assert "192.168" not in answer.text
    assert str(school.data) not in answer.text


def test_the_month_and_the_last_success_are_counted_from_what_was_kept(client, school):
    usage = UsageFile(school.data, read_floor(school.data))
    usage.add("hub", 12_000_000)
    usage.add("neighbour", 300_000_000)
    usage.add("own", 999_000_000)
    usage.went_well(["hub"])
    fetching(school, ended=True)
    text = get(client).text.replace("\xa0", " ")
    assert '<span id="line">12 Mo</span>' in text
    assert '<span id="near">300 Mo</span>' in text
    assert "à l’instant" in text
    assert "par une clé" in text


@pytest.mark.parametrize(
    ("stands", "chosen", "said"),
    [
        (("", None, 1.0, READERS), {}, "20 minutes sans lecture"),
        (("", None, None, "off"), {}, "que si on le lui demande"), (("", None, None, "no-source"), {}, "pas de ligne"),
        (("", None, 1.0, BACKING_OFF), {}, "Le dernier essai a échoué"), (("scrub", None, 1.0, WAITING), {}, "vérifie sa carte"),
        (("stick", None, 1.0, WAITING), {}, "travaille avec une clé"), (("", math.inf, None, "paused"), {}, "En pause"),
        (("", None, 1.0, ""), {}, "dans un instant"), (("", None, 1.0, WAITING), {"month_mb": 1}, "mois est épuisé"),
        (("", None, 1.0, WAITING), {"day_mb": 1}, "jour est épuisé"),
        (("", None, 1.0, WAITING), {"metered": True}, "se paie au volume"),
    ],
)  # fmt: skip
def test_why_nothing_is_fetched_is_said_in_words(school, keeper, stands, chosen, said):
    today = time.strftime("%Y-%m-%d")
    counts = Usage(
        days={today: {"hub": 2_000_000}}, months={today[:7]: {"hub": 2_000_000}}, success_at=time.time()
    )
    usage = UsageFile(school.data, read_floor(school.data))
    usage.usage = counts
    usage.write()
    fetching(school, ended=True, code="postponed", sentence="The rest comes later.")
    keeper.stands = KeeperState(*stands)
    text = get(coming_in(school, keeper, **chosen)).text
    assert said in text


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"coming": 3}',
        b'{"began": null}',
        b'{"coming": [{"pack": 1, "title": 2, "state": 3, "done": "", "total": []}]}',
        b"\xff" * 100,
        b"[" * 100_000,
        b'{"began": 1%s, "updated": 1%s}' % (b"0" * 400, b"0" * 400),
        b'{"format": 1, "months": {"2026-11": {"hub": 1%s}}}' % (b"0" * 400),
        b'{"what": "\\ud800"}',
    ],
    ids=lambda data: repr(data[:20]),
)
def test_a_damaged_status_is_no_reason_to_show_nothing(client, school, damage):
    (school.data / "staging" / "status.json").write_bytes(damage)
    (school.data / "usage.json").write_bytes(damage)
    (school.data / "urgent.json").write_bytes(damage)
    assert get(client).status_code == 200


def test_the_language_is_chosen_and_kept(client):
    assert "Lessons on their way" in get(client, **{"Accept-Language": "en"}).text
    text = get(client, "?lang=en").text
    assert "Lessons on their way" in text
    assert 'action="/bureau/arriving/?lang=en"' in text
    assert "/bureau/carry/?lang=en" in text
    assert "Leçons en route" in get(client, "?lang=xx").text


# --- what its buttons do ---


def test_pause_shows_at_once_and_can_be_taken_back(client, keeper):
    answer = post(client, action="pause")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bureau/arriving/")
    assert "En pause, comme demandé" in get(client).text
    assert 'value="resume"' in get(client).text
    post(client, action="resume")
    assert 'value="pause"' in get(client).text
    assert keeper.told == [("pause", None), "resume"]


def test_a_pause_is_seen_before_the_work_under_way_has_ended(client, school):
    fetching(school)
    assert "<progress" in get(client).text
    post(client, action="pause")
    text = get(client).text
    assert "En pause, comme demandé" in text
    assert "<progress" not in text


def test_a_run_that_has_begun_and_said_nothing_yet_is_about_to_begin(client, keeper):
    keeper.stands = KeeperState("sync", None, None, "")
    assert "dans un instant" in get(client).text


def test_a_pause_until_the_morning_ends_at_six_tomorrow_by_the_box_s_clock(client, keeper):
    post(client, action="pause-morning")
    ((_, until),) = keeper.told
    end = datetime.fromtimestamp(until).astimezone()
    assert (end.hour, end.minute, end.date()) == (
        6,
        0,
        (datetime.now().astimezone() + timedelta(days=1)).date(),
    )
    assert "Jusqu’à demain à 6 h 00." in get(client).text.replace("\xa0", " ")


def test_now_is_seen_at_once(client, keeper):
    post(client, action="now")
    assert keeper.told == ["now"]
    assert "dans un instant" in get(client).text


def test_a_lesson_needed_tomorrow_comes_first_until_that_is_taken_back(client, school):
    fetching(school)
    post(client, action="urgent", lesson=LESSON)
    assert read_urgent(school.data) == [LESSON]
    assert "passe en premier" in get(client).text
    post(client, action="not-urgent", lesson=LESSON)
    assert read_urgent(school.data) == []
    assert "passe en premier" not in get(client).text


def test_a_teacher_opens_a_lesson_before_its_day(client, school, keeper):
    assert "attendent leur jour" not in get(client).text
    write_curtains(school.data, [Curtain(LESSON, 3, "Les volcans", int(time.time()) + 3 * 86_400)])
    page = get(client).text
    assert "Elles attendent leur jour" in page
    assert "Ouvrir maintenant" in page
    for lesson in ("ministry/test/autre", LESSON):
        assert post(client, action="open", lesson=lesson).status_code == 303
    assert read_opened(school.data) == {f"{LESSON}@3"}
    assert ("run", ["sync", "--here", "--data", str(school.data), "--json"]) in keeper.told
    assert "dans un instant" in get(client).text


def test_a_lesson_that_is_not_whole_yet_is_not_said_to_be_here(client, school):
    write_curtains(school.data, [Curtain(LESSON, 3, "Les volcans", int(time.time()) + 3 * 86_400, ready=False)])  # fmt: skip
    assert "attendent leur jour" not in get(client).text


@pytest.mark.parametrize(
    "lesson", ["", "../../etc/passwd", "a/b", "x" * 100_000, "ministry/test/<script>", "\x00"]
)
def test_what_is_no_lesson_is_not_wished_for(client, school, lesson):
    assert post(client, action="urgent", lesson=lesson).status_code == 303
    assert read_urgent(school.data) == []


def test_a_teacher_says_what_comes_first_and_an_administrator_when(school, keeper):
    teacher = coming_in(school, keeper, "teacher")
    fetching(school)
    assert post(teacher, action="urgent", lesson=LESSON).status_code == 303
    assert read_urgent(school.data) == [LESSON]
    assert 'value="pause"' not in get(teacher).text
    for action in ("pause", "pause-morning", "now", "resume"):
        assert post(teacher, action=action).status_code == 400
    assert teacher.get("/bureau/boitier/", headers={"Host": HOST}).status_code == 403
    assert not keeper.told


@pytest.mark.parametrize("action", ["", "erase", "__init__", "urgent\x00"])
def test_there_are_no_other_actions(client, keeper, action):
    assert post(client, action=action).status_code == 400
    assert not keeper.told


def test_looking_never_changes_anything(client, school, keeper):
    before = sorted(
        (path, path.stat().st_mtime_ns) for path in school.data.rglob("*") if "box.db" not in path.name
    )
    get(client)
    get(client, "state.json")
    get(client, "?action=pause")
    assert not keeper.told
    assert before == sorted(
        (path, path.stat().st_mtime_ns) for path in school.data.rglob("*") if "box.db" not in path.name
    )


# --- a closer look ---


def test_a_closer_look_shows_the_doctor_s_checks(client, school, monkeypatch):
    said = {
        "state": "warning",
        "checks": [{"name": "clock", "level": "warning", "says": "The clock says <1970>."}],
    }
    asked = []

    def run(command, **_):
        asked.append(command)
        return subprocess.CompletedProcess(command, 1, json.dumps(said).encode(), b"")

    monkeypatch.setattr(checkup_module.subprocess, "run", run)
    text = client.get("/bureau/boitier/", headers={"Host": HOST, "Accept-Language": "fr"}).text
    assert "The clock says &lt;1970&gt;." in text
    assert "à faire" in text
    assert asked == [[sys.executable, "-m", "edubox", "doctor", "--json", "--data", str(school.data)]]


def test_a_closer_look_that_takes_too_long_says_so_and_a_second_one_does_not_wait(
    client, school, monkeypatch
):
    def slow(command, timeout, **_):
        assert checkup_module.checkup(school.data) == [], "one at a time"
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(checkup_module.subprocess, "run", slow)
    assert (
        "Revenez dans une minute"
        in client.get("/bureau/boitier/", headers={"Host": HOST, "Accept-Language": "fr"}).text
    )


def test_the_desk_needs_no_heavy_library_and_that_of_passwords_only_when_somebody_comes_in(school):
    code = f"""
import sys
from pathlib import Path
from edubox.box.app import create_app
from tests.box.desk_client import desk_of
from tests.box.school import settings
client = create_app(Path({str(school.data)!r}), settings()).test_client()
assert client.get("/bureau/entrer/", base_url="https://{HOST}").status_code == 303
assert client.get("/bureau/premier/", base_url="https://{HOST}").status_code == 200
assert "argon2" not in sys.modules
desk_of(client, Path({str(school.data)!r}))
for path in ("arriving/", "arriving/state.json", "classes/", "carry/"):
    assert client.get("/bureau/" + path, headers={{"Host": "{HOST}"}}).status_code == 200
heavy = {{"tuf", "cryptography", "sqlite_utils", "securesystemslib", "PIL", "pypdf", "lxml"}} & {{name.partition(".")[0] for name in sys.modules}}
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)
