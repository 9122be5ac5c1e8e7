"""``edubox academy follow``: what an academy proposes to its schools; and how its commands name its key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.academy_codes import actor, data_option, open_hub_of
from edubox.cli.ceremony import signer_of
from edubox.cli.output import NewFile, answer, json_option, passphrase
from edubox.errors import BadInput

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

key_option = click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="The academy's key file.  [default: DATA/keys/authorities/…]",
)
token_option = click.option("--token", help="Or the label of the security token that holds it.")
token_key_option = click.option(
    "--token-key", default=2, show_default=True, help="Number of the key on the token."
)


@click.command(short_help="What an academy proposes to its schools.")
@data_option
@click.option("--authority", required=True, help="The academy.")
@click.option("--lists", type=click.Path(path_type=Path), help="A TOML file: propose this from now on.")
@key_option
@token_option
@token_key_option
@click.option(
    "--export",
    "exported",
    type=NewFile(),
    help="With --lists: sign nothing here; write this file for `edubox academy sign` on the computer with the key.",
)
@click.option(
    "--instead-of",
    default="",
    metavar="MARK",
    help="With --lists: only if what is public now is still what somebody looked at, whose `mark` --json says.",
)
@click.option("--by", metavar="NAME", help="Who signs, for the journal.  [default: who is logged in here]")
@json_option
def follow(
    data: Path, authority: str, lists: Path | None, key: Path | None, token: str | None, token_key: int, exported: Path | None,
    instead_of: str, by: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Say whose lessons the boxes of an academy keep unless a school chose otherwise, or change that with --lists."""
    from edubox.cli.country import read_country_file
    from edubox.hub.enrol import offline_lists, proposing
    from edubox.publishing.authority import proposals
    from edubox.store.platform import write_atomic
    from edubox.trust.follow_lists import mark

    hub = open_hub_of(data)
    if exported is not None:
        if lists is None:
            raise BadInput(reason="--export needs --lists: what is to be signed")
        write_atomic(exported.absolute(), offline_lists.export(hub, authority, read_country_file(lists)))
        text = f"{exported} goes to the computer with the key: edubox academy sign {exported.name} --key KEY"
        answer(as_json, {"authority": authority, "file": str(exported)}, text)
        return
    changed = False
    if lists is not None:

        def signer() -> Signer:
            if key is not None or token is not None:
                return signer_of(key, token, token_key)
            return hub.workplace.signer(f"authorities/{authority}", passphrase())

        changed = proposing.propose(
            hub, authority, read_country_file(lists), signer, by or actor(), instead_of
        )
    found = proposals(hub.data, authority)
    value = {
        "authority": authority, "changed": changed, "mark": mark(found),
        "lists": [
            {"publishers": list(one.publishers), "levels": list(one.levels), "kinds": list(one.kinds)} for one in found
        ],
    }  # fmt: skip
    answer(as_json, value, offline_lists.transcript(authority, found))
