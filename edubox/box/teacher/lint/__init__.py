"""What a teacher may want to put right before a class has the lesson: one file a check, run by the child that builds a draft.

A check sees the lesson as it was built (``lesson.Built``) and tells notices, which the desk says in the reader's language;
none of them keeps a lesson from being given. ``notices`` asks all and ends each list: nobody reads more.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Protocol

from edubox.box.teacher.lint import alternatives, identifiers, links, mails, names, phones, places, weight
from edubox.box.teacher.lint.lesson import Built
from edubox.importers.notices import Notice

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
