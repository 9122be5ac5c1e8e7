"""Lists of one-time codes on the desk: looked at line by line, shown once, withdrawn, made anew; and only for one's own academy."""

from __future__ import annotations

import io
import re

import pytest

from edubox.hub.enrol import codes
from edubox.trust.codes import is_ours
from tests.hub.desk import world
from tests.hub.desk.client import entered

TABLE = "nom;hostname;code\nCollège Neuf;college-neuf;\nÉcole Ferry;;\n;sans-nom;\nLycée Sud;lycee-sud;AAAA-BBBB-CCCC\n"


@pytest.fixture
def marie(app, hub):
    return entered(app, hub, "marie", "officer", "ac-test")


def look(visitor, table=TABLE, name="Rentrée", academy="ac-test", days="90"):
    data = table if isinstance(table, bytes) else table.encode()
    form = {"name": name, "academy": academy, "days": days, "table": (io.BytesIO(data), "ecoles.csv")}
    return visitor.send("/bureau/codes/", form, content_type="multipart/form-data")


def carried(page):
    """What the page before the yes carries."""
    import html

    found = re.search(r'<textarea name="table" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    return html.unescape(found[1])


def take(visitor, table=TABLE, **more):
    page = look(visitor, table, **more).text
    form = {
        "name": more.get("name", "Rentrée"),
        "academy": "ac-test",
        "days": more.get("days", "90"),
        "table": carried(page),
    }
    return visitor.send("/bureau/codes/prendre/", form)


def shown(page):
    """The codes of the sheet."""
    return [
        "-".join(re.findall(r"<span>(\w+)</span>", groups))
        for groups in re.findall(r'<p class="groups">(.*?)</p>', page, re.DOTALL)
    ]


def test_a_table_is_looked_at_and_nothing_is_taken_yet(marie, hub):
    answer = look(marie)
    assert answer.status_code == 200
    for words in ("Collège Neuf", "ac-test/college-neuf", "ac-test/ecole-ferry", "Ligne 4", "Ligne 5"):
        assert words in answer.text, words
    assert codes.lists(hub) == []


def test_each_school_gets_a_code_that_lets_its_box_ask_and_the_sheet_is_shown_once(marie, hub):
    answer = take(marie)
    made = shown(answer.text)
    assert len(made) == 2
    assert all(is_ours(code) for code in made)
    (one,) = codes.lists(hub)
    assert (one.authority, one.name, one.codes, one.used) == ("ac-test", "Rentrée", 2, 0)
    for address in ("/bureau/codes/", f"/bureau/codes/{one.id}/"):
        assert not any(code in marie.get(address).text for code in made), (
            "the hub does not know them any more"
        )
    box = world.Asker("Collège Neuf", "college-neuf")
    assert box.ask(hub, made[0]).state == "asked"
    page = marie.get(f"/bureau/codes/{one.id}/?etat=used").text
    assert re.search(r"le 1\s+septembre\s+2026, par le boîtier de\s<a [^>]*><bdi>Collège Neuf", page), (
        "when, and by whom"
    )
    assert "Collège Neuf" in page
    assert "École Ferry" not in page


def test_the_same_yes_again_changes_nothing(marie, hub):
    page = look(marie).text
    form = {"name": "Rentrée", "academy": "ac-test", "days": "90", "table": carried(page)}
    first, second = (shown(marie.send("/bureau/codes/prendre/", form).text) for _ in range(2))
    assert first == second
    assert codes.lists(hub)[0].codes == 2


def test_the_table_comes_back_as_a_file_for_the_cards(marie):
    page = take(marie).text
    answer = marie.send("/bureau/codes/table/", {"table": carried(page)})
    assert answer.mimetype == "text/csv"
    assert [code for code in shown(page) if code in answer.text] == shown(page)


def test_a_lost_code_is_withdrawn_and_opens_nothing(marie, hub):
    made = shown(take(marie).text)
    (one,) = codes.lists(hub)
    [lost] = re.findall(
        r'retirer/">.*?value="([0-9a-f]{64})"', marie.get(f"/bureau/codes/{one.id}/?q=neuf").text
    )
    assert marie.send(f"/bureau/codes/{one.id}/retirer/", {"code": lost}).status_code == 303
    from edubox.hub.errors import ExpiredCode

    with pytest.raises(ExpiredCode):
        world.Asker("Collège Neuf", "college-neuf").ask(hub, made[0])
    assert marie.send(f"/bureau/codes/{one.id}/retirer/", {"code": lost}).status_code == 409
    answer = marie.send(f"/bureau/codes/{one.id}/autre/", {"code": lost})
    [fresh] = shown(answer.text)
    assert world.Asker("Collège Neuf", "college-neuf").ask(hub, fresh).state == "asked"


def test_what_is_no_table_is_said_and_takes_nothing(marie, hub):
    for table in (
        "",
        "x;y\n1;2\n",
        b"\xff\xfe\x00\x01" * 50,
        "name\n" + "École {}\n" * 5001,
        b"name\n" + b"a" * 1_100_000,
    ):
        assert look(marie, table).status_code == 400
    assert look(marie, name=" ").status_code == 400
    assert codes.lists(hub) == []


def test_two_schools_of_one_name_in_the_directory_are_seen_before(marie):
    page = look(marie, "name;hostname\nA;meme\nB;meme\n").text
    assert "Lignes 2 et 3" in page


def test_nobody_touches_another_academy_s_lists(app, marie, hub):
    take(marie, name="Automne")
    (one,) = codes.lists(hub)
    stranger = entered(app, hub, "paul", "officer", "ac-sud")
    place = f"/bureau/codes/{one.id}/"
    assert stranger.get(place).status_code == 403
    for act in ("retirer/", "autre/", "automatique/"):
        assert stranger.send(place + act, {"code": "0" * 64, "on": "yes"}).status_code == 403, act
    assert "Automne" not in stranger.get("/bureau/codes/").text
    assert look(stranger).status_code == 403, "a form that names another academy"
    reader = entered(app, hub, "rene", "reader", "ac-test")
    assert reader.get(place).status_code == 200
    assert "retirer/" not in reader.get(place).text
    assert reader.send(place + "automatique/", {"on": "yes"}).status_code == 403
    assert codes.lists(hub)[0].automatic is False


def test_a_list_of_a_whole_country_is_turned_page_by_page(app, hub):
    from edubox.hub.tables import codes as table

    marie = entered(app, hub, "marie", "ministry")
    codes.import_list(hub, "ac-test", "pays", b"name;code\nX;ANY-CODE-1\n", "m")
    rows = [
        {"hash": f"{n:064x}", "list": 1, "school": f"École {n:05}", "name": f"e{n}", "expires": None}
        for n in range(60_000)
    ]
    hub.database.change(lambda connection: connection.execute(table.insert(), rows))
    page = marie.get("/bureau/codes/1/?page=900")
    assert page.status_code == 200
    assert page.text.count("<tr>") <= codes.MAX_NAME
    assert len(page.text) < 150_000
