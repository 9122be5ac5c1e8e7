"""People, codes, sessions, guesses and tokens, over every engine."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from edubox.errors import BadInput, LastAdministrator, NameTaken, NotFound
from edubox.hub import audit
from edubox.hub.accounts import codes, guesses, people, sessions, tokens
from edubox.hub.accounts.roles import Person
from edubox.hub.tables import metadata, person_codes
from edubox.hub.tables import tokens as token_table

MARIE = Person(0, "marie", "Marie Lambert", "ministry")


def add(hub, person=MARIE):
    return hub.database.change(lambda connection: people.add(connection, "system", person, hub.now()))


def change(hub, work):
    return hub.database.change(work)


@pytest.mark.parametrize("person", [
    Person(0, "Marie", "M", "ministry"), Person(0, "m", "M", "ministry"), Person(0, "marie x", "M", "ministry"),
    Person(0, "marie", " ", "ministry"), Person(0, "marie", "a\nb", "ministry"), Person(0, "marie", "x" * 121, "ministry"),
    Person(0, "marie", "M", "root"), Person(0, "marie", "M", "officer"), Person(0, "marie", "M", "ministry", "ac-nord"),
    Person(0, "marie", "M", "officer", "../x"), Person(0, "box:x", "M", "ministry"), Person(0, "token:x", "M", "ministry"),
], ids=repr)  # fmt: skip
def test_who_cannot_be_somebody_is_refused(hub, person):
    with pytest.raises(BadInput):
        add(hub, person)
    with hub.database.read() as connection:
        assert people.every(connection) == []
        assert audit.lines(connection) == []


def test_a_name_is_given_once(hub):
    add(hub)
    with pytest.raises(NameTaken):
        add(hub)


def test_the_last_person_of_the_ministry_stays(hub):
    add(hub)
    with pytest.raises(LastAdministrator):
        change(hub, lambda connection: people.remove(connection, "system", "marie", hub.now()))
    add(hub, Person(0, "paul", "Paul", "ministry"))
    change(hub, lambda connection: people.remove(connection, "paul", "marie", hub.now()))
    with hub.database.read() as connection:
        assert [row.login for row in people.every(connection)] == ["paul"]
    with pytest.raises(NotFound):
        change(hub, lambda connection: people.remove(connection, "paul", "marie", hub.now()))


def test_a_code_opens_once_for_a_week_and_a_newer_one_ends_it(hub, clock):
    first = add(hub)
    with hub.database.read() as connection:
        number = people.named(connection, "marie").id
        assert codes.invited(connection, first.upper().replace("-", " "), hub.now()) == number
    second = change(hub, lambda connection: codes.invite(connection, number, hub.now()))
    assert not change(hub, lambda connection: codes.use(connection, first, "enter", number, hub.now()))
    assert not change(hub, lambda connection: codes.use(connection, second, "recover", number, hub.now()))
    clock.forward(days=7)
    assert not change(hub, lambda connection: codes.use(connection, second, "enter", number, hub.now()))
    clock.forward(seconds=-1)
    assert change(hub, lambda connection: codes.use(connection, second, "enter", number, hub.now()))
    assert not change(hub, lambda connection: codes.use(connection, second, "enter", number, hub.now()))


def test_nothing_in_the_database_opens_anything(hub):
    code = add(hub)
    with hub.database.read() as connection:
        row = people.numbered(connection, 1)
    token = change(hub, lambda connection: sessions.begin(connection, row.id, "whole", "x", hub.now()))
    program = change(
        hub, lambda connection: tokens.make(connection, people.person(row), "p", ["read"], "", 3, hub.now())
    )
    recovery = change(hub, lambda connection: codes.recovery(connection, row.id))
    with hub.database.read() as connection:
        everything = repr([list(connection.execute(select(table))) for table in metadata.sorted_tables])
    for secret in (code, code.replace("-", ""), token, program, *recovery):
        assert secret not in everything


def test_a_reset_takes_everything_away_that_opened_the_account(hub):
    add(hub)
    person = Person(1, "marie", "M", "ministry")
    change(hub, lambda connection: people.set_totp(connection, 1, "A" * 32, 5))
    token = change(hub, lambda connection: sessions.begin(connection, 1, "whole", "x", hub.now()))
    program = change(hub, lambda connection: tokens.make(connection, person, "p", ["read"], "", 3, hub.now()))
    change(hub, lambda connection: codes.recovery(connection, 1))
    change(hub, lambda connection: people.reset(connection, "paul", "marie", hub.now()))
    with hub.database.read() as connection:
        row = people.numbered(connection, 1)
        assert (row.secret, row.totp) == ("", "")
        assert sessions.find(connection, token, hub.now()) is None
        assert tokens.holder(connection, program, hub.now()) is None
        assert [one.kind for one in connection.execute(select(person_codes))] == ["enter"]


def test_sessions_end_when_idle_and_after_a_day_s_work(hub, clock):
    add(hub)
    token = change(hub, lambda connection: sessions.begin(connection, 1, "whole", "x", hub.now()))

    def there():
        with hub.database.read() as connection:
            return sessions.find(connection, token, hub.now()) is not None

    clock.forward(seconds=sessions.IDLE - 1)
    assert there()
    clock.forward(seconds=1)
    assert not there()
    clock.forward(seconds=-1)
    for _ in range(30):
        change(hub, lambda connection: sessions.seen(connection, sessions.key(token), hub.now()))
        clock.forward(seconds=sessions.IDLE - 60)
    assert not there(), "twelve hours are enough"


def test_half_a_session_lasts_ten_minutes(hub, clock):
    add(hub)
    token = change(hub, lambda connection: sessions.begin(connection, 1, "half", "x", hub.now()))
    clock.forward(seconds=sessions.HALFWAY)
    with hub.database.read() as connection:
        assert sessions.find(connection, token, hub.now()) is None


def test_a_person_has_eight_sessions_at_most(hub, clock):
    add(hub)
    made = []
    for _ in range(sessions.OF_ONE + 1):
        made.append(change(hub, lambda connection: sessions.begin(connection, 1, "whole", "x", hub.now())))
        clock.forward(seconds=1)
    with hub.database.read() as connection:
        assert len(sessions.of(connection, 1, hub.now())) == sessions.OF_ONE
        assert sessions.find(connection, made[0], hub.now()) is None


def test_guessing_is_slow_for_the_name_and_for_the_address_and_not_for_others(hub, clock):
    def wait(login, address):
        with hub.database.read() as connection:
            return guesses.wait(connection, login, address, hub.now())

    for _ in range(guesses.FREE):
        assert wait("marie", "1.2.3.4") <= 0
        change(hub, lambda connection: guesses.wrong(connection, "marie", "1.2.3.4", hub.now()))
    assert wait("marie", "1.2.3.4") == 1
    assert wait("marie", "9.9.9.9") == 1, "many addresses do not help"
    assert wait("paul", "1.2.3.4") == 1, "many names do not help"
    assert wait("paul", "9.9.9.9") <= 0
    for _ in range(20):
        change(hub, lambda connection: guesses.wrong(connection, "marie", "1.2.3.4", hub.now()))
    assert wait("marie", "1.2.3.4") == guesses.LONGEST
    clock.forward(seconds=guesses.FORGOTTEN)
    assert wait("marie", "1.2.3.4") <= 0


def test_nobody_keeps_somebody_out_of_the_place_they_always_come_from(hub):
    change(hub, lambda connection: guesses.right(connection, "marie", "1.2.3.4", hub.now(), whole=True))
    for _ in range(30):
        change(hub, lambda connection: guesses.wrong(connection, "marie", "6.6.6.6", hub.now()))
    with hub.database.read() as connection:
        assert guesses.wait(connection, "marie", "1.2.3.4", hub.now()) <= 0
        assert guesses.wait(connection, "marie", "5.5.5.5", hub.now()) > 0


def test_the_password_does_not_take_back_wrong_second_factors(hub):
    for _ in range(guesses.FREE):
        change(hub, lambda connection: guesses.wrong(connection, "marie", "", hub.now(), second=True))
    change(hub, lambda connection: guesses.right(connection, "marie", "1.2.3.4", hub.now(), whole=False))
    with hub.database.read() as connection:
        assert guesses.wait(connection, "marie", "", hub.now(), second=True) > 0


def test_a_token_may_never_do_more_than_its_maker(hub, clock):
    add(hub)
    add(hub, Person(0, "paul", "Paul", "officer", "ac-nord"))
    with hub.database.read() as connection:
        paul = people.person(people.named(connection, "paul"))
    token = change(
        hub, lambda connection: tokens.make(connection, paul, "p", ["read", "fleet"], "", 30, hub.now())
    )

    def holder():
        with hub.database.read() as connection:
            return tokens.holder(connection, token, hub.now())

    assert holder().actor == "token:p"
    assert holder().may("read", "ac-nord")
    assert not holder().may("read", "ac-sud")
    assert not holder().may("audit", "ac-nord"), "it is for something else"
    change(
        hub,
        lambda connection: connection.execute(
            people.people.update().where(people.people.c.login == "paul").values(role="reader")
        ),
    )
    assert not holder().may("fleet", "ac-nord"), "its maker may not any more"
    clock.forward(days=30)
    assert holder() is None
    clock.forward(days=-1)
    change(hub, lambda connection: people.remove(connection, "marie", "paul", hub.now()))
    assert holder() is None
    with hub.database.read() as connection:
        assert list(connection.execute(select(token_table))) == []


@pytest.mark.parametrize(("label", "scope", "days"), [
    ("", ["read"], 3), ("a\nb", ["read"], 3), ("x" * 61, ["read"], 3), ("p", [], 3), ("p", ["destroy"], 3), ("p", ["people"], 0),
    ("p", ["read"], 0), ("p", ["read"], 367),
])  # fmt: skip
def test_a_token_that_cannot_be_is_refused(hub, label, scope, days):
    with pytest.raises(BadInput):
        change(
            hub,
            lambda connection: tokens.make(
                connection, Person(1, "m", "M", "ministry"), label, scope, "", days, hub.now()
            ),
        )
