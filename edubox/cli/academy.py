"""``edubox academy``: an authority's part of a hub: codes, who asks, and its signature, with or without a line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.academy_codes import actor, authority_option, bytes_of, codes, data_option, open_hub_of
from edubox.cli.ceremony import signer_of
from edubox.cli.output import InOrder, NewFile, answer, counted, json_option, passphrase
from edubox.errors import BadInput

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

    from edubox.hub.enrol.signing import Line

_key = click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="The academy's key file.  [default: DATA/keys/authorities/…]",
)
_token = click.option("--token", help="Or the label of the security token that holds it.")
_token_key = click.option("--token-key", default=2, show_default=True, help="Number of the key on the token.")
_yes = click.option("--yes", is_flag=True, help="Do not ask whether the list is right.")


@click.group(cls=InOrder)
def academy() -> None:
    """An academy: whom it takes in, and its signature."""


academy.add_command(codes)


@academy.command("list", short_help="Who asks, and what waits for a signature.")
@data_option
@authority_option
@json_option
def list_all(data: Path, authority: str | None, as_json: bool) -> None:
    """Say which boxes ask to be taken in, and what waits for the academy's key."""
    from edubox.hub.enrol import deciding, signing

    hub = open_hub_of(data)
    asked, lines = deciding.waiting(hub, authority), signing.waiting(hub, authority)
    told = [
        f"{one.row:>6}  {one.authority}/{one.wanted}  “{one.school or one.label}”{f', calls itself “{one.label}”' if one.differs else ''}"
        f"\n        sheet {one.sheet}, key {one.fingerprint}; {datetime.fromtimestamp(one.asked, UTC):%Y-%m-%d %H:%M} UTC, {one.address_class}"
        for one in asked
    ]  # fmt: skip
    text = "\n".join(
        [
            f"{counted(len(asked), 'box asks', 'boxes ask')} to be taken in.",
            *told,
            signing.transcript(lines, hub.clock()),
        ]
    )
    value = {
        "asked": [
            {"request": one.row, "authority": one.authority, "wanted": one.wanted, "label": one.label, "school": one.school,
             "sheet": one.sheet, "fingerprint": one.fingerprint, "asked": one.asked, "from": one.address_class}
            for one in asked
        ],
        "signing": [{"line": line.id, "what": line.what, "publisher": line.record.id, "blocked": line.blocked} for line in lines],
    }  # fmt: skip
    answer(as_json, value, text)


@academy.command(short_help="Accept boxes that ask.")
@click.argument("numbers", metavar="REQUEST…", nargs=-1, required=True, type=int)
@data_option
@click.option("--name", help="Second part of its id, where it is to be another one; for one request.")
@click.option(
    "--replace", is_flag=True, help="It takes over the name of a box whose card and sheet are lost."
)
@json_option
def accept(numbers: tuple[int, ...], data: Path, name: str | None, replace: bool, as_json: bool) -> None:
    """Accept the requests with these numbers of `edubox academy list`. They count when they are signed."""
    from edubox.hub.enrol import deciding

    if name is not None and len(numbers) > 1:
        raise BadInput(reason="--name is for one request")
    named = {} if name is None else {numbers[0]: name}
    ids = deciding.accept(open_hub_of(data), numbers, actor(), named, replace=replace)
    answer(as_json, {"accepted": ids}, f"Accepted: {', '.join(ids)}. Next: edubox academy sign --data {data}")


@academy.command(short_help="Refuse a box that asks.")
@click.argument("number", metavar="REQUEST", type=int)
@data_option
@click.option("--reason", required=True, help="Why, in a sentence that the school reads.")
@json_option
def refuse(number: int, data: Path, reason: str, as_json: bool) -> None:
    """Refuse the request with this number of `edubox academy list`."""
    from edubox.hub.enrol import deciding

    deciding.refuse(open_hub_of(data), number, reason, actor())
    answer(as_json, {"refused": number}, f"Refused. The school reads: {reason}")


@academy.command(short_help="Hear requests that somebody carried.")
@click.argument("place", metavar="STICK", type=click.Path(path_type=Path))
@data_option
@json_option
def take(place: Path, data: Path, as_json: bool) -> None:
    """Hear the requests on a stick, in a folder or in one file, and put the answers beside them."""
    from edubox.hub.enrol.carried import take as take_in

    done = take_in(open_hub_of(data), place)
    text = "\n".join(f"{name}: {said}" for name, said in done.items()) or f"There is no request in {place}."
    answer(as_json, {"requests": done}, text)


@academy.command(short_help="Sign what waits, here or in a file of the queue.")
@click.argument("queue", metavar="[QUEUE.json]", required=False, type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="The country's folder: sign what waits there.")
@authority_option
@_key
@_token
@_token_key
@click.option("-o", "--output", type=NewFile(), help="Where the signed file goes.  [default: signed.json]")
@click.option(
    "--up-to",
    type=int,
    metavar="LINE",
    help="With --data: only lines up to this number, as somebody read them.",
)
@click.option("--by", metavar="NAME", help="Who signs, for the journal.  [default: who is logged in here]")
@_yes
@json_option
def sign(
    queue: Path | None, data: Path | None, authority: str | None, key: Path | None, token: str | None, token_key: int,
    output: Path | None, up_to: int | None, by: str | None, yes: bool, as_json: bool,
) -> None:  # fmt: skip
    """Show what waits for the academy's key, and sign it: in DATA, or in a file of `edubox academy export` without any line."""
    if (queue is None) == (data is None):
        raise BadInput(reason="say either --data DATA or the file of the queue")
    if queue is not None:
        _sign_file(queue, key, token, token_key, output or Path("signed.json"), yes=yes, as_json=as_json)
        return
    from edubox.hub.enrol import signing

    assert data is not None
    hub = open_hub_of(data)
    lines = [
        line
        for line in signing.waiting(hub, authority)
        if not line.blocked and (up_to is None or line.id <= up_to)
    ]
    if not lines:
        answer(as_json, {"signed": []}, "Nothing waits for a signature.")
        return
    _show(lines, hub.clock(), yes=yes, as_json=as_json)
    authorities = list(dict.fromkeys(line.authority for line in lines))
    if key is not None or token is not None:
        if len(authorities) > 1:
            raise BadInput(reason=f"one key signs for one academy; say --authority: {', '.join(authorities)}")
        signers = {authorities[0]: signer_of(key, token, token_key)}
    else:
        secret = passphrase()
        signers = {one: hub.workplace.signer(f"authorities/{one}", secret) for one in authorities}
    who = by or actor()
    ids = signing.sign(hub, signers, lines, who)
    # What waited for another authority's signature may be ready now.
    rest = [
        line for line in signing.waiting(hub, authority)
        if not line.blocked and line.authority in signers and (up_to is None or line.id <= up_to)
    ]  # fmt: skip
    if rest:
        ids += signing.sign(hub, signers, rest, who)
    answer(as_json, {"signed": ids}, f"Signed and published: {counted(len(ids), 'line')}.")


@academy.command(short_help="What an academy proposes to its schools.")
@data_option
@click.option("--authority", required=True, help="The academy.")
@click.option("--lists", type=click.Path(path_type=Path), help="A TOML file: propose this from now on.")
@_key
@_token
@_token_key
@click.option("--by", metavar="NAME", help="Who signs, for the journal.  [default: who is logged in here]")
@json_option
def follow(
    data: Path, authority: str, lists: Path | None, key: Path | None, token: str | None, token_key: int, by: str | None, as_json: bool
) -> None:  # fmt: skip
    """Say whose lessons the boxes of an academy keep unless a school chose otherwise, or change that with --lists."""
    from edubox.cli.country import read_country_file
    from edubox.hub.enrol import proposing
    from edubox.publishing.authority import proposals

    hub = open_hub_of(data)
    changed = False
    if lists is not None:

        def signer() -> Signer:
            if key is not None or token is not None:
                return signer_of(key, token, token_key)
            return hub.workplace.signer(f"authorities/{authority}", passphrase())

        changed = proposing.propose(hub, authority, read_country_file(lists), signer, by or actor())
    found = proposals(hub.data, authority)
    told = []
    for one in found:
        narrow = [
            f"{what} {', '.join(ids)}" for what, ids in (("levels", one.levels), ("kinds", one.kinds)) if ids
        ]
        told.append(f"  {', '.join(one.publishers)}{' – for ' if narrow else ''}{'; '.join(narrow)}")
    value = {
        "authority": authority, "changed": changed,
        "lists": [
            {"publishers": list(one.publishers), "levels": list(one.levels), "kinds": list(one.kinds)} for one in found
        ],
    }  # fmt: skip
    text = (
        f"{authority} proposes to its schools:" if told else f"{authority} proposes nothing to its schools."
    )
    answer(as_json, value, "\n".join([text, *told]))


@academy.command(short_help="Write what waits to a file, to sign elsewhere.")
@data_option
@click.option("--authority", required=True, help="The academy whose key is elsewhere.")
@click.option(
    "-o", "--output", type=NewFile(), default="queue.json", show_default=True, help="The file to write."
)
@json_option
def export(data: Path, authority: str, output: Path, as_json: bool) -> None:
    """Write what waits for an academy's key to a file. On the computer with the key: edubox academy sign FILE --key KEY."""
    from edubox.hub.enrol import offline
    from edubox.store.platform import write_atomic

    made = offline.export(open_hub_of(data), authority)
    write_atomic(output.absolute(), made)
    lines = offline.read_queue(made).lines
    answer(as_json, {"file": str(output), "lines": len(lines)}, f"{counted(len(lines), 'line')} in {output}.")


@academy.command("import", short_help="Publish what was signed elsewhere.")
@click.argument("signed", metavar="SIGNED.json", type=click.Path(path_type=Path))
@data_option
@json_option
def import_signed(signed: Path, data: Path, as_json: bool) -> None:
    """Check and publish the file that `edubox academy sign` wrote on another computer."""
    from edubox.hub.enrol import offline

    ids = offline.bring(open_hub_of(data), bytes_of(signed), actor())
    answer(as_json, {"signed": ids}, f"Published: {', '.join(ids[:10])}{' …' if len(ids) > 10 else ''}")


@academy.command(short_help="Begin an academy whose key is its own.")
@click.argument("authority", metavar="AUTHORITY")
@click.option(
    "--key", type=click.Path(path_type=Path), help="The academy's key file; made if it is not there."
)
@_token
@_token_key
@click.option(
    "-o",
    "--output",
    type=NewFile(),
    default="founding.json",
    show_default=True,
    help="The file for the ministry.",
)
@json_option
def found(
    authority: str, key: Path | None, token: str | None, token_key: int, output: Path, as_json: bool
) -> None:
    """Sign what the ministry needs to let AUTHORITY list its schools with a key that stays here."""
    from edubox.publishing.authority import found as found_authority
    from edubox.store.platform import write_atomic
    from edubox.trust import keys
    from edubox.trust.public_keys import grouped

    if key is not None and token is None and not key.exists():
        keys.save(key, keys.dump(keys.generate(), passphrase(new=True)))
    signer = signer_of(key, token, token_key)
    write_atomic(output.absolute(), found_authority(authority, signer, datetime.now(UTC)))
    keyid = signer.public_key.keyid
    text = f"{output} goes to the ministry: edubox country add-authority DIR {output}\nCompare the key by voice: {grouped(keyid)}"
    answer(as_json, {"file": str(output), "keyid": keyid}, text)


@academy.command(short_help="A box was stolen: nothing of it counts any more.")
@click.argument("publisher", metavar="ID")
@data_option
@click.option("--reason", default="", help="For the list of what was done.")
@json_option
def suspend(publisher: str, data: Path, reason: str, as_json: bool) -> None:
    """Refuse the box of the school ID at this hub from now on, and everywhere once it is signed."""
    from edubox.hub.enrol import status

    changed = status.suspend(open_hub_of(data), publisher, actor(), reason)
    text = f"{publisher} is suspended at this hub. For every box: edubox academy sign --data {data}"
    answer(
        as_json,
        {"suspended": publisher, "unchanged": not changed},
        text if changed else f"{publisher} was suspended before.",
    )


@academy.command(short_help="It was found again: end a suspension.")
@click.argument("publisher", metavar="ID")
@data_option
@json_option
def resume(publisher: str, data: Path, as_json: bool) -> None:
    """End the suspension of the school ID."""
    from edubox.hub.enrol import status

    changed = status.resume(open_hub_of(data), publisher, actor())
    text = f"{publisher} counts again. For every box: edubox academy sign --data {data}"
    answer(
        as_json,
        {"resumed": publisher, "unchanged": not changed},
        text if changed else f"{publisher} is not suspended.",
    )


@academy.command(short_help="A school goes over to another academy.")
@click.argument("publisher", metavar="ID")
@data_option
@click.option("--to", "new", required=True, help="Its new id: authority/name.")
@json_option
def move(publisher: str, data: Path, new: str, as_json: bool) -> None:
    """Let the school ID go on under another academy: both sign, the one that takes it over first."""
    from edubox.hub.enrol import status

    status.move(open_hub_of(data), publisher, new, actor())
    answer(
        as_json, {"from": publisher, "to": new}, f"Both academies sign now: edubox academy sign --data {data}"
    )


def _sign_file(
    queue: Path,
    key: Path | None,
    token: str | None,
    token_key: int,
    output: Path,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    from edubox.hub.enrol import offline
    from edubox.store.platform import write_atomic

    if output.exists():
        raise BadInput(reason=f"{output} is there already; say another name with -o")
    read = offline.read_queue(bytes_of(queue))
    now = datetime.now(UTC)
    _show(read.lines, now, yes=yes, as_json=as_json)
    made, told = offline.sign_queue(read, signer_of(key, token, token_key), now)
    write_atomic(output.absolute(), made)
    answer(
        as_json, {"file": str(output), "lines": len(read.lines)},
        f"Signed: {told}. Bring {output} back: edubox academy import {output} --data DATA",
    )  # fmt: skip


def _show(lines: Sequence[Line], now: datetime, *, yes: bool, as_json: bool) -> None:
    """Let a person read what is about to be signed."""
    from edubox.hub.enrol.signing import transcript

    click.echo(transcript(lines, now), err=True)
    if not yes and not as_json:
        click.confirm("Is this what you want to sign?", abort=True, err=True)
