"""What somebody may want to put right before a class has the lesson: one file a check, pure functions of a built lesson.

The child that builds a teacher's draft runs them, and so does a hub before a reviewer looks at what a school offers.

A check sees the lesson as it was built (``lesson.Built``) and tells notices, which the desk says in the reader's language;
none of them keeps a lesson from being given. ``notices`` asks all and ends each list: nobody reads more.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Protocol

from edubox.importers.notices import Notice
from edubox.lint import alternatives, identifiers, links, mails, names, phones, places, weight
from edubox.lint.lesson import Built

#: Notices of one check.
MOST = 20


class Check(Protocol):
    """A file of this folder."""

    def check(self, lesson: Built, /) -> Iterable[Notice]:
        """What of *lesson* should be looked at, and what to do."""


#: The gravest first.
CHECKS: tuple[Check, ...] = (identifiers, names, phones, mails, places, alternatives, links, weight)


def notices(lesson: Built) -> list[Notice]:
    """What all checks say of *lesson*."""
    return [found for one in CHECKS for found in islice(one.check(lesson), MOST)]
