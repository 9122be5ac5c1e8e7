"""``edubox hub``: the country's central server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from edubox.cli import hub_data, hub_fleet, hub_lessons, hub_people
from edubox.cli.output import InOrder, answer, json_option, port_number
from edubox.errors import NotFound


@click.group(cls=InOrder)
def hub() -> None:
    """The country's central server."""


@hub.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The country's folder.")
@click.option(
    "--port", type=port_number, help="TCP port of the mirror and of what boxes ask.  [default: the setting]"
)
@click.option(
    "--desk-port", type=port_number, help="TCP port of the officers' pages.  [default: the setting]"
)
@click.option(
    "--review-port", type=port_number, help="TCP port of lessons under review.  [default: the setting]"
)
@click.option("--listen", help="Address to listen on.  [default: the setting]")
def serve(
    data: Path, port: int | None, desk_port: int | None, review_port: int | None, listen: str | None
) -> None:
    """Serve the mirror of DATA, what boxes ask and the officers' pages, and keep its online signatures fresh.

    Any web server can serve the folder DATA/mirror as well; this one needs no configuration.
    """
    from edubox.hub.serve import serve as serve_hub

    if not (data / "mirror").is_dir():
        raise NotFound(what=f"The folder {data / 'mirror'}")
    serve_hub(
        data,
        listen,
        port,
        lambda url: click.echo(f"The hub answers at {url}"),
        desk_port=desk_port,
        review_port=review_port,
    )


@hub.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The country's folder.")
@json_option
def renew(data: Path, as_json: bool) -> None:
    """Sign the directory's online roles again if they end soon, and end.

    `edubox hub serve` does this by itself; call it once a day where another web server serves the mirror.
    """
    from edubox.publishing.country import renew as renew_country

    renewed = renew_country(data, datetime.now(UTC))
    answer(as_json, {"renewed": renewed}, "Signed again." if renewed else "Nothing to do yet.")


hub.add_command(hub_lessons.intake)
hub.add_command(hub_lessons.publish)
hub.add_command(hub_lessons.recall)
hub.add_command(hub_people.person)
hub.add_command(hub_fleet.alert)
hub.add_command(hub_fleet.forecast)
for _command in hub_data.COMMANDS:
    hub.add_command(_command)
