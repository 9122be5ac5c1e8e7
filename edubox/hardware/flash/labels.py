"""Labels for the envelopes: a page that any computer prints, two columns on A4, one label a school.

Nothing secret is on them, since an envelope lies about: the code is on the card and on the academy's list, the password of
the Wi-Fi on the card and, once the box runs, on its school sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from edubox.hardware.flash.schools import School
from edubox.store.platform import write_atomic

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 10mm }}
body {{ font: 11pt/1.3 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 1fr 1fr; gap: 4mm }}
article {{ border: 1px solid #555; border-radius: 2mm; padding: 4mm; block-size: 44mm; box-sizing: border-box; overflow: hidden; break-inside: avoid }}
h1 {{ font-size: 14pt; line-height: 1.2; margin: 0 0 2mm; overflow-wrap: anywhere }}
p {{ margin: 0 0 1mm; overflow-wrap: anywhere }}
small {{ float: inline-end; padding-inline-start: 3mm }}
</style>
</head>
<body>
{labels}
</body>
</html>
"""
_LABEL = """<article><small>{number} / {of}</small><h1>{name}</h1>
<p>Wi-Fi: {wifi}</p><p>{hostname}</p><p>☐ card in the box &nbsp; ☐ a page opened</p></article>"""


def write(path: Path, schools: Sequence[School]) -> None:
    """Write a page of labels for *schools* to *path*, in their order. Raises NoRoom, OSError."""
    labels = [
        _LABEL.format(
            number=number, of=len(schools), name=escape(school.name),
            wifi=escape(str(school.values.get("wifi.name", school.name))),
            hostname=escape(f"http://{host}.local/" if (host := school.values.get("hostname")) else "http://edubox.local/"),
        )
        for number, school in enumerate(schools, 1)
    ]  # fmt: skip
    write_atomic(path, _PAGE.format(title=escape(path.stem), labels="\n".join(labels)).encode())
