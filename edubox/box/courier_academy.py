"""Asking the academy by a phone: what the person in charge reads of it on the page for carrying, and the request to take along.

The request is signed with the box's key, so a child makes it (``edubox enrol --carry``); the serving process knows no key. The
answer comes back as a file among those with lessons (``sync.carried.enrolments``).
"""

from __future__ import annotations

import subprocess
from threading import Lock

from flask import request

from edubox.box.accounts import journal
from edubox.box.accounts.person import ADMIN, me
from edubox.box.site import Site
from edubox.errors import NoRoom
from edubox.pages.carry import Academy
from edubox.program import EDUBOX
from edubox.sync.enrolment import code_of, keep_code, read_enrolment
from edubox.trust.codes import understood

NAME = "edubox-request.json"
#: Characters of a code that are looked at, and seconds that a request may take to make.
_LONGEST, _PATIENCE = 100, 120.0
_making = Lock()


def academy_of(site: Site, problem: str = "") -> Academy | None:
    """How far it is with the academy; None for who is not in charge, and for a box that was taken in. *problem* as in ``Academy``."""
    known = read_enrolment(site.data)
    if me().role != ADMIN or known.told:
        return None
    return Academy(known.state, known.since, known.reason, bool(code_of(site.data)), problem)


def make_request(site: Site) -> tuple[bytes, str]:
    """The request with the code that the form gives, or with the one that is here; else why there is none, as in ``Academy``."""
    typed = request.form.get("code", "")[:_LONGEST].strip()
    code = understood(typed) if typed else code_of(site.data)
    if not code:
        return b"", "slip" if typed else "no-code"
    if not _making.acquire(blocking=False):
        return b"", "failed"
    try:
        keep_code(site.data, code)
        line = [*EDUBOX, "enrol", "--data", str(site.data), "--carry", "-"]
        made = subprocess.run(line, capture_output=True, check=False, timeout=_PATIENCE)
    except NoRoom:
        return b"", "no-room"
    except subprocess.TimeoutExpired:
        return b"", "failed"
    finally:
        _making.release()
    if made.returncode:
        return b"", "failed"
    journal.note(site.school, me(), "asked-academy")
    return made.stdout, ""
