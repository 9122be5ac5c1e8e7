"""``edubox hub person``: who has an account at the hub, for whoever has its folder in hand."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from edubox.cli.output import InOrder, answer, json_option

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from edubox.hub.hub import Hub

_data = click.option("--data", required=True, type=click.Path(path_type=Path), help="The country's folder.")
_ROLES = ("ministry", "officer", "reviewer", "reader")
T = TypeVar("T")


@click.group(cls=InOrder)
def person() -> None:
    """Who has an account at the hub."""


@person.command(short_help="Let somebody in.")
@click.argument("login")
@_data
@click.option("--name", help="Name that colleagues read.  [default: the login]")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What they may do.")
@click.option(
    "--authority", default="", help="The academy that they work for, such as ac-nantes; an officer needs one."
)
@json_option
def add(login: str, data: Path, name: str | None, role: str, authority: str, as_json: bool) -> None:
    """Make an account LOGIN and print a one-time code, with which its owner chooses a password within a week.

    There is no other way to the first account, and no password that anybody knows beforehand.
    """
    from edubox.hub.accounts import people
    from edubox.hub.accounts.roles import Person

    somebody = Person(0, login, name or login, role, authority)
    code = _change(data, lambda hub, connection: people.add(connection, _actor(), somebody, hub.now()))
    _tell(as_json, login, code)


@person.command("list", short_help="Who has an account.")
@_data
@json_option
def list_people(data: Path, as_json: bool) -> None:
    """Say who has an account, and whether they have come in and have a second factor."""
    from edubox.hub.accounts import passkeys, people

    found = _change(
        data,
        lambda _, connection: [
            {
                "login": row.login, "name": row.name, "role": row.role, "authority": row.authority, "password": bool(row.secret),
                "second": bool(row.totp) or bool(passkeys.of(connection, row.id)),
            }
            for row in people.every(connection)
        ],
    )  # fmt: skip
    text = "\n".join(
        f"{one['login']:<20} {one['role']:<10} {one['authority'] or 'whole country':<20} {one['name']}"
        f"{'' if one['password'] else ', has not come in yet'}{'' if one['second'] else ', no second factor'}"
        for one in found
    )
    answer(
        as_json,
        {"people": found},
        text or "Nobody has an account: edubox hub person add makes the first one.",
    )


@person.command(short_help="Close an account.")
@click.argument("login")
@_data
@json_option
def remove(login: str, data: Path, as_json: bool) -> None:
    """Close the account LOGIN with its sessions and its programs' tokens. The only one of the ministry stays."""
    from edubox.hub.accounts import people

    _change(data, lambda hub, connection: people.remove(connection, _actor(), login, hub.now()))
    answer(as_json, {"removed": login}, f"The account {login} is closed.")


@person.command(short_help="Let somebody in again who lost everything.")
@click.argument("login")
@_data
@json_option
def reset(login: str, data: Path, as_json: bool) -> None:
    """Take password, second factors, sessions and tokens from LOGIN, and print a one-time code for another password."""
    from edubox.hub.accounts import people

    code = _change(data, lambda hub, connection: people.reset(connection, _actor(), login, hub.now()))
    _tell(as_json, login, code)


def _tell(as_json: bool, login: str, code: str) -> None:
    from edubox.hub.accounts.codes import DAYS

    text = (
        f"One-time code for {login}, good for {DAYS} days, shown this once:\n\n    {code}\n\n"
        "It is typed at the hub's desk, below /bureau/invitation/, over HTTPS or on the hub's own computer."
    )
    answer(as_json, {"login": login, "code": code, "days": DAYS}, text)


def _change(data: Path, work: Callable[[Hub, Connection], T]) -> T:
    """What *work* does in one transaction of the hub in *data*."""
    from edubox.hub.hub import open_hub

    hub = open_hub(data)
    try:
        return hub.database.change(lambda connection: work(hub, connection))
    finally:
        hub.close()


def _actor() -> str:
    """Who the journal says it was: the account of this computer."""
    try:
        return f"{getpass.getuser()}@hub"
    except (KeyError, OSError):
        return "system"
