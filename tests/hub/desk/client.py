"""A person at the hub's desk, as a browser would be one: cookies, forms with their token, an authenticator."""

from __future__ import annotations

import base64
import re

from edubox.hub.accounts import codes, people, totp
from edubox.hub.accounts.roles import Person
from edubox.hub.tables import people as people_table

PASSWORD = "trois mots faciles"
#: What is at the start of every address; a test client comes from this computer, so it needs no TLS.
ORIGIN = "http://localhost"


def made(hub, login="marie", role="ministry", authority="", name=""):
    """Somebody with an account, and their one-time code."""
    person = Person(0, login, name or login.title(), role, authority)
    return hub.database.change(lambda connection: people.add(connection, "system", person, hub.now()))


class Visitor:
    """One browser. *secure*: it comes by TLS."""

    def __init__(self, app, hub, *, secure=False):
        self.hub = hub
        self.origin = "https://hub.example.org" if secure else ORIGIN
        self.http = app.test_client()
        self.secret = ""
        self.recovery = []

    def get(self, address, **more):
        return self.http.get(address, base_url=self.origin, **more)

    def send(self, address, data=None, *, origin=None, csrf=None, follow=False, **more):
        """POST a form as a page of ours would."""
        given = dict(data or {})
        given["csrf"] = self.csrf() if csrf is None else csrf
        headers = {"Origin": self.origin if origin is None else origin} | more.pop("headers", {})
        return self.http.post(
            address, data=given, base_url=self.origin, headers=headers, follow_redirects=follow, **more
        )

    def csrf(self):
        """The token of this browser's forms."""
        for address in ("/bureau/aide/", "/bureau/entrer/code/", "/bureau/entrer/premier/"):
            answer = self.get(address)
            if answer.status_code == 200 and (
                found := re.search(r'name="csrf" value="([0-9a-f]{32})"', answer.text)
            ):
                return found[1]
        return ""

    def code(self):
        """What the authenticator shows now."""
        return totp.code(base64.b32decode(self.secret), self.hub.now() // totp.STEP)

    def use_invitation(self, code, password=PASSWORD):
        return self.send(
            "/bureau/invitation/", {"code": code, "password": password, "again": password}, csrf=""
        )

    def set_up(self):
        """Take the authenticator that the page offers."""
        page = self.get("/bureau/entrer/premier/").text
        self.secret = re.search(r'class="secret-shown">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
        answer = self.send("/bureau/entrer/premier/", {"code": self.code()})
        self.recovery = re.findall(r"<li><code>([0-9a-z-]+)</code>", answer.text)
        return answer

    def password(self, login, password=PASSWORD, **more):
        return self.send("/bureau/entrer/", {"login": login, "password": password, **more}, csrf="")

    def second(self, code=None):
        return self.send("/bureau/entrer/code/", {"code": self.code() if code is None else code})

    def is_in(self):
        return self.get("/bureau/aide/").status_code == 200

    def cookie(self):
        """The session's cookie, as it was set."""
        return self.http.get_cookie(
            "__Host-edubox" if self.origin.startswith("https") else "edubox-hub",
            domain=self.origin.split("//")[1],
            path="/" if self.origin.startswith("https") else "/bureau/",
        )


def arrived(app, hub, login="marie", role="ministry", authority="", name=""):
    """Somebody who has come in, with a second factor if their role needs one."""
    one = Visitor(app, hub)
    one.use_invitation(made(hub, login, role, authority, name))
    if role != "reader":
        one.set_up()
    return one


def entered(app, hub, login, role, authority=""):
    """As ``arrived``, without the costly password: for tests of what comes after the door."""
    from edubox.hub.accounts import sessions

    made(hub, login, role, authority)

    def work(connection):
        row = people.named(connection, login)
        connection.execute(people_table.update().where(people_table.c.id == row.id).values(totp=totp.new()))
        return sessions.begin(connection, row.id, sessions.WHOLE, "test", hub.now())

    one = Visitor(app, hub)
    one.http.set_cookie("edubox-hub", hub.database.change(work), domain="localhost", path="/bureau/")
    return one


__all__ = ["ORIGIN", "PASSWORD", "Visitor", "arrived", "codes", "entered", "made"]
