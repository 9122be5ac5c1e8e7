"""Every error that edubox can show to a person, in one place.

Each class has a stable ``code`` (for ``--json``, logs and documentation), the exit code of the command
line, and one English sentence that says what happened and what to do; it is the message id of the
translation catalogues. The sentence's ``{names}`` are filled from keyword arguments, so raising reads
``raise UnsafePath(path="../x")``. Code outside the command line never turns an error into text itself.

Exit codes: 0 done, 1 failed (a bug of ours), 2 usage or bad input, 3 not trusted, 4 source unreachable
(progress is kept), 5 no room, 6 busy.
"""

from __future__ import annotations

import errno
from string import Formatter
from typing import ClassVar

DONE, BUG, BAD_INPUT, NOT_TRUSTED, UNREACHABLE, NO_ROOM, BUSY = range(7)


class EduboxError(Exception):
    """An error with a sentence for a person; ``str()`` gives it in English."""

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = BUG
    message: ClassVar[str] = "Something failed inside edubox. Please report it."

    def __init__(self, **details: object) -> None:
        wanted = {name for _, name, _, _ in Formatter().parse(self.message) if name}
        if missing := wanted - details.keys():
            raise TypeError(f"{type(self).__name__} needs {sorted(missing)}")
        self.details = details
        super().__init__(self.message.format(**details))


# --- bad input -----------------------------------------------------------------------------------------


class BadInput(EduboxError):
    """Base of everything that the user or another machine gave us and we refuse."""

    code = "bad-input"
    exit_code = BAD_INPUT
    message = "This cannot be used: {reason}."


class NoHubLibraries(BadInput):
    """A command of a hub where only a box was installed."""

    code = "no-hub-libraries"
    message = "This needs what only a hub needs. Install it with: pip install 'edubox[hub]'."


class UnreadableSource(BadInput):
    """A file or folder named on the command line that cannot be read."""

    code = "unreadable-source"
    message = "{path} cannot be read: {reason}. Check the name and your rights on it."


class UnusablePath(BadInput):
    """A file or folder that the system does not let us use as what it was named for."""

    code = "unusable-path"
    message = "{path} cannot be used here: {reason}. Check the name and your rights on it."


class EmptyPack(BadInput):
    """A lesson without a single file."""

    code = "empty-pack"
    message = "{path} holds no file that could become a lesson. Put at least one file in it."


class UnsafePath(BadInput):
    """A path that would leave the lesson's folder or that some system cannot hold."""

    code = "unsafe-path"
    message = "The file name {path!r} is not safe: {reason}. Rename the file and build the lesson again."


class Bomb(BadInput):
    """An archive or bundle that unpacks to more than it may."""

    code = "bomb"
    message = "{path} unpacks to more than it may ({reason}). It was refused, nothing was kept."


class BadArchive(BadInput):
    """A zip that cannot be opened whole."""

    code = "bad-archive"
    message = "{path} is not an archive that can be opened: {reason}. Make it again, without a password."


class Unplayable(BadInput):
    """A document made of many files (H5P, EPUB, SCORM) or a quiz that cannot be shown: it stays a download."""

    code = "unplayable"
    message = "{path} is offered as a download only: {reason}."


class PrivateBackup(BadInput):
    """A Moodle backup of which nothing can be shown; it may name pupils, so it is not offered as a download either."""

    code = "private-backup"
    message = "No lesson was made of this Moodle backup: {reason}. It may hold the names of pupils, so it is not given away itself."


class BadManifest(BadInput):
    """A manifest, index or record that breaks its format."""

    code = "bad-manifest"
    message = "The lesson's description is not valid: {reason}."


class BadBundle(BadInput):
    """A bundle whose bytes do not make the files that the manifest promises."""

    code = "bad-bundle"
    message = "The lesson's package is damaged: {reason}. Fetch it again or build it again."


class UnknownFormat(BadInput):
    """A format number from the future."""

    code = "unknown-format"
    message = "{what} is written in format {found}, this box knows format {known}: update this box."


class BadIdentifier(BadInput):
    """A publisher, authority or lesson name that cannot be a folder everywhere."""

    code = "bad-identifier"
    message = "{value!r} cannot be used as a name here: {reason}."


class MissingPassphrase(BadInput):
    """Keys are wrapped and nobody is there to type."""

    code = "missing-passphrase"
    message = "A passphrase is needed: set EDUBOX_PASSPHRASE, or run this on a terminal."


class MissingRecoveryCode(BadInput):
    """The recovery code is needed and nobody is there to type it."""

    code = "missing-recovery-code"
    message = "The recovery code of the school sheet is needed: set EDUBOX_RECOVERY_CODE, or run this on a terminal."


class BadRecoveryCode(BadInput):
    """A recovery code with a typing error."""

    code = "bad-recovery-code"
    message = "This is not the recovery code of a school sheet: {reason}."


class BadBackup(BadInput):
    """A backup that is cut, altered or none."""

    code = "bad-backup"
    message = "{path} is not a whole backup of this box: {reason}. Nothing was written."


class AlreadyExists(BadInput):
    """We never write over keys, countries or boxes."""

    code = "already-exists"
    message = "{path} already exists and is left as it is. Choose another name."


class NotOurStick(BadInput):
    """A stick without a folder of this country: never written."""

    code = "not-our-stick"
    message = (
        "{path} is not a stick for this box: {reason}. It was left as it is; edubox stick prepare makes one."
    )


class TooMany(BadInput):
    """A list of what people wrote that is as long as it may be."""

    code = "too-many"
    message = "There are {limit} of these already, and no more are kept. Delete one first."


class TooLarge(BadInput):
    """A file that is larger than any that is taken; *limit* in MB."""

    code = "too-large"
    message = (
        "This file is too large: at most {limit} MB are taken at once. Cut it in two, or make it smaller."
    )


class OutOfStep(BadInput):
    """A piece of a file that does not begin where what came before ends, at byte *offset*."""

    code = "out-of-step"
    message = "This piece of the file does not belong here: the next one begins at byte {offset}."


class TooHeavy(BadInput):
    """A document that takes more memory than a child may have."""

    code = "too-heavy"
    message = "One of these files takes more memory to read than this box has. Take it out, or hand it in as a smaller file."


class EditedMeanwhile(BadInput):
    """What somebody changes was changed by somebody else, or in another window, since they began."""

    code = "edited-meanwhile"
    message = "This was changed in another window, or by somebody else, since it was opened here. Nothing was overwritten."


class NotTaken(BadInput):
    """A file that a pupil hands in and that is not taken; *reason*: ``kind``, ``large`` or ``damaged``."""

    code = "not-taken"
    message = "This file was not taken ({reason}). Hand in a photo, a PDF, a document, a sound or a short film of at most 25 MB."


class BadCertificate(BadInput):
    """A certificate cannot be read."""

    code = "bad-certificate"
    message = "{path} is not a certificate that can be used: {reason}."


class BadCard(BadInput):
    """An ``edubox.toml`` that cannot be applied; *mistakes* are all there are, *list* says them line by line."""

    code = "bad-card"
    message = "edubox.toml cannot be applied, and nothing of it was:\n{list}"


class WrongCard(BadInput):
    """A file that no card can have as its ``edubox.toml``; *list* says every mistake, in each language."""

    code = "wrong-card"
    message = "{path} cannot be the edubox.toml of a card:\n{list}"


class NameTaken(BadInput):
    """A second account of one name: people come in by their names."""

    code = "name-taken"
    message = "Somebody here is called {name} already. Add an initial or a subject."


class WeakPassword(BadInput):
    """A password that is too short or that everybody tries first."""

    code = "weak-password"
    message = "{reason}"


class LastAdministrator(BadInput):
    """Closing, or making a teacher of, the only administrator."""

    code = "last-administrator"
    message = "This is the only administrator. Name another one first."


class BadCode(BadInput):
    """A one-time code or an invitation that is not one, was used, or is over."""

    code = "bad-code"
    message = "This code is not right, or was used already. Look at it again, or ask for another one."


class BadImage(BadInput):
    """A root image that no system can be made of."""

    code = "bad-image"
    message = "{path} is not a root image that can be published: {reason}."


class NotACard(BadInput):
    """A disk that is never written: this computer needs it, or it holds something that is in use."""

    code = "not-a-card"
    message = "{disk} is not written: {reason}."


class OnlyOnLinux(BadInput):
    """Cards are written where we can tell them from the system's disk and read past the cache: on Linux."""

    code = "only-on-linux"
    message = "Cards are written on Linux. On this computer take Raspberry Pi Imager with the list that edubox flash imager makes."


class BadSchools(BadInput):
    """A list of schools with mistakes; *list* says them all, row by row."""

    code = "bad-schools"
    message = "{path} has mistakes, and no card was touched:\n{list}"


class HubRefused(BadInput):
    """The country's hub understood and says no, in its own words; *status* and *why* are its answer's."""

    code = "hub-refused"
    message = "The hub refuses: {reason}."


class NotFound(BadInput):
    """Something named that is not there."""

    code = "not-found"
    message = "{what} was not found."


# --- trust ---------------------------------------------------------------------------------------------


class NotTrusted(EduboxError):
    """A signature, version or hash that does not hold."""

    code = "not-trusted"
    exit_code = NOT_TRUSTED
    message = "Not trusted: {reason}. Nothing was changed."


class WrongPassphrase(NotTrusted):
    """The key's wrapping does not open."""

    code = "wrong-passphrase"
    message = "The passphrase does not open the key {path}. Type it again."


class WrongRecoveryCode(NotTrusted):
    """A recovery code without typing errors, of another box."""

    code = "wrong-recovery-code"
    message = (
        "This recovery code does not belong to {what}. Look for the school sheet that was printed for it."
    )


class OtherMachine(NotTrusted):
    """The data folder of a box, found on another computer than the one that publishes from it."""

    code = "other-machine"
    message = (
        "The box's own lessons were published from another computer, so nothing new is published from this one; "
        "lessons are shown as before. Say what happened with edubox box resolve."
    )


class RestoredBackup(NotTrusted):
    """A box out of a backup that may be older than what its sources hold of it."""

    code = "restored-backup"
    message = (
        "This box comes out of a backup, and its sources may hold newer lessons of its own. Until they were asked, "
        "nothing is published: run edubox box resolve --restored-backup."
    )


class OtherCountry(NotTrusted):
    """Carried lessons that begin with another country's root than the box's."""

    code = "other-country"
    message = "{source} carries lessons of another country than this box's. Nothing was taken from it."


class Expired(NotTrusted):
    """Signed data past its date, in strict mode."""

    code = "expired"
    message = "The signatures of {what} have ended ({reason}). Ask its publisher to sign again."


class Rollback(NotTrusted):
    """An older version than the one already trusted, or than other signed data names."""

    code = "rollback"
    message = "The source offers an older version of {what} than was already signed. Nothing was changed."


class HashMismatch(NotTrusted):
    """Bytes that are not the bytes that were signed."""

    code = "hash-mismatch"
    message = "{what} is not what its publisher signed. It was thrown away; another source may have it whole."


# --- source --------------------------------------------------------------------------------------------


class Unreachable(EduboxError):
    """The source cannot be reached or stopped answering; what was received is kept."""

    code = "unreachable"
    exit_code = UNREACHABLE
    message = (
        "{source} cannot be reached ({reason}). What was received is kept; the next try continues there."
    )


class MissingFile(Unreachable):
    """The source is there, but a file that signed data names is not."""

    code = "missing-file"
    message = "{source} does not have {path}. Its copy is incomplete; try another source or try later."


class InOtherParts(MissingFile):
    """A courier's parts come one by one: what these do not hold is in others."""

    code = "in-other-parts"
    message = "{path} is not in {source}: the rest comes with the other parts. What was received is kept."


class StoreAway(Unreachable):
    """The place where a hub keeps its files (a disk, a bucket) does not answer, or refuses."""

    code = "store-away"
    message = "{store} does not take or give files now ({reason}). Nothing was lost; try again when it does."


class TryLater(Unreachable):
    """The source answers that it has no time now; *seconds* is when to ask again, as it says."""

    code = "try-later"
    message = "{source} asks to come back in {seconds} seconds. What was received is kept."


class Postponed(EduboxError):
    """Not now, as somebody decided: the hours, the month's bytes, a pause, pupils who read. Nothing failed."""

    code = "postponed"
    exit_code = DONE
    message = "The rest comes later: {reason}. What was received is kept."


class DamagedCatalogue(EduboxError):
    """SQLite finds damage in the box's list of lessons; the lessons themselves are not in it."""

    code = "damaged-catalogue"
    message = "{path} is damaged ({reason}). Run edubox sync: it is made again from the lessons."


class DamagedSchool(EduboxError):
    """SQLite finds damage in the file of what people wrote: classes, announcements, reported problems."""

    code = "damaged-school"
    message = (
        "{path} is damaged ({reason}). The classes of the last backup are in it: edubox box restore FILE --data NEW-FOLDER "
        "makes a folder whose school.db can take its place."
    )


class FailingCard(EduboxError):
    """One file after the other cannot be read: more than a worn spot, so nothing more is taken away."""

    code = "failing-card"
    message = (
        "The card of {path} fails: file after file cannot be read. Check its contact; if that does not help, "
        "copy the data folder to a new card and run edubox sync."
    )


class WornOutCard(EduboxError):
    """A card that does not give back what is written to it, or holds less than it says."""

    code = "worn-out-card"
    message = "{disk} is a bad card: {reason}. Throw it away and take another one."


class UnfinishedCard(EduboxError):
    """A card whose writing was cut: without its first bytes nothing starts from it."""

    code = "unfinished-card"
    exit_code = UNREACHABLE
    message = "{disk} is not finished: {reason}. Nothing starts from it until it is written again."


# --- room and turn -------------------------------------------------------------------------------------


class NoRoom(EduboxError):
    """Not enough bytes or inodes."""

    code = "no-room"
    exit_code = NO_ROOM
    message = "There is no room on {path}: {reason}. Remove something, then run this again; nothing was lost."

    @staticmethod
    def describes(error: OSError) -> bool:
        """Whether *error* is the kernel's way to say that a disk or a quota is full."""
        return error.errno in {errno.ENOSPC, errno.EDQUOT}


class SlotTooSmall(NoRoom):
    """A system that is larger than the slot it is meant for; sizes in bytes."""

    code = "slot-too-small"
    message = "The new system has {size} bytes and {path} holds {room}: it is for a larger card. Nothing was written."


class FailedSlot(EduboxError):
    """A slot of a card that does not give back what was written to it."""

    code = "failed-slot"
    message = "{path} cannot be written ({reason}): the card is worn out. The box goes on with the system it runs; replace its card."


class CardTooSmall(EduboxError):
    """A card that the image does not fit on; it was not touched."""

    code = "card-too-small"
    exit_code = NO_ROOM
    message = (
        "{disk} holds {size} and the image needs {needed}. Take a larger card; this one was not touched."
    )


class Busy(EduboxError):
    """Another process holds the lock."""

    code = "busy"
    exit_code = BUSY
    message = "Another edubox is already working on {path}. Wait for it to end, then run this again."


class Crowded(EduboxError):
    """More people log in at once than the box has memory for."""

    code = "crowded"
    exit_code = BUSY
    message = "Many people are logging in just now. Try again in a moment."


class PortTaken(EduboxError):
    """A server cannot listen."""

    code = "port-taken"
    exit_code = BUSY
    message = "Port {port} is used by another program. Choose another one with {option}."


class ChildFailed(EduboxError):
    """A command that another command ran ended with an error, which it has said itself."""

    code = "child-failed"
    message = "{command} ended with status {status}; what it said is above."


class FailedCommand(EduboxError):
    """A program of the system that we ran did not do its work; *reason* is what it said last."""

    code = "failed-command"
    message = "{command} did not do its work: {reason}."
