"""What can go wrong at a hub, in words: as ``edubox.errors``, whose classes these extend."""

from __future__ import annotations

from typing import ClassVar

from edubox.errors import BAD_INPUT, NOT_TRUSTED, UNREACHABLE, EduboxError


class DatabaseAway(EduboxError):
    """The hub's database cannot be reached, or lost the connection."""

    code = "database-away"
    exit_code = UNREACHABLE
    message = "The hub's database does not answer: {reason}. Nothing was changed; try again when it runs."


class NewerSchema(EduboxError):
    """A database that a newer edubox wrote."""

    code = "newer-schema"
    exit_code = BAD_INPUT
    message = "The hub's database has schema {found}, and this edubox knows {known}: update this hub."


class Moved(EduboxError):
    """A database that is not the hub's any more, or not yet."""

    code = "moved"
    exit_code = BAD_INPUT
    message = "The hub does not open this database: {reason}. Look at hub.toml, or run edubox hub move again."


class LostOnTheWay(EduboxError):
    """What arrived is not what was sent; the source is untouched."""

    code = "lost-on-the-way"
    message = "{what} did not arrive as it was sent. The hub stays where it was; run this again."


class OlderThanBucket(EduboxError):
    """A folder that is older than what readers have seen in the bucket."""

    code = "older-than-bucket"
    exit_code = NOT_TRUSTED
    message = (
        "The bucket has a newer version of {what} than this folder, which may come out of an old backup. Readers would refuse "
        "the older one: publish there anew, or bring the newer files into the folder; then release."
    )


class SiteNotWritten(EduboxError):
    """The reading site could not be brought up to date."""

    code = "site-not-written"
    message = "The reading site in {site} could not be written: {reason}. Readers have the one before; it is tried again."


class BrokenAudit(EduboxError):
    """A line of the audit that is not what was written, or is missing."""

    code = "broken-audit"
    exit_code = NOT_TRUSTED
    message = "The audit is broken at line {number}: {reason}. Keep a copy of the database as it is, and compare it with a backup."


class Refused(EduboxError):
    """A hub's answer to who asks over HTTP and does not get it; *status* is the answer's number."""

    code = "refused"
    exit_code = NOT_TRUSTED
    status: ClassVar[int] = 403
    message = "The hub refuses this: {reason}."


class Malformed(Refused):
    """A request that no box sends."""

    code = "bad-request"
    exit_code = BAD_INPUT
    status = 400
    message = "This is no request that a hub understands: {reason}."


class Unauthorised(Refused):
    """A request whose signature does not hold, or without one."""

    code = "not-signed"
    status = 401
    message = "This request is not signed by a box that is known here: {reason}."


class NotEnrolled(Refused):
    """A box that signs well and has not been accepted, or not any more."""

    code = "not-enrolled"
    message = "This box is {state} here. Its authority decides about it."


class Replayed(Refused):
    """A request with a counter that this key used before; *counter* is the highest one."""

    code = "replayed"
    status = 409
    message = "This request came before. The next one has a counter above {counter}."


class TooOften(Refused):
    """Too many requests that were refused came from one side; *retry* seconds until the next one is looked at."""

    code = "too-often"
    status = 429
    message = "Too many requests from your side were refused. The next one is looked at in {retry} seconds."


class NoCode(Refused):
    """A box that asks to be enrolled without a code."""

    code = "no-code"
    message = "To enrol a box, its authority's one-time code is needed. Ask for one."


class WrongCode(Refused):
    """A code with a slip in it: its last character does not fit."""

    code = "wrong-code"
    message = "This one-time code has a slip in it. Copy it again, character by character."


class UnknownCode(Refused):
    """A code that no authority gave out."""

    code = "unknown-code"
    message = "No authority here knows this one-time code. Look at it again, or ask for another one."


class UsedCode(Refused):
    """A code by which another box came in."""

    code = "used-code"
    message = "Another box used this one-time code. Ask its authority for another one."


class ExpiredCode(Refused):
    """A code whose time is over."""

    code = "expired-code"
    message = "The time of this one-time code is over. Ask its authority for another one."


class OtherAuthority(Refused):
    """A code of one authority, shown to another."""

    code = "other-authority"
    message = "This one-time code is of another authority than {authority}."


class HostileLabel(Refused):
    """A name of a school that would not be shown as it is."""

    code = "bad-label"
    status = 400
    message = "The name of the school cannot be shown: {reason}."


class OlderKey(Refused):
    """The card of before: the school goes on with a newer key."""

    code = "older-key"
    message = (
        "The school goes on with a newer key than this box has. If that was not you, call its authority."
    )


class ForkedKeys(Refused):
    """Two chains of roots of one school: two computers went on with the same card, or a root key was stolen."""

    code = "forked-keys"
    message = "Another box shows other keys for the same school. Its authority has to look at it: call there."


# --- intake --------------------------------------------------------------------------------------------------------------


class OtherSchool(Refused):
    """A box that pushes what another school publishes."""

    code = "other-school"
    message = "This box writes {own}, and the offer is of {other}. A school offers its own lessons only."


class BadOffer(Refused):
    """An offer that cannot be taken in, whatever is done about the line."""

    code = "bad-offer"
    exit_code = BAD_INPUT
    status = 400
    message = "This offer cannot be taken: {reason}."


class NotProven(Refused):
    """An offer whose signatures do not hold."""

    code = "not-proven"
    message = "The signatures of this offer do not hold: {reason}."


class Elsewhere(Refused):
    """A piece that does not begin where the file ends; *offset* is where that is."""

    code = "elsewhere"
    status = 409
    message = "The next piece of this file begins at byte {offset}."


class NotWhole(Refused):
    """The end of an offer of which files are still missing."""

    code = "not-whole"
    status = 409
    message = "{count} files of this offer are not here yet. Ask which, with the offer itself."


class WrongHash(Refused):
    """Bytes that are not the ones that were announced; nothing of them is kept."""

    code = "wrong-hash"
    status = 400
    message = "The file {sha256} came with other bytes than its name says. Send it again."


class TooMuch(Refused):
    """A box that sends more than one may; *retry* seconds until it may go on."""

    code = "too-much"
    status = 429
    message = "This box sent as much as it may: {reason}. It goes on in {retry} seconds."


class NotPossible(Refused):
    """A step of a review that this lesson is not at."""

    code = "not-possible"
    exit_code = BAD_INPUT
    status = 409
    message = "This cannot be done now: {reason}."


class GoneLesson(Refused):
    """A lesson, an offer or a file that is not here."""

    code = "not-found"
    exit_code = BAD_INPUT
    status = 404
    message = "{what} is not here."


# --- desk ----------------------------------------------------------------------------------------------------------------


class NoToken(Refused):
    """A program that asks without a token, or with one that is none any more."""

    code = "no-token"
    status = 401
    message = (
        "Send a token that is valid, as Authorization: Bearer …; it is made on the page of one's own account."
    )


class NotAllowed(Refused):
    """A program whose token is for something else, or came by a way on which others read it."""

    code = "not-allowed"
    message = "This is not allowed: {reason}."


class NotSent(EduboxError):
    """A message that a mail server or a web address did not take."""

    code = "not-sent"
    exit_code = UNREACHABLE
    message = "{target} did not take the message: {reason}. It is sent again later."
