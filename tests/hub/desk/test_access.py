"""Who may what: every route with every role, of this academy and of another; and that no form works from elsewhere."""

from __future__ import annotations

import pytest

from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import READ, Person
from edubox.hub.desk.guard import ANYBODY, HALF, SETUP
from edubox.hub.enrol import status
from edubox.hub.fleet import alerts
from tests.hub.desk import world
from tests.hub.desk.client import Visitor, entered

WHO = {
    "ministry": ("ministry", ""), "officer": ("officer", "ac-test"), "stranger": ("officer", "ac-sud"), "reviewer": ("reviewer", "ac-test"),
    "elsewhere": ("reviewer", "ac-sud"), "national": ("reviewer", ""), "reader": ("reader", "ac-test"),
}  # fmt: skip
SCHOOL = {"authority": "ac-test", "name": "college-moulin", "login": "victim", "number": 1, "row": 1}
#: Routes that are about one thing of the academy ac-test, which nobody of another academy may see.
OF_ACADEMY = ("<authority>", "<int:number>", "<int:row>", "<login>")


@pytest.fixture
def people(app, hub, tmp_path):
    """Everybody of WHO, at a hub where a school asks, one is enrolled and a lesson waits."""
    world.ask(hub, "Collège Moulin", name="college-moulin")
    one = world.school(hub, tmp_path, "Collège Hugo", "college-moulin")
    world.offer(hub, app, one)
    world.school(hub, tmp_path, "Lycée Volé", "lycee-vole")
    status.suspend(hub, "ac-test/lycee-vole", "m")
    alerts.add(hub, "ac-test", alerts.SILENT, "https://supervision.example/alert", "m")
    found = {name: entered(app, hub, f"x-{name}", *who) for name, who in WHO.items()}
    entered(app, hub, "victim", "reviewer", "ac-test")
    return found


def routes(app, method):
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/bureau/") and method in rule.methods and rule.endpoint != "desk.loaded":
            needed = getattr(app.view_functions[rule.endpoint], "needs", READ)
            if needed not in {ANYBODY, HALF, SETUP}:
                adapter = app.url_map.bind("localhost")
                yield (
                    rule,
                    needed,
                    adapter.build(rule.endpoint, {name: SCHOOL[name] for name in rule.arguments}),
                )


def allowed(who, rule, needed):
    person = Person(0, "x", "X", *WHO[who])
    about = "ac-test" if any(part in rule.rule for part in OF_ACADEMY) else person.authority
    return roles.may(person, needed, about)


def test_every_page_is_for_those_who_may_and_for_nobody_else(app, people):
    seen = set()
    for rule, needed, address in routes(app, "GET"):
        for who, visitor in people.items():
            answer = visitor.get(address)
            assert answer.status_code == (200 if allowed(who, rule, needed) else 403), (
                who,
                address,
                answer.status_code,
            )
            answer.close()
        assert Visitor(app, people["ministry"].hub).get(address).status_code == 303, (
            "whoever is not in is led to the door"
        )
        seen.add(rule.rule)
    assert len(seen) >= 20


def test_every_form_is_refused_to_those_who_may_not(app, people):
    count = 0
    for rule, needed, address in routes(app, "POST"):
        for who, visitor in people.items():
            if rule.rule.startswith("/bureau/moi/"):
                continue
            if not allowed(who, rule, needed):
                answer = visitor.send(
                    address, {"row": "1", "reason": "x", "words": "x", "collection": "ac-test/choix"}
                )
                assert answer.status_code == 403, (who, address, answer.status_code)
                count += 1
        answer = Visitor(app, people["ministry"].hub).send(address, csrf="")
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (
            303,
            "/bureau/entrer/",
        ), address
    assert count > 30


def test_no_form_works_from_another_site_or_without_its_token(app, people):
    visitor = people["ministry"]
    for rule in app.url_map.iter_rules():
        if not (rule.rule.startswith("/bureau/") and "POST" in rule.methods):
            continue
        address = app.url_map.bind("localhost").build(
            rule.endpoint, {name: SCHOOL[name] for name in rule.arguments}
        )
        assert visitor.send(address, csrf="0" * 32).status_code == 403, address
        assert visitor.send(address, csrf="").status_code == 403, address
        for origin in ("https://evil.example", "null", "http://localhost:81", "https://localhost"):
            assert visitor.send(address, origin=origin).status_code == 403, (address, origin)
    assert visitor.is_in(), "nothing of all that changed anything, not even logged out"


def test_an_officer_neither_accepts_nor_refuses_for_another_academy(app, people, hub):
    from edubox.hub.enrol import deciding

    stranger = people["stranger"]
    assert stranger.send("/bureau/inscriptions/accepter/", {"row": "1"}).status_code == 403
    assert stranger.send("/bureau/inscriptions/1/refuser/", {"reason": "x"}).status_code == 403
    assert deciding.one(hub, 1).state == "asked"
    assert "Collège Moulin" not in stranger.get("/bureau/inscriptions/").text
    assert "Collège Hugo" not in stranger.get("/bureau/ecoles/?academie=ac-test").text
    assert "La Lune" not in stranger.get("/bureau/relecture/?liste=toutes").text


def test_an_academy_s_reviewer_takes_nothing_into_another_s_collection(app, people, hub):
    from edubox.hub.review import arrivals

    answer = people["reviewer"].send("/bureau/relecture/1/accepter/", {"collection": "ministry/starter"})
    assert answer.status_code == 403
    with hub.database.read() as connection:
        assert arrivals.get(connection, 1).state == "received"


def test_an_officer_reads_the_journal_of_their_academy_alone(app, people, hub):
    from edubox.hub import audit

    hub.database.change(
        lambda connection: audit.write(connection, hub.now(), "m", "enrol.accept", "ac-sud/secret-school")
    )
    hub.database.change(
        lambda connection: audit.write(connection, hub.now(), "m", "enrol.accept", "ac-test-x/other")
    )
    for address in ("/bureau/journal/", "/bureau/journal.csv"):
        text = people["officer"].get(address).text
        assert "college-moulin" in text
        assert "secret-school" not in text
        assert "ac-test-x" not in text
        assert "secret-school" in people["ministry"].get(address).text


def test_an_officer_lets_in_reviewers_of_their_academy_and_nobody_else(app, people, hub):
    from edubox.hub.accounts import people as everybody

    officer = people["officer"]
    assert (
        officer.send("/bureau/personnes/", {"login": "rene", "name": "René", "role": "reviewer"}).status_code
        == 200
    )
    for role, authority in (("officer", "ac-test"), ("ministry", ""), ("reviewer", "ac-sud")):
        officer.send(
            "/bureau/personnes/", {"login": f"y-{role}", "name": "Y", "role": role, "authority": authority}
        )
    with hub.database.read() as connection:
        assert everybody.named(connection, "rene").authority == "ac-test"
        assert everybody.named(connection, "y-officer") is None
        assert everybody.named(connection, "y-ministry") is None
        assert everybody.named(connection, "y-reviewer").authority == "ac-test", (
            "their own, whatever the form says"
        )
    for login in ("x-ministry", "x-stranger", "x-officer"):
        assert officer.send(f"/bureau/personnes/{login}/code/").status_code == 403
        assert officer.send(f"/bureau/personnes/{login}/retirer/").status_code == 403
    assert officer.send("/bureau/personnes/x-reviewer/retirer/").status_code == 303
