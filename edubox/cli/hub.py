"""``edubox hub``: the country's central server, here its static side."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from edubox.cli.output import InOrder, answer, json_option, port_number
from edubox.errors import NotFound


@click.group(cls=InOrder)
def hub() -> None:
    """The country's central server."""


@hub.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The country's folder.")
@click.option("--port", type=port_number, default=8090, show_default=True, help="TCP port.")
@click.option("--listen", default="0.0.0.0", show_default=True, help="Address to listen on.")  # noqa: S104
def serve(data: Path, port: int, listen: str) -> None:
    """Serve the mirror of DATA, and keep its online signatures fresh.

    Any web server can serve the folder DATA/mirror as well; this one needs no configuration.
    """
    from edubox.hub.serve import serve as serve_hub

    if not (data / "mirror").is_dir():
        raise NotFound(what=f"The folder {data / 'mirror'}")
    serve_hub(data, listen, port, ready=lambda url: click.echo(f"The hub answers at {url}"))


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
