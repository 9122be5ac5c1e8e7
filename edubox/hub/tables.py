"""What a hub keeps in its database: every table, once.

The same statements run on SQLite, which one computer needs, and on PostgreSQL, which several need; so only what both know
is used: no engine's own types or words. Times are whole seconds since 1970 (UTC), identifiers are those of the signed folder,
JSON is text. What is signed is not here: the mirror holds it, and a table only says where to look. Beside each table stands
the room that writes it; others read.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

#: database: one line a fact about the database itself, such as the number of its last migration.
about = Table("about", metadata, Column("key", String(60), primary_key=True), Column("value", Text, nullable=False))  # fmt: skip

#: audit: who did what, each line sealed by the hash of the one before.
audit = Table(
    "audit", metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Index("audit_subject", "subject"),
)  # fmt: skip

#: queue: work that a person does not wait for.
jobs = Table(
    "jobs", metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(60), nullable=False),
    # Two jobs of one key are one job while neither has begun.
    Column("key", String(200), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    # Whose it is, and until when: a worker that died does not keep it.
    Column("worker", String(100), nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("said", Text, nullable=False),
    Index("jobs_next", "state", "due"),
)  # fmt: skip

#: release: what the bucket has of the mirror: a repository by the hash of its timestamp, a shelf of objects or bundles by the
#: time of its last change (nanoseconds).
released = Table(
    "released", metadata, Column("folder", String(200), primary_key=True), Column("mark", String(64), nullable=False)
)  # fmt: skip

#: enrol: lists of one-time codes that an authority gave out. On an automatic list a box with a code of it waits for nobody.
code_lists = Table(
    "code_lists", metadata,
    Column("id", Integer, primary_key=True),
    Column("authority", String(63), nullable=False),
    Column("name", String(200), nullable=False),
    Column("imported", BigInteger, nullable=False),
    Column("automatic", Integer, nullable=False),
    Index("code_lists_name", "authority", "name", unique=True),
)  # fmt: skip

#: enrol: of a code only its hash is here; it is used when ``box`` is a box, and once for all.
codes = Table(
    "codes", metadata,
    Column("hash", String(64), primary_key=True),
    Column("list", Integer, nullable=False),
    # The school that it was made for, in the authority's words, and the second part of its id, if the list says one.
    Column("school", String(500), nullable=False),
    Column("name", String(63), nullable=False),
    Column("expires", BigInteger),
    Column("box", Integer),
    Column("used", BigInteger),
    Index("codes_list", "list"),
)  # fmt: skip

#: enrol: every box that asked with a good code; what became of that, and the key that signs its requests.
boxes = Table(
    "boxes", metadata,
    Column("id", Integer, primary_key=True),
    Column("local", String(40), nullable=False, unique=True),
    # The id by which the directory knows it, once it was accepted; empty before.
    Column("publisher", String(130), nullable=False),
    Column("state", String(10), nullable=False),
    Column("authority", String(63), nullable=False),
    Column("wanted", String(63), nullable=False),
    Column("label", String(500), nullable=False),
    Column("kind", String(63), nullable=False),
    Column("school", String(500), nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("decided", BigInteger),
    Column("decided_by", String(200), nullable=False),
    Column("address_class", String(20), nullable=False),
    # The writer key of its newest root, and the highest counter that it used, with that request's signature.
    Column("keyid", String(64), nullable=False, unique=True),
    Column("key", String(64), nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("signature", String(128), nullable=False),
    # The chain of its roots: how many, the hash of the newest, all of them as JSON.
    Column("root_version", Integer, nullable=False),
    Column("root_sha256", String(64), nullable=False),
    Column("roots", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    # The id that it had in another authority, which its record names for boxes that have not heard of the move.
    Column("moved_from", String(130), nullable=False),
    Index("boxes_state", "authority", "state"),
    Index("boxes_publisher", "publisher"),
)  # fmt: skip

#: enrol: records that wait for an authority's key. ``after`` is a line that must be signed before this one.
signing = Table(
    "signing", metadata,
    Column("id", Integer, primary_key=True),
    Column("authority", String(63), nullable=False),
    Column("publisher", String(130), nullable=False),
    Column("what", String(20), nullable=False),
    Column("record", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("asked_by", String(200), nullable=False),
    Column("signed", BigInteger),
    Column("signed_by", String(200), nullable=False),
    Column("after", Integer),
    Index("signing_waiting", "authority", "state"),
)  # fmt: skip

# --- accounts (edubox.hub.accounts): people, what they come in by, and who has come in -----------------------------------

#: Somebody who works at the hub. *authority* is empty for the whole country. Nothing here opens anything by itself but
#: *totp*, the shared secret of an authenticator: see docs/adr/0033.
people = Table(
    "people", metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String(60), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(20), nullable=False),
    Column("authority", String(63), nullable=False),
    #: Argon2id in PHC form; empty until the one-time code was used.
    Column("secret", Text, nullable=False),
    Column("totp", String(64), nullable=False),
    #: The last time step whose code was used: no code opens twice.
    Column("totp_step", BigInteger, nullable=False),
    Column("made", BigInteger, nullable=False),
)  # fmt: skip

#: Public keys that a person's device or security key keeps the other half of.
passkeys = Table(
    "passkeys", metadata,
    #: SHA-256 of the credential's id, which may be long.
    Column("hash", String(64), primary_key=True),
    Column("person", Integer, nullable=False),
    Column("credential", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    #: The name that the browser bound it to.
    Column("site", String(253), nullable=False),
    Column("label", String(60), nullable=False),
    #: What its own counter said last: a copy of a key falls behind.
    Column("uses", BigInteger, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Index("passkeys_person", "person"),
)  # fmt: skip

#: One-time codes by their SHA-256: *kind* ``enter`` (first password, or another after a reset) or ``recover`` (instead of a
#: second factor).
person_codes = Table(
    "person_codes", metadata,
    Column("hash", String(64), primary_key=True),
    Column("person", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("until", BigInteger, nullable=False),
    Index("person_codes_person", "person"),
)  # fmt: skip

#: Who has come in, by the SHA-256 of the cookie's token; several processes share them.
sessions = Table(
    "sessions", metadata,
    Column("hash", String(64), primary_key=True),
    Column("person", Integer, nullable=False),
    #: ``half``: the second factor is still to come; ``setup``: there is none yet and there must be; ``whole``.
    Column("stage", String(10), nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    #: What kind of browser, for the list of a person's own sessions.
    Column("agent", String(80), nullable=False),
    #: What a passkey must answer next; empty when nothing was asked.
    Column("challenge", String(100), nullable=False),
    #: The secret of an authenticator that is being set up, until its first code is right.
    Column("pending", String(64), nullable=False),
    Index("sessions_person", "person"),
)  # fmt: skip

#: Wrong guesses, by the name that they were for or the address that they came from.
guesses = Table(
    "guesses", metadata,
    Column("key", String(200), primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("last", BigInteger, nullable=False),
)  # fmt: skip

#: What programs come in by: the SHA-256 of a token that was shown once.
tokens = Table(
    "tokens", metadata,
    Column("hash", String(64), primary_key=True),
    Column("label", String(60), nullable=False, unique=True),
    Column("person", Integer, nullable=False),
    #: Actions of ``accounts.roles``, with spaces between.
    Column("scope", String(200), nullable=False),
    Column("authority", String(63), nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Index("tokens_person", "person"),
)  # fmt: skip

# --- intake (edubox.hub.intake): what boxes push, until it is whole and verified -----------------------------------------

#: intake: one offer of one version on its way here; *id* is derived from what is offered, so asking again finds it.
pushes = Table(
    "pushes", metadata,
    Column("id", String(32), primary_key=True),
    # The box (boxes.local), and the lesson's short name.
    Column("box", String(40), nullable=False),
    Column("slug", String(63), nullable=False),
    # open, checking, done or refused; why it was refused, as code and sentence.
    Column("state", String(10), nullable=False),
    Column("code", String(60), nullable=False),
    Column("reason", Text, nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("manifest", String(64), nullable=False),
    # Bytes of its files, and the hash of the letter as it came, which the intake's store keeps.
    Column("size", BigInteger, nullable=False),
    Column("letter", String(64), nullable=False),
    Index("pushes_box", "box", "state"),
)  # fmt: skip

#: intake: a file that a box delivers: how much is here, and whether it is whole and has its hash. One row a box and file,
#: so that nobody learns or uses what another school sent.
pushed_files = Table(
    "pushed_files", metadata,
    Column("box", String(40), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("reached", BigInteger, nullable=False),
    Column("whole", Integer, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Index("pushed_files_sha256", "sha256"),
)  # fmt: skip

#: intake: which files an offer needs.
push_needs = Table(
    "push_needs", metadata,
    Column("push", String(32), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    # bundle or object.
    Column("kind", String(10), nullable=False),
    Index("push_needs_sha256", "sha256"),
)  # fmt: skip

#: intake: a piece of a file that is not whole yet; its bytes lie in the intake's store.
pieces = Table(
    "pieces", metadata,
    Column("box", String(40), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("begin", BigInteger, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)  # fmt: skip

#: intake: bytes that a box sent on a day (days since 1970).
pushed_bytes = Table(
    "pushed_bytes", metadata,
    Column("box", String(40), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
)  # fmt: skip

#: intake: what was last verified of a school's own repository (its metadata as JSON, path → base64): nothing older is taken.
#: The first root that the repository had stays with it.
repositories = Table(
    "repositories", metadata,
    Column("box", String(40), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("files", Text, nullable=False),
)  # fmt: skip

#: intake: what nothing needs, since when; it leaves when a second look 30 days later finds it so again.
unreferenced = Table(
    "unreferenced", metadata,
    Column("name", String(200), primary_key=True),
    Column("since", BigInteger, nullable=False),
)  # fmt: skip

# --- review (edubox.hub.review): verified lessons, what is said of them, and where they are published --------------------

#: review: a version of a school's lesson that was verified. *label* is the school's name, *authority* who looks at it.
arrivals = Table(
    "arrivals", metadata,
    Column("id", Integer, primary_key=True),
    Column("push", String(32), nullable=False, unique=True),
    Column("box", String(40), nullable=False),
    Column("publisher", String(130), nullable=False),
    Column("authority", String(63), nullable=False),
    Column("label", String(500), nullable=False),
    Column("slug", String(63), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("manifest", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("language", String(35), nullable=False),
    Column("author", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("arrived", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    # received, review, accepted, returned, refused, or replaced by a newer version, or withdrawn by its teacher.
    Column("state", String(10), nullable=False),
    Column("reviewer", String(200), nullable=False),
    # What the checks said, as JSON, once they ran.
    Column("findings", Text, nullable=False),
    # The signed index, as it came; the intake's store keeps the manifest, under its hash.
    Column("signed", Text, nullable=False),
    Index("arrivals_state", "state", "arrived"),
    Index("arrivals_lesson", "box", "slug", "version"),
    Index("arrivals_manifest", "manifest"),
)  # fmt: skip

#: review: the files of an arrival, to find the same ones elsewhere.
arrival_files = Table(
    "arrival_files", metadata,
    Column("arrival", Integer, primary_key=True, autoincrement=False),
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Index("arrival_files_sha256", "sha256"),
)  # fmt: skip

#: review: the history of an arrival, in order. *told*: its teacher reads it on the desk of the school's box.
remarks = Table(
    "remarks", metadata,
    Column("id", Integer, primary_key=True),
    Column("arrival", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    # arrived, assigned, remark, returned, accepted, refused, published, failed, replaced, withdrawn, recalled.
    Column("what", String(20), nullable=False),
    Column("words", Text, nullable=False),
    Column("told", Integer, nullable=False),
    Index("remarks_arrival", "arrival"),
)  # fmt: skip

#: review: an accepted lesson on its way into a collection. *state*: waiting (for its key), queued, published or failed.
republications = Table(
    "republications", metadata,
    Column("id", Integer, primary_key=True),
    Column("arrival", Integer, nullable=False),
    Column("publisher", String(130), nullable=False),
    Column("slug", String(63), nullable=False),
    Column("author", Text, nullable=False),
    Column("source", String(200), nullable=False),
    # When pupils see it (as in the index; empty: at once); how many boxes in a thousand get it first (1000: all), and days until all do.
    Column("not_before", String(20), nullable=False),
    Column("first", Integer, nullable=False),
    Column("days", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("asked_by", String(200), nullable=False),
    Column("changed", BigInteger, nullable=False),
    Index("republications_state", "state"),
    Index("republications_place", "publisher", "slug"),
)  # fmt: skip

#: review: what was recalled, from whom or what and why; the signed list says only what.
recalls = Table(
    "recalls", metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("manifest", String(64), nullable=False),
    Column("objects", Text, nullable=False),
    Column("lesson", Text, nullable=False),
    # Whose lesson it is; empty for what only the country as a whole sees.
    Column("authority", String(63), nullable=False),
    Column("reason", Text, nullable=False),
    # waiting (for the ministry's key) or done.
    Column("state", String(10), nullable=False),
)  # fmt: skip

# --- fleet (edubox.hub.fleet): what boxes said of themselves, and what is done about it --------------------------------------

#: The last check-in of each box; sizes in MB, *due*: after which it counts as silent. *level* is the worst of *health*.
check_ins = Table(
    "check_ins", metadata,
    Column("box", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("version", String(40), nullable=False),
    Column("board", String(63), nullable=False),
    Column("system", BigInteger, nullable=False),
    Column("disk_free", BigInteger, nullable=False),
    Column("disk_total", BigInteger, nullable=False),
    Column("files_free", BigInteger, nullable=False),
    Column("lessons", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("own", Integer, nullable=False),
    Column("success_ago", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failure", String(40), nullable=False),
    #: Seconds by which its clock differs from the hub's; and whether the box believes it.
    Column("clock_off", BigInteger, nullable=False),
    Column("clock_believed", Integer, nullable=False),
    Column("month_hub", BigInteger, nullable=False),
    Column("month_near", BigInteger, nullable=False),
    Column("level", String(10), nullable=False),
    Column("health", Text, nullable=False),
    Index("check_ins_due", "due"),
    Index("check_ins_level", "level"),
)  # fmt: skip

#: One line a box and day (days since 1970), the last word of that day.
check_in_days = Table(
    "check_in_days", metadata,
    Column("box", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("times", Integer, nullable=False),
    Column("level", String(10), nullable=False),
    Column("failure", String(40), nullable=False),
    Column("disk_free", BigInteger, nullable=False),
    Column("lessons", Integer, nullable=False),
    Column("month_hub", BigInteger, nullable=False),
    Index("check_in_days_day", "day"),
)  # fmt: skip

#: A version that goes to some boxes first. *limit* is how many failures in a thousand reports stop it; *held*: why it stopped.
rollouts = Table(
    "rollouts", metadata,
    Column("id", Integer, primary_key=True),
    Column("pack", String(200), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("authority", String(63), nullable=False),
    Column("title", String(500), nullable=False),
    Column("stages", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("limit", Integer, nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("began_by", String(200), nullable=False),
    Column("held", Text, nullable=False),
    Index("rollouts_pack", "pack", "version", unique=True),
)  # fmt: skip

#: How a rollout went at one box.
outcomes = Table(
    "outcomes", metadata,
    Column("rollout", Integer, primary_key=True, autoincrement=False),
    Column("box", Integer, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("at", BigInteger, nullable=False),
)  # fmt: skip

#: Who is told of what: *kind* ``silent``, ``broken`` or ``rollout``; *target* a mail address or an https address.
alerts = Table(
    "alerts", metadata,
    Column("id", Integer, primary_key=True),
    Column("authority", String(63), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("target", String(500), nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False),
    Column("said", Text, nullable=False),
)  # fmt: skip
