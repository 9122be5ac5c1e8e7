"""``edubox country ceremony``: the country's root, held by several people, from the first key to the printed transcript."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.output import InOrder, NewFile, answer, json_option, passphrase
from edubox.errors import BadInput, NotFound, UnreadableSource

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signer

    from edubox.publishing.ceremony import Proposal

_holders = click.option(
    "--root-key", "holders", multiple=True, required=True, type=click.Path(path_type=Path),
    help="Public key file of somebody who holds the root from then on; may be repeated.",
)  # fmt: skip
_threshold = click.option("--threshold", required=True, type=int, help="How many of them must sign.")
_file = click.argument("file", metavar="CEREMONY.json", type=click.Path(path_type=Path))
_transcript = click.option("--transcript", type=NewFile(), help="Write what was done to this file, to print.")


@click.group(cls=InOrder)
def ceremony() -> None:
    """A root that several people hold."""


@ceremony.command(short_help="Make a key for somebody who holds the root, or the academy's.")
@click.argument("file", metavar="KEY", required=False, type=click.Path(path_type=Path))
@click.option(
    "--token", help="The key is in the security token of this label already: only write its public part."
)
@click.option("--token-key", default=2, show_default=True, help="Number of the key on the token.")
@click.option("-o", "--output", type=NewFile(), help="Where the public key goes.  [default: KEY.pub]")
@json_option
def key(file: Path | None, token: str | None, token_key: int, output: Path | None, as_json: bool) -> None:
    """Make the private key file KEY, wrapped with a passphrase, and beside it KEY.pub, which others are given."""
    from edubox.store.platform import write_atomic
    from edubox.trust import keys
    from edubox.trust.public_keys import grouped, write_public

    if (file is None) == (token is None):
        raise BadInput(reason="say either a file for the new key, or --token")
    if file is not None:
        made = keys.generate()
        keys.save(file, keys.dump(made, passphrase(new=True)))
        public = keys.signer(made).public_key
        place = output or file.with_name(f"{file.name}.pub")
    else:
        public = signer_of(None, token, token_key).public_key
        if output is None:
            raise BadInput(reason="say with -o where the public key goes")
        place = output
    write_atomic(place.absolute(), write_public(public))
    text = f"The public key is in {place}. Compare it by voice: {grouped(public.keyid)}"
    answer(as_json, {"public": str(place), "keyid": public.keyid}, text)


@ceremony.command(short_help="Make a country whose root several people hold from the beginning.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The country's name.")
@click.option(
    "--country-file", type=click.Path(path_type=Path), help="A TOML file.  [default: the French one]"
)
@_holders
@_threshold
@click.option(
    "-o", "--output", required=True, type=NewFile(), help="The file that goes around for signatures."
)
@_transcript
@json_option
def create(
    folder: Path, name: str, country_file: Path | None, holders: tuple[Path, ...], threshold: int, output: Path,
    transcript: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Make a country in DIR whose first key hands its root over to several people, and is destroyed with that.

    Root 1 is good for nothing but to name root 2: give boxes root 2, once it is published.
    """
    from edubox.cli.country import read_country_file
    from edubox.content import content_folder
    from edubox.publishing import ceremony as room
    from edubox.publishing.country import create as create_country
    from edubox.publishing.workplace import Workplace

    now, secret = datetime.now(UTC), passphrase(new=True)
    known = _public(holders)
    described = read_country_file(country_file or content_folder() / "countries" / "france.toml")
    create_country(folder, name, described, secret, now)
    first = Workplace.beside(folder / "mirror").signer("root", secret)
    proposal = room.sign(room.begin(folder, known, threshold, now), first)
    (folder / "keys" / "root").unlink()
    _say(
        proposal,
        output,
        transcript,
        f"The country was made in {folder}; its first root key signed this and was destroyed.",
        as_json=as_json,
    )


@ceremony.command(short_help="Propose the next root.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_holders
@_threshold
@click.option(
    "--new-key", "roles", multiple=True, type=click.Choice(["targets", "snapshot", "timestamp"]),
    help="A role beside root whose key is replaced; may be repeated.",
)  # fmt: skip
@click.option(
    "-o", "--output", required=True, type=NewFile(), help="The file that goes around for signatures."
)
@_transcript
@json_option
def begin(
    folder: Path, holders: tuple[Path, ...], threshold: int, roles: tuple[str, ...], output: Path,
    transcript: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Write the next root of the country in DIR to a file, for as many people to sign as the old and the new one ask for."""
    from edubox.publishing import ceremony as room

    secret = passphrase() if "targets" in roles else None
    proposal = room.begin(folder, _public(holders), threshold, datetime.now(UTC), roles, secret)
    _say(proposal, output, transcript, "Proposed.", as_json=as_json)


@ceremony.command(short_help="Add a signature.")
@_file
@click.option("--key", type=click.Path(path_type=Path), help="The private key file of whoever signs.")
@click.option("--token", help="Or the label of the security token that holds it.")
@click.option("--token-key", default=2, show_default=True, help="Number of the key on the token.")
@click.option("--yes", is_flag=True, help="Do not ask whether the list is right.")
@_transcript
@json_option
def sign(
    file: Path,
    key: Path | None,
    token: str | None,
    token_key: int,
    yes: bool,
    transcript: Path | None,
    as_json: bool,
) -> None:
    """Read what CEREMONY.json proposes, and add a signature to it."""
    from edubox.publishing import ceremony as room
    from edubox.trust.public_keys import grouped

    now, proposal = datetime.now(UTC), room.read(_bytes(file))
    click.echo(room.transcript(proposal, now, "To be signed."), err=True)
    if not yes and not as_json:
        click.confirm("Is this what you want to sign?", abort=True, err=True)
    signer = signer_of(key, token, token_key)
    signed = room.sign(proposal, signer)
    _say(signed, file, transcript, f"Signed by {grouped(signer.public_key.keyid)}.", as_json=as_json)


@ceremony.command(short_help="Who has signed, and who is missing.")
@_file
@_transcript
@json_option
def show(file: Path, transcript: Path | None, as_json: bool) -> None:
    """Say what CEREMONY.json proposes, who has signed it and how many are missing."""
    from edubox.publishing import ceremony as room

    _say(room.read(_bytes(file)), None, transcript, "Looked at.", as_json=as_json)


@ceremony.command(short_help="Publish the root, when enough have signed.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_file
@_transcript
@json_option
def publish(folder: Path, file: Path, transcript: Path | None, as_json: bool) -> None:
    """Publish the root of CEREMONY.json in the country in DIR."""
    from edubox.publishing import ceremony as room

    proposal = room.read(_bytes(file))
    secret = passphrase() if "targets" in proposal.replaced() else None
    version = room.publish(folder, proposal, datetime.now(UTC), secret)
    _say(proposal, None, transcript, f"Published as root {version}.", as_json=as_json)


def signer_of(file: Path | None, token: str | None, number: int) -> Signer:
    """What signs with the key file *file* or with key *number* of the *token*; asks for the passphrase or PIN."""
    if (file is None) == (token is None):
        raise BadInput(reason="say where the key is: --key FILE, or --token LABEL")
    if token is not None:
        from edubox.trust.token_keys import token_signer

        return token_signer(token, passphrase(), number)
    from edubox.trust import keys

    assert file is not None
    return keys.signer(keys.load(file, passphrase()))


def _say(
    proposal: Proposal, output: Path | None, transcript: Path | None, said: str, *, as_json: bool
) -> None:  # fmt: skip
    """Write the proposal and what was done, and say it."""
    from edubox.publishing import ceremony as room
    from edubox.store.platform import write_atomic

    if output is not None:
        write_atomic(output.absolute(), proposal.to_bytes())
    text = room.transcript(proposal, datetime.now(UTC), said)
    if transcript is not None:
        write_atomic(transcript.absolute(), text.encode())
    old, new = proposal.lacking()
    value = {"root": proposal.root.signed.version, "lacking": {"before": old, "new": new}}
    answer(as_json, value, f"{text}Still missing: {old} of the holders before, {new} of the new ones.")


def _public(files: tuple[Path, ...]) -> list[Key]:
    from edubox.trust.public_keys import read_public

    return [read_public(_bytes(file)) for file in files]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(what=f"The file {path}") from None
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None
