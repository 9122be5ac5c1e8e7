"""The pages of the desk: what strangers wrote is shown as text, forms do what they say, a country's size costs nothing."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from sqlalchemy import update

from edubox.hub.desk import schools
from edubox.hub.enrol import deciding, signing
from edubox.hub.review import arrivals
from edubox.hub.tables import arrivals as arrival_table
from edubox.hub.tables import audit as audit_table
from edubox.hub.tables import boxes
from tests.hub.desk import world
from tests.hub.desk.client import entered
from tests.hub.desk.world import HOSTILE

PAGES = (
    "", "inscriptions/", "inscriptions/1/", "ecoles/", "ecoles/ac-test/college-moulin/", "relecture/", "relecture/1/", "parutions/",
    "codes/", "codes/1/", "alertes/", "abonnements/", "mouvements/", "rappels/", "relecture/1/rappeler/", "signatures/", "ecoles/ac-test/college-moulin/vol/",
    "journal/", "personnes/", "moi/", "aide/",
)  # fmt: skip


class Reader(HTMLParser):
    """Reads a page as a browser does, and keeps what could run."""

    def __init__(self):
        super().__init__()
        self.odd = []

    @classmethod
    def found(cls, text):
        reader = cls()
        reader.feed(text)
        return reader.odd

    def handle_starttag(self, tag, attrs):
        running = [
            name
            for name, value in attrs
            if name.startswith("on")
            or name == "style"
            or (value or "").strip().lower().startswith("javascript:")
        ]
        if (
            running
            or tag in {"img", "object", "embed", "base"}
            or (tag == "script" and not dict(attrs).get("src", "").startswith("/bureau/"))
        ):
            self.odd.append((tag, attrs))


@pytest.fixture
def marie(app, hub):
    return entered(app, hub, "marie", "ministry")


@pytest.fixture
def full(app, hub, tmp_path, marie):
    """A hub with something on every page."""
    world.ask(hub, "Collège Neuf", name="college-neuf")
    world.offer(hub, app, world.school(hub, tmp_path))
    return marie


def test_what_strangers_wrote_is_text_on_every_page(full, hub):
    def spoil(connection):
        connection.execute(
            update(boxes).values(label=HOSTILE, school=HOSTILE, reason=HOSTILE, address_class=HOSTILE[:20])
        )
        connection.execute(
            update(arrival_table).values(name=HOSTILE, label=HOSTILE, author=HOSTILE, language='"><script>')
        )
        connection.execute(
            update(audit_table).values(actor=HOSTILE, subject=HOSTILE, detail=HOSTILE, action="<script>")
        )
        arrivals.remark(connection, 1, "x", HOSTILE, 1)

    hub.database.change(spoil)
    full.send("/bureau/personnes/", {"login": "eve", "name": HOSTILE[:120], "role": "reader"})
    seen = 0
    for page in PAGES:
        answer = full.get(f"/bureau/{page}")
        assert answer.status_code == 200, page
        assert "<script>alert" not in answer.text, page
        assert "<img src=x" not in answer.text, page
        assert Reader.found(answer.text) == [], page
        seen += answer.text.count("&lt;script&gt;")
    assert seen > 8, "the hostile words are there, as words"
    for sought in ("/bureau/ecoles/?q=", "/bureau/inscriptions/?q=", "/bureau/journal/?qui="):
        assert "<script>" not in full.get(sought + "%3Cscript%3E").text


def test_every_page_has_a_policy_that_lets_nothing_else_in(full):
    for page in PAGES:
        headers = full.get(f"/bureau/{page}").headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
    odd = full.get("/bureau/", headers={"Host": "x;script-src *"})
    assert "script-src *" not in odd.headers.get("Content-Security-Policy", "")


def test_an_officer_accepts_many_at_once_and_reads_what_to_do_next(full, hub):
    world.ask(hub, "Lycée Sud", name="lycee-sud")
    rows = [one.row for one in deciding.waiting(hub)]
    answer = full.send("/bureau/inscriptions/accepter/", {"row": [str(row) for row in rows]}, follow=True)
    assert answer.status_code == 200
    assert "/bureau/signatures/" in answer.text
    assert f"edubox academy sign --data {hub.data}" in full.get("/bureau/signatures/").text
    assert {line.record.id for line in signing.waiting(hub)} == {"ac-test/college-neuf", "ac-test/lycee-sud"}
    again = full.send("/bureau/inscriptions/accepter/", {"row": [str(rows[0])]})
    assert again.status_code == 409, "in a second tab, whose list is older"


def test_a_school_under_another_name_or_for_a_lost_box_is_accepted_by_itself(full, hub):
    taken = world.ask(hub, "Collège Moulin", name="college-moulin")
    row = next(one.row for one in deciding.waiting(hub) if one.sheet == taken.local)
    answer = full.send("/bureau/inscriptions/accepter/", {"row": str(row)})
    assert answer.status_code == 409
    assert "ac-test/college-moulin" in answer.text
    assert (
        full.send("/bureau/inscriptions/accepter/", {"row": str(row), "name": "Autre Nom"}).status_code == 409
    )
    assert (
        full.send("/bureau/inscriptions/accepter/", {"row": str(row), "name": "autre-college"}).status_code
        == 303
    )
    assert deciding.one(hub, row).state == "accepted"


def test_a_refusal_needs_a_sentence(full, hub):
    assert full.send("/bureau/inscriptions/1/refuser/", {"reason": " "}).status_code == 400
    assert full.send("/bureau/inscriptions/1/refuser/", {"reason": "Appelez-nous."}).status_code == 303
    assert deciding.one(hub, 1).reason == "Appelez-nous."
    assert "Appelez-nous." in full.get("/bureau/inscriptions/1/").text


def test_a_stolen_box_is_suspended_in_one_action_and_taken_up_again(full, hub):
    place = "/bureau/ecoles/ac-test/college-moulin/"
    assert full.send(f"{place}suspendre/", {"reason": ""}).status_code == 400
    assert full.send(f"{place}suspendre/", {"reason": "volée lundi"}).status_code == 303
    page = full.get(place).text
    assert "volée lundi" in page
    assert [line.what for line in signing.waiting(hub)] == ["suspend"]
    assert full.send(f"{place}reprendre/").status_code == 303


def test_a_reviewer_asks_for_changes_and_the_teacher_s_box_hears_the_words(full, hub):
    place = "/bureau/relecture/1/"
    assert full.send(f"{place}prendre/").status_code == 303
    assert full.send(f"{place}remarque/", {"words": "entre nous"}).status_code == 303
    assert full.send(f"{place}rendre/", {"words": " "}).status_code == 400
    assert full.send(f"{place}rendre/", {"words": "Citez vos sources."}).status_code == 303
    assert full.send(f"{place}refuser/", {"words": "non"}).status_code == 409, "somebody decided already"
    with hub.database.read() as connection:
        one = arrivals.get(connection, 1)
        [told] = arrivals.told(connection, one.box)
    assert (told["state"], told["comments"]) == ("returned", ["Citez vos sources."])


def test_a_lesson_is_accepted_into_a_collection_and_waits_for_its_key(full, hub):
    answer = full.send(
        "/bureau/relecture/1/accepter/", {"collection": "ac-test/choix", "words": "Bravo !"}, follow=True
    )
    assert answer.status_code == 200
    assert "ac-test/choix/la-lune" in answer.text
    with hub.database.read() as connection:
        assert arrivals.get(connection, 1).state == "accepted"
    assert full.send("/bureau/relecture/1/accepter/", {"collection": "ac-nobody/choix"}).status_code == 409


def test_the_journal_says_whether_it_is_what_was_written(full, hub):
    page = full.get("/bureau/journal/?verifier=1").text
    assert re.search(r"<code>\d+:[0-9a-f]{64}</code>", page)
    hub.database.change(
        lambda connection: connection.execute(
            update(audit_table).where(audit_table.c.number == 1).values(detail="x")
        )
    )
    page = full.get("/bureau/journal/?verifier=1").text
    assert "verdict broken" in page
    table = full.get("/bureau/journal.csv").text.splitlines()
    assert table[0] == "number,at,actor,action,subject,detail,previous,hash"


def test_no_spreadsheet_takes_a_school_s_name_for_a_formula(full, hub):
    hub.database.change(
        lambda connection: connection.execute(update(audit_table).values(subject="=cmd|'/c calc'!A1"))
    )
    assert ",=cmd" not in full.get("/bureau/journal.csv").text


def test_the_journal_is_read_page_by_page(full, hub):
    from edubox.hub import audit

    def write(connection):
        for number in range(150):
            audit.write(connection, hub.now(), "x", "offer", f"a/{number}")

    hub.database.change(write)
    page = full.get("/bureau/journal/?quoi=offer").text
    assert "a/149" in page
    assert "a/10<" not in page
    older = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert "a/10<" in full.get(older).text


def test_sixty_thousand_schools_are_a_page_at_a_time(full, hub):
    world.many(hub, 3000)

    def rows(address):
        return full.get(address).text.count('<a href="/bureau/ecoles/ac-test/')

    assert rows("/bureau/ecoles/") == schools.A_PAGE
    assert rows("/bureau/ecoles/?page=61") == 1
    assert rows("/bureau/ecoles/?q=2999") == 1
    assert rows("/bureau/ecoles/?page=99999") == 0
    begun = time.process_time()
    assert rows("/bureau/ecoles/?page=40") == schools.A_PAGE
    assert time.process_time() - begun < 1


def test_a_language_that_was_chosen_stays(full):
    assert "Inscriptions" in full.get("/bureau/", headers={"Accept-Language": "de"}).text
    answer = full.get("/bureau/ecoles/?q=moulin&lang=en")
    assert answer.headers["Location"] == "/bureau/ecoles/?q=moulin"
    assert "Enrolments" in full.get("/bureau/").text
    assert "Set-Cookie" not in full.get("/bureau/?lang=xx").headers


def test_a_form_that_is_too_large_is_refused_in_words(full):
    answer = full.send("/bureau/inscriptions/1/refuser/", {"reason": "x" * 400_000})
    assert answer.status_code == 413
    assert "<h1>" in answer.text


def test_what_is_not_there_is_said_in_words(full):
    for address in (
        "/bureau/nix/",
        "/bureau/inscriptions/99/",
        "/bureau/relecture/99/",
        "/bureau/ecoles/ac-test/nix/",
        "/bureau/style-x.css",
    ):
        answer = full.get(address)
        assert answer.status_code == 404, address
        assert "<h1>" in answer.text
    assert full.get("/bureau/desk-000000000000.css").headers["Cache-Control"] == "no-store"
    sheet = re.search(r'href="(/bureau/desk-[0-9a-f]{12}\.css)"', full.get("/bureau/").text)[1]
    assert "immutable" in full.get(sheet).headers["Cache-Control"]
