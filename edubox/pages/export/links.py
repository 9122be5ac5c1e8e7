"""Pages in another place: below a secret folder, or with links that work wherever the folder of the site lies.

Our templates write every address into an attribute in double quotes, from the root (``href="/fr/"``), and whatever
comes from a lesson is escaped and cannot write a double quote: so what is changed here is ours, all of it, and nothing else.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"""(\s(?:href|src|srcset|action|poster|data-[a-z-]+)=")/(?!/)([^"]*)\"""")
_INDEX = "index.html"
_ROBOTS = '<meta name="robots" content="noindex">'


def below(page: str, folder: str) -> str:
    """*page* of a site in *folder* (``/abc``), which search engines shall not list."""
    moved = _ADDRESS.sub(lambda match: f'{match[1]}{folder}/{match[2]}"', page)
    return moved.replace('<meta charset="utf-8">', f'<meta charset="utf-8">\n{_ROBOTS}', 1)


def relative(page: str, address: str) -> str:
    """*page* at *address* (``/fr/``) with links that count from it, for folders that no server answers from.

    A folder names its ``index.html`` then, and pictures ask for no permission of another origin: files have none.
    """
    up = "../" * (address.count("/") - 1)

    def shorter(match: re.Match[str]) -> str:
        path, mark, rest = _parted(match[2])
        if "data-" not in match[1] and (not path or path.endswith("/")):
            path += _INDEX
        return f'{match[1]}{up}{path}{mark}{rest}"'

    return _ADDRESS.sub(shorter, page).replace(" crossorigin", "")


def _parted(address: str) -> tuple[str, str, str]:
    """*address* as its path, and the mark and rest of a query or a fragment."""
    at = next((at for at, letter in enumerate(address) if letter in "?#"), len(address))
    return address[:at], address[at : at + 1], address[at + 1 :]
