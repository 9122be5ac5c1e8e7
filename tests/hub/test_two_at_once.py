"""Two who publish, sign or decide at the same moment, as real processes: both are done, or one is told that it was too late."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from edubox.errors import BadInput
from edubox.hub import audit
from edubox.hub.enrol import deciding, offline, signing, status
from edubox.hub.review import accept, arrivals
from edubox.hub.tables import republications
from edubox.hub.tables import signing as signing_table
from edubox.pack.index import parse
from edubox.publishing.country import renew
from edubox.publishing.workplace import Workplace
from edubox.store.layout import bundle_path
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import prefix
from edubox.trust.verify import refresh
from tests.cli.country import edubox
from tests.hub.conftest import PASSPHRASE
from tests.hub.enrol.world import NORTH, OFFICER, Asker, give_codes
from tests.hub.intake.world import School, enrol
from tests.hub.processes import COLLECTION, at_once, programs, until
from tests.hub.review.world import arrive
from tests.publishing.country import edpack

READY = "print('ready', flush=True); sys.stdin.readline()\n"


@pytest.fixture
def hub(hub_of_now):
    return hub_of_now


@pytest.fixture
def country(hub):
    return hub.data


@pytest.fixture
def arrival(hub, tmp_path):
    """A lesson that a school offered and a reviewer has taken up."""
    school = School(tmp_path / "box", now=hub.clock())
    enrol(hub, school)
    one = arrive(hub, school)
    hub.database.change(lambda c: arrivals.assign(c, one.id, "marie", "marie", hub.now()))
    return one


def published(mirror, publisher, now):
    """Every lesson of *publisher* as a client finds it that knows nothing yet: slug → index. Strict."""
    import tempfile

    source, where = FolderFetch(mirror), prefix(publisher)
    root = source.read(f"{where}/metadata/1.root.json", 10**6)
    with (
        tempfile.TemporaryDirectory() as empty,
        refresh(source, where, Path(empty), root, now=now, strict=True) as found,
    ):
        indexes = {
            name.removesuffix(".json"): parse(found.target_bytes(name, 10**6))
            for name in found.target_hashes()
        }
    for index in indexes.values():
        for bundle in index.bundles:
            data = (mirror / bundle_path(bundle.sha256)).read_bytes()
            assert hashlib.sha256(data).hexdigest() == bundle.sha256
    return indexes


def test_editors_that_publish_at_the_same_moment_all_publish(country, tmp_path):
    """Six `edubox publish` of one collection at once: two of one lesson, four of others, while its hub signs the directory anew."""
    from datetime import UTC, datetime

    lessons = {
        f"{slug}-{number}": (slug, edpack(tmp_path / f"{slug}-{number}.edpack", {"index.html": f"<h1>{slug} {number}</h1>".encode()}))
        for number, slug in enumerate(("lune", "lune", "mer", "pluie", "vent", "neige"))
    }  # fmt: skip
    with ThreadPoolExecutor(len(lessons) + 1) as pool:
        runs = [
            pool.submit(
                edubox, "publish", file, "--to", country / "mirror", "--as", "ministry/starter", "--slug", slug,
                EDUBOX_PASSPHRASE=PASSPHRASE,
            )
            for slug, file in lessons.values()
        ]  # fmt: skip
        pool.submit(edubox, "hub", "renew", "--data", country).result()
        for one in runs:
            one.result()
    found = published(country / "mirror", "ministry/starter", datetime.now(UTC))
    assert {slug: index.version for slug, index in found.items()} == {
        "lune": 2,
        "mer": 1,
        "neige": 1,
        "pluie": 1,
        "vent": 1,
    }
    left = [
        path
        for path in (country / "mirror").rglob("*")
        if path.name.startswith(".") and path.name.endswith(".new")
    ]
    assert left == []


def test_two_operators_that_publish_what_was_accepted_publish_it_once(hub, arrival, engine):
    """One of them with a passphrase that is not the collection's: its mistake takes nothing back."""
    accept.accept(hub, arrival.id, "marie", COLLECTION)
    code = (
        "from edubox.hub.review import accept\nwith hub.database.read() as c:\n    (line,) = accept.listed(c)\n"
        "print('ready', flush=True)\nprint(accept.publish_one(hub, line.id, {secret!r}).state)\n"
    )
    with hub.database.read() as connection:
        (before,) = accept.listed(connection)
    codes = [code.format(secret=secret) for secret in (PASSPHRASE, PASSPHRASE, "another one")]
    with programs(hub.data, *codes, environment=engine.environment) as started:
        with Workplace.beside(hub.mirror).publisher(COLLECTION):
            for one in started:
                assert one.stdout.readline() == "ready\n"
                until(lambda one=one: waits_for(one, "choix.lock"), "it does not wait for the collection")
        said = [one.stdout.read() for one in started]
    assert said[:2] == ["published\n"] * 2
    # Whoever was first with the wrong one was told to wait; whoever comes after all hears what is.
    assert said[2] in {"published\n", "waiting\n"}
    assert accept._end(hub, before, accept.WAITING, "the passphrase is wrong").state == "published"
    found = published(hub.mirror, COLLECTION, hub.clock())
    assert [(slug, index.version) for slug, index in found.items()] == [("la-lune", 1)]
    with hub.database.read() as connection:
        assert [(row.state, row.version) for row in connection.execute(select(republications))] == [
            ("published", 1)
        ]
        told = Counter(line.what for line in arrivals.history(connection, arrival.id))
    assert told["published"] == 1


def waits_for(process, name):
    """Whether *process* has the lock file *name* open."""
    with contextlib.suppress(OSError):
        return any(link.readlink().name == name for link in Path(f"/proc/{process.pid}/fd").iterdir())
    return False


def test_of_reviewers_who_decide_at_the_same_moment_one_is_heard(hub, arrival, engine):
    yes = (
        "from edubox.hub.review import accept\nfrom edubox.errors import EduboxError\n" + READY
        + f"try:\n    accept.accept(hub, {arrival.id}, 'marie', {COLLECTION!r}); print('done')\n"
        "except EduboxError as error:\n    print(error.code)\n"
    )  # fmt: skip
    no = (
        "from edubox.hub.review import arrivals\nfrom edubox.errors import EduboxError\n" + READY
        + "try:\n"
        f"    hub.database.change(lambda c: arrivals.refuse(c, {arrival.id}, 'marie', 'non', hub.now())); print('done')\n"
        "except EduboxError as error:\n    print(error.code)\n"
    )  # fmt: skip
    with programs(hub.data, yes, no, yes, environment=engine.environment) as started:
        said = [one.strip() for one in at_once(started)]
    assert Counter(said) == {"done": 1, "not-possible": 2}, said
    with hub.database.read() as connection:
        state = arrivals.get(connection, arrival.id).state
        lines = list(connection.execute(select(republications)))
    assert (state, len(lines)) in {("accepted", 1), ("refused", 0)}
    audit.verify(hub.database)


def asked(hub, count, authority=NORTH):
    """Boxes that an officer has accepted, and whose records wait for the key."""
    for number, code in enumerate(give_codes(hub, count, authority, name=f"liste {authority} {count}")):
        Asker(name=f"ecole-{authority}-{number}").ask(hub, code)
    rows = [one.row for one in deciding.waiting(hub, authority)]
    return deciding.accept(hub, rows, OFFICER, {row: f"ecole-{row}" for row in rows})


def records(hub, ids):
    listed = Directory(FolderFetch(hub.mirror))
    return [listed.record(one) for one in ids]


def test_a_signature_from_elsewhere_and_one_at_the_desk_at_the_same_moment(hub, tmp_path, engine):
    """The academy signed its queue on a computer without a line; while that comes in, somebody signs what waits at the hub."""
    first = asked(hub, 3)
    queue = offline.read_queue(offline.export(hub, NORTH))
    signed, _ = offline.sign_queue(
        queue, hub.workplace.signer(f"authorities/{NORTH}", PASSPHRASE), hub.clock()
    )
    (tmp_path / "signed.json").write_bytes(signed)
    later = asked(hub, 2)
    with ThreadPoolExecutor(3) as pool:
        secret = {"EDUBOX_PASSPHRASE": PASSPHRASE} | engine.environment
        desk = pool.submit(edubox, "academy", "sign", "--data", hub.data, "--yes", **secret)
        brought = pool.submit(
            edubox, "academy", "import", tmp_path / "signed.json", "--data", hub.data, check=None, **secret
        )
        online = pool.submit(edubox, "hub", "renew", "--data", hub.data)
        desk.result()
        online.result()
    # Either was first; who came second is told so and has changed nothing.
    assert brought.result().returncode in {0, 2}, brought.result().stderr
    if signing.waiting(hub):
        edubox("academy", "sign", "--data", hub.data, "--yes", **secret)
    assert all(records(hub, first + later))
    with hub.database.read() as connection:
        lines = [line for line in audit.every(connection) if line.action == "sign.enter"]
        rows = [row.state for row in connection.execute(select(signing_table))]
    assert sorted(line.subject for line in lines) == sorted(first + later)
    assert set(rows) == {"signed"}
    audit.verify(hub.database)
    assert renew(hub.data, hub.clock()) is False


def test_an_acceptance_during_a_signature_goes_on_and_waits_for_the_next_one(hub, arrival, engine):
    """Boxes are accepted and a lesson is, while the academy signs: all of it is there, nothing of it half."""
    first = asked(hub, 4)
    for number, code in enumerate(give_codes(hub, 3, name="autre")):
        Asker(name=f"autre-{number}").ask(hub, code)
    rows = [one.row for one in deciding.waiting(hub)]
    take = (
        "from edubox.hub.enrol import deciding\nfrom edubox.hub.review import accept\n" + READY
        + f"for row in {rows!r}:\n    deciding.accept(hub, [row], 'marie', {{row: f'autre-{{row}}'}})\n"
        f"accept.accept(hub, {arrival.id}, 'marie', {COLLECTION!r})\n"
    )  # fmt: skip
    sign = (
        "from edubox.hub.enrol import signing\n"
        f"signers = {{{NORTH!r}: hub.workplace.signer('authorities/{NORTH}', {PASSPHRASE!r})}}\n" + READY
        + "for _ in range(3):\n    signing.sign(hub, signers, signing.waiting(hub), 'paul')\n"
    )  # fmt: skip
    publish = (
        "from edubox.hub.review import accept\n" + READY
        + f"deadline = time.monotonic() + 60\nwhile time.monotonic() < deadline:\n"
        "    with hub.database.read() as c:\n        lines = accept.listed(c, states=(accept.WAITING,))\n"
        f"    if lines:\n        print(accept.publish_one(hub, lines[0].id, {PASSPHRASE!r}).state)\n        break\n"
        "    time.sleep(0.02)\n"
    )  # fmt: skip
    with programs(hub.data, take, sign, publish, environment=engine.environment) as started:
        said = at_once(started)
    assert said[2] == "published\n"
    if waits := signing.waiting(hub):
        signing.sign(hub, {NORTH: hub.workplace.signer(f"authorities/{NORTH}", PASSPHRASE)}, waits, "paul")
    assert all(records(hub, first + [f"{NORTH}/autre-{row}" for row in rows]))
    assert list(published(hub.mirror, COLLECTION, hub.clock())) == ["la-lune"]
    audit.verify(hub.database)


def test_a_box_that_is_suspended_while_somebody_types_the_passphrase_stays_so(hub):
    """The list was shown; meanwhile the box was stolen, an officer suspended it and that was signed. The older line must not count."""
    (school,) = asked(hub, 2)[:1]
    signers = {NORTH: hub.workplace.signer(f"authorities/{NORTH}", PASSPHRASE)}
    shown = signing.waiting(hub)
    status.suspend(hub, school, OFFICER, "volé")
    signing.sign(hub, signers, signing.waiting(hub), "paul")
    assert records(hub, [school])[0].status == "suspended"
    assert school not in signing.sign(hub, signers, shown, "jeanne")
    assert records(hub, [school])[0].status == "suspended"


def test_a_signature_that_comes_in_after_a_suspension_is_told_to_begin_anew(hub):
    school = asked(hub, 2)[0]
    signer = hub.workplace.signer(f"authorities/{NORTH}", PASSPHRASE)
    signed, _ = offline.sign_queue(offline.read_queue(offline.export(hub, NORTH)), signer, hub.clock())
    status.suspend(hub, school, OFFICER, "volé")
    signing.sign(hub, {NORTH: signer}, signing.waiting(hub), "paul")
    with pytest.raises(BadInput, match="do not wait"):
        offline.bring(hub, signed, "jeanne")
    assert records(hub, [school])[0].status == "suspended"


def test_the_same_signed_file_brought_twice_at_the_same_moment_is_published_once(hub, tmp_path, engine):
    ids = asked(hub, 2)
    signer = hub.workplace.signer(f"authorities/{NORTH}", PASSPHRASE)
    signed, _ = offline.sign_queue(offline.read_queue(offline.export(hub, NORTH)), signer, hub.clock())
    (tmp_path / "signed.json").write_bytes(signed)
    code = (
        "from edubox.hub.enrol import offline\nfrom edubox.errors import EduboxError\n" + READY
        + f"try:\n    offline.bring(hub, Path({str(tmp_path / 'signed.json')!r}).read_bytes(), 'paul'); print('done')\n"
        "except EduboxError as error:\n    print(error.code)\n"
    )  # fmt: skip
    with programs(hub.data, code, code, environment=engine.environment) as started:
        said = Counter(one.strip() for one in at_once(started))
    assert said == {"done": 1, "bad-input": 1}
    assert all(records(hub, ids))
    with hub.database.read() as connection:
        assert sum(line.action == "sign.enter" for line in audit.every(connection)) == len(ids)


def test_workers_that_publish_for_two_collections_do_not_wait_for_each_other(hub, tmp_path):
    """One collection's repository is held for long; the other one is published meanwhile."""
    from tests.hub.publications import publish

    with Workplace.beside(hub.mirror).publisher(COLLECTION):
        done = publish(hub.data, "les-saisons", "Les saisons", hub.clock())
    assert done.index.version == 1
    assert json.loads(done.index.to_bytes())["version"] == 1
