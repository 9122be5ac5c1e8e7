"""``edubox mirror``: a mirror of a country in front of another one, for an academy, a town or a big school."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from edubox.cli.output import InOrder, port_number
from edubox.errors import UnreadableSource
from edubox.pack.names import check_publisher

_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


class Size(click.ParamType):  # type: ignore[type-arg] # generic in newer versions of click alone
    """Bytes in words: ``200GB``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See click."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"([0-9]{1,6}) ?(MB|GB|TB)", str(value).strip(), re.IGNORECASE)
        if found is None:
            self.fail(f"{value!r} is no size such as 200GB", param, ctx)
        return int(found[1]) * _UNITS[found[2].upper()]


@click.group(cls=InOrder)
def mirror() -> None:
    """A mirror of a country in front of another one."""


@mirror.command(short_help="Serve a mirror of another mirror.")
@click.option("--of", "source", required=True, metavar="URL", help="Address of the mirror behind: the hub's.")
@click.option(
    "--folder", metavar="DIR", default="edubox-mirror", show_default=True, type=click.Path(path_type=Path),
    help="Where it keeps what it fetched.",
)  # fmt: skip
@click.option("--port", type=port_number, default=8090, show_default=True, help="TCP port.")
@click.option(
    "--listen", default="0.0.0.0", show_default=True, help="Address to listen on; 127.0.0.1 behind a web server."  # noqa: S104
)  # fmt: skip
@click.option(
    "--most", metavar="SIZE", type=Size(),
    help="How much it keeps, such as 200GB.  [default: as before; at first three quarters of what the disk has free]",
)  # fmt: skip
@click.option(
    "--root", metavar="FILE", type=click.Path(path_type=Path),
    help="The country's root, as boxes have it.  [default: the first one that the mirror behind shows]",
)  # fmt: skip
@click.option("--ahead", is_flag=True, help="Fetch new lessons within the hour, before boxes ask for them.")
@click.option(
    "--follow", metavar="ID", multiple=True,
    help="With --ahead: a publisher to fetch from before any box has asked for it; may be repeated.",
)  # fmt: skip
def serve(
    source: str, folder: Path, port: int, listen: str, most: int | None, root: Path | None, ahead: bool,
    follow: tuple[str, ...],
) -> None:  # fmt: skip
    """Serve a mirror of the mirror at URL: what boxes ask for is fetched once, proved, kept, and served from here on.

    Boxes name it like any mirror. When the one behind does not answer, what is kept is served.
    """
    from edubox.sync.relaying.serve import serve as serve_mirror

    try:
        pinned = root.read_bytes() if root else None
    except OSError as error:
        raise UnreadableSource(path=root, reason=error.strerror) from None
    for one in follow:
        check_publisher(one)
    serve_mirror(
        source, folder, listen, port, lambda url: click.echo(f"The mirror answers at {url}"),
        root=pinned, most=most, follow=follow, ahead=ahead,
    )  # fmt: skip
