"""The hub's desk in a browser: coming in with a passkey, a hostile lesson under review, and what axe says of each page."""

from __future__ import annotations

import base64
import shutil

import pytest

from edubox.hub.accounts import passkeys, people, sessions, totp
from edubox.hub.app import create_app
from edubox.hub.hub import open_hub
from tests.browser import axe
from tests.hub.conftest import *  # noqa: F403 - its fixtures
from tests.hub.desk import world
from tests.hub.desk.client import PASSWORD, made

pytestmark = pytest.mark.browser
ROOMS = (
    "", "inscriptions/", "inscriptions/1/", "codes/", "codes/1/", "ecoles/", "ecoles/ac-test/college-moulin/",
    "ecoles/ac-test/college-moulin/vol/", "alertes/", "abonnements/", "mouvements/", "relecture/", "relecture/1/", "relecture/1/rappeler/", "parutions/",
    "rappels/", "signatures/", "journal/?verifier=1", "personnes/", "moi/", "moi/second/", "aide/", "nix/",
)  # fmt: skip
ATTACK = """<!doctype html><html lang=fr><title>Attaque</title><h1>Attaque</h1><script>
const told = {};
for (const [name, act] of Object.entries({
  cookie: () => document.cookie, storage: () => localStorage.length, parent: () => parent.location.href, top: () => top.document.title,
})) { try { told[name] = 'got ' + act(); } catch (error) { told[name] = error.name; } }
try { top.location = 'about:blank'; told.moved = 'tried'; } catch (error) { told.moved = error.name; }
fetch('DESK/bureau/moi/', {credentials: 'include', mode: 'cors'}).then(a => a.text()).then(t => told.desk = 'got ' + t.length, error => told.desk = error.name)
  .finally(() => { document.title = JSON.stringify(told); document.body.dataset.told = JSON.stringify(told); });
</script>"""


@pytest.fixture
def hub(tmp_path, country_template, clock):
    folder = shutil.copytree(country_template, tmp_path / "country", symlinks=True)
    opened = open_hub(folder, clock)
    yield opened
    opened.close()


@pytest.fixture
def desk(hub):
    with world.desk_served(hub) as address:
        yield address


def let_in(hub, tab, desk, login="marie", role="ministry", authority=""):
    made(hub, login, role, authority)

    def work(connection):
        row = people.named(connection, login)
        people.set_totp(connection, row.id, totp.new(), 0)
        return sessions.begin(connection, row.id, sessions.WHOLE, "Chromium", hub.now())

    token = hub.database.change(work)
    tab.send(
        "Network.setCookie",
        name="edubox-hub",
        value=token,
        url=f"{desk}/bureau/",
        path="/bureau/",
        httpOnly=True,
    )


def virtual_authenticator(tab):
    tab.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    return tab.send("WebAuthn.addVirtualAuthenticator", options=options)["authenticatorId"]


def fill(tab, selector, text):
    tab.js(f"document.querySelector({selector!r}).focus()")
    tab.write(text)


def test_somebody_makes_a_passkey_and_comes_in_with_it_the_next_time(hub, desk, tab):
    code = made(hub)
    authenticator = virtual_authenticator(tab)
    tab.open(f"{desk}/bureau/invitation/")
    fill(tab, "#code", code)
    tab.tap(".asked .button")
    fill(tab, "#password", PASSWORD)
    fill(tab, "#again", PASSWORD)
    tab.tap(".asked .button")
    fill(tab, "#label", "clé bleue")
    tab.tap("[data-passkey=create] button")
    assert tab.js("document.querySelectorAll('.codes li').length") == 8
    tab.open(f"{desk}/bureau/moi/")
    assert "clé bleue" in tab.js("document.body.textContent")
    for _ in range(2):
        tab.js("document.querySelector('.tool').open = true")
        tab.tap(".account button")
        fill(tab, "#login", "marie")
        fill(tab, "#password", PASSWORD)
        tab.tap(".asked .button")
        tab.tap("[data-passkey=get] button")
        assert tab.js("location.pathname") == "/bureau/"
    [credential] = tab.send("WebAuthn.getCredentials", authenticatorId=authenticator)["credentials"]
    assert credential["rpId"] == "localhost"
    assert credential["signCount"] >= 2
    with hub.database.read() as connection:
        [key] = passkeys.of(connection, 1)
    assert key.uses == credential["signCount"]
    assert key.used
    assert not tab.complaints


def test_a_passkey_of_somebody_else_opens_nothing(hub, desk, tab):
    let_in(hub, tab, desk)
    virtual_authenticator(tab)

    def plant(connection):
        # Marie's key is one that this browser does not hold.
        connection.execute(passkeys.passkeys.insert().values(
            hash="0" * 64, person=1, credential=base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("="), public_key="pQECAyYgASFYIA",
            site="localhost", label="x", uses=0, made=0, used=0,
        ))  # fmt: skip
        return sessions.begin(connection, 1, sessions.HALF, "Chromium", hub.now())

    token = hub.database.change(plant)
    tab.send(
        "Network.setCookie",
        name="edubox-hub",
        value=token,
        url=f"{desk}/bureau/",
        path="/bureau/",
        httpOnly=True,
    )
    tab.open(f"{desk}/bureau/entrer/code/")
    tab.touch("[data-passkey=get] button")
    tab.wait(
        lambda: tab.js("document.querySelector('[data-passkey] [role=status]').textContent"),
        "a sentence that says that it failed",
    )
    assert tab.open(f"{desk}/bureau/").js("location.pathname") == "/bureau/entrer/code/"


def test_a_hostile_lesson_gets_nothing_of_its_reviewer(hub, desk, tab, tmp_path):
    let_in(hub, tab, desk)
    app = create_app(hub)
    school = world.school(hub, tmp_path)
    index = school.publish("attaque", {"index.html": ATTACK.replace("DESK", desk).encode()}, name="Attaque")
    from edubox.sync import offers

    offers.offer(school.data, "attaque", index.version, school.id, int(school.now.timestamp()))
    with world.serving(app) as address:
        school.push(address)
    world.work(hub)
    tab.open(f"{desk}/bureau/relecture/1/")
    shown = tab.js("document.querySelector('iframe').src")
    assert not shown.startswith(f"{desk}/"), "another origin"
    tab.js("document.querySelector('iframe').src += '1/'")
    told = tab.wait_through(
        lambda: tab.frame_js("document.body.dataset.told && JSON.parse(document.body.dataset.told)"),
        "what the lesson got",
    )
    assert told["cookie"] == told["storage"] == told["parent"] == told["top"] == "SecurityError", told
    assert told["desk"] == "TypeError", told
    assert tab.js("location.pathname") == "/bureau/relecture/1/", "it moved nobody away"


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_axe_finds_nothing_on_any_page(hub, desk, browser, tmp_path, look):
    tab = browser.tab(390, 844, phone=True) if look == "phone" else browser.tab(dark=look == "dark")
    app = create_app(hub)
    world.ask(hub, "Collège Neuf", name="college-neuf")
    world.ask(hub, "autre nom", code_for="École Ferry", name="ecole-ferry")
    world.offer(hub, app, world.school(hub, tmp_path))
    world.many(hub, 60)
    found = []
    for page in ("entrer/", "invitation/"):
        found += [(page, one) for one in axe.violations(tab.open(f"{desk}/bureau/{page}").js)]
    let_in(hub, tab, desk)
    rules = axe.COLOURS if look == "dark" else ()
    for page in ROOMS:
        tab.open(f"{desk}/bureau/{page}")
        tab.js("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found += [(page, one) for one in axe.violations(tab.js, *rules)]
        assert tab.js("document.documentElement.scrollWidth <= innerWidth"), (
            f"{page} is wider than the screen"
        )
    tab.close()
    assert found == []
