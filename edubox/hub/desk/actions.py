"""What the journal's actions mean, in words: the rooms write short English names, and people read these."""

from __future__ import annotations


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


ACTIONS = {
    "codes.import": _("took in a list of codes"), "codes.withdraw": _("withdrew a code"), "codes.one": _("made a code for one school"),
    "codes.automatic": _("lets boxes of a list in without a person"), "codes.by-hand": _("has a person look at each box of a list"),
    "alert.add": _("added an alert"), "alert.remove": _("removed an alert"), "alert.try": _("tried an alert"),
    "enrol.stay": _("called a move off"), "sign.lesson": _("signed: makes a lesson public"), "sign.recall": _("signed: recalls"),
    "sign.guessed": _("somebody guesses a passphrase"), "rollout.hold": _("a release was stopped"), "rollout.resume": _("let a release go on"),
    "follow.set": _("proposed to schools whom to follow"), "enrol.ask": _("asked to be enrolled"), "enrol.accept": _("accepted the school"),
    "enrol.refuse": _("refused the school"), "enrol.suspend": _("suspended the school"), "enrol.resume": _("ended the suspension"),
    "enrol.move": _("moved the school"), "enrol.new-key": _("went on with a new key"), "enrol.fork": _("showed other keys for the same school"),
    "sign.enter": _("signed: takes in"), "sign.replace": _("signed: replaces a lost box"), "sign.new-key": _("signed: a new key"),
    "sign.suspend": _("signed: suspends"), "sign.resume": _("signed: takes up again"), "sign.arrive": _("signed: takes over"), "sign.leave": _("signed: lets go"),
    "lesson-arrived": _("a lesson arrived"), "lesson-assigned": _("looks at the lesson"), "lesson-remark": _("wrote a remark"),
    "lesson-returned": _("asked for changes"), "lesson-refused": _("refused the lesson"), "lesson-accepted": _("accepted the lesson"),
    "lesson-published": _("the lesson was made public"), "lesson-failed": _("the lesson could not be made public"),
    "lesson-withdrawn": _("took the lesson back"), "lesson-recalled": _("recalled the lesson"), "offer": _("offered a lesson"),
    "offer-refused": _("the offer did not pass"), "recall": _("asked for a recall"),
    "person.add": _("let somebody in"), "person.reset": _("gave another one-time code"), "person.remove": _("closed an account"),
    "person.password": _("chose a password"), "person.second-add": _("added a second factor"), "person.second-remove": _("took a second factor away"),
    "person.recovery": _("made recovery codes"), "token.make": _("made a token"), "token.end": _("took a token back"),
    "door.in": _("logged in"), "door.guessed": _("somebody guesses the password"),
}  # fmt: skip
