"""``edubox demo``: a whole country on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from edubox.cli.output import port_number


@click.command(short_help="A whole country on this machine.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Keep everything in this folder (else: a temporary one)."
)
@click.option("--port", type=port_number, help="TCP port of the pages.  [default: 8080, or a free one]")
@click.option(
    "--lesson-port", type=port_number, help="TCP port of the lessons.  [default: 8081, or a free one]"
)
@click.option(
    "--desk-port", type=port_number, help="TCP port of the desk, over HTTPS.  [default: 8443, or a free one]"
)
@click.option("--hub-port", type=port_number, help="TCP port of the hub.  [default: 8090, or a free one]")
@click.option("--hub-down-after-sync", is_flag=True, help="Stop the hub once the box has its lessons.")
def demo(
    data: Path | None,
    port: int | None,
    lesson_port: int | None,
    desk_port: int | None,
    hub_port: int | None,
    hub_down_after_sync: bool,
) -> None:
    """A whole country on this machine: keys, lessons, hub, box, and an update. Ctrl-C ends it all."""
    from edubox.demo.story import Ports, run

    run(
        data,
        Ports(port, lesson_port, desk_port, hub_port),
        hub_down_after_sync=hub_down_after_sync,
        say=click.echo,
    )
