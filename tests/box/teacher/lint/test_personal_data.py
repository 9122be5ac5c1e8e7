"""How much of what it looks for the lint finds, and how often it is mistaken, on ``personal_data``.

``pytest -s tests/box/teacher/lint/test_personal_data.py`` prints the figures. The floors are below them: what is measured is a set
that we made, and real worksheets hold forms that nobody thought of.
"""

from __future__ import annotations

from collections import Counter

from edubox.box.teacher.lint import identifiers, mails, names, phones
from tests.box.teacher.lint.personal_data import negatives, positives

#: Least share of what is there that is found, by kind; least share of what is found that is there.
RECALL = {"phone": 0.95, "mail": 0.95, "ine": 0.95, "list": 0.9}
PRECISION = 0.95


def kinds(text: str) -> set[str]:
    found = {
        "phone": any(phones.phones(text)), "mail": any(mails.mails(text)), "ine": any(identifiers.pupils_numbers(text)),
        "list": bool(names.longest(text)),
    }  # fmt: skip
    return {kind for kind, there in found.items() if there}


def test_personal_data_is_found_and_mathematics_is_left_alone():
    there, found = Counter(), Counter()
    missed = []
    for kind, text in positives():
        there[kind] += 1
        found[kind] += kind in kinds(text)
        if kind not in kinds(text):
            missed.append((kind, text[:80]))
    plain = negatives()
    mistaken = [(kinds(text), text[:80]) for text in plain if kinds(text)]
    recall = {kind: found[kind] / there[kind] for kind in there}
    precision = found.total() / (found.total() + len(mistaken))
    print(
        f"\n{there.total()} with, {len(plain)} without; recall {recall}, all {found.total() / there.total():.3f}; precision {precision:.3f}"
    )
    print(*missed, *mistaken, sep="\n")
    assert there.total() >= 200
    assert len(plain) >= 200
    assert all(recall[kind] >= least for kind, least in RECALL.items()), missed
    assert precision >= PRECISION, mistaken
