"""Every setting of a hub, once: its name in ``hub.toml``, its default and what it does.

``hub.toml`` lies in the country's folder; where there is none, the hub is one process with SQLite and a folder, and nothing
has to be set. No password stands in it: PostgreSQL's comes from ``PGPASSWORD`` or ``PGPASSFILE``, the bucket's from
``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY`` or the file that ``s3_credentials`` names. ``docs/hub.md`` is checked
against this table by a test.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from edubox.errors import BadInput
from edubox.hub.courier.price import price_of
from edubox.settings import Setting

#: The file's name in the country's folder.
FILE = "hub.toml"
SETTINGS = (
    Setting(
        "database",
        "",
        "Where the database is: empty for the file hub.db in the country's folder, or postgresql://USER@HOST/NAME.",
    ),
    Setting(
        "blobs",
        "",
        "Where files are: empty for the country's folder, or s3://BUCKET/PREFIX, to which the mirror is published too.",
    ),
    Setting("s3_endpoint", "", "Address of the object store, such as https://objects.example.org."),
    Setting("s3_region", "us-east-1", "Region of the bucket, as its object store calls it."),
    Setting(
        "s3_credentials",
        "",
        "File with aws_access_key_id and aws_secret_access_key below [default]; empty for the environment.",
    ),
    Setting("listen", "0.0.0.0", "Address to listen on; 127.0.0.1 behind a web server."),  # noqa: S104
    Setting("port", 8090, "TCP port of the mirror and of what boxes ask."),
    Setting("desk_port", 8490, "TCP port of the officers' pages from other computers, over HTTPS."),
    Setting(
        "certificate",
        "",
        "Certificate of the officers' pages (PEM, with its chain); empty where a web server in front has one, or for this computer alone.",
    ),
    Setting("certificate_key", "", "Key of that certificate (PEM, without a passphrase)."),
    Setting(
        "proxy_socket",
        "",
        "Unix socket for a web server in front that speaks HTTPS; its X-Forwarded headers are believed. Empty for none.",
    ),
    Setting(
        "review_port",
        8491,
        "TCP port of lessons that are reviewed, kept apart from the pages because lessons are not trusted.",
    ),
    Setting(
        "review_address",
        "",
        "Address by which browsers reach those lessons, such as https://review.example.org; empty for that port of the pages' own host.",
    ),
    Setting(
        "address",
        "",
        "Address by which people reach the officers' pages, such as https://hub.example.org; empty for what the browser says.",
    ),
    Setting(
        "timezone",
        "Europe/Paris",
        "Time zone of the country's schools, by continent and city: in it the officers' pages ask and say when a lesson is shown.",
    ),
    Setting("check_in_minutes", 360, "Minutes between two check-ins that boxes are asked for, in the mean."),
    Setting(
        "workers", 1, "Processes that do queued work; 0 where only `edubox hub work` does it, elsewhere."
    ),
    Setting(
        "mail", "", "Server that sends mail: smtp://HOST:PORT or smtps://USER@HOST:PORT; empty for no mail."
    ),
    Setting("mail_from", "", "Address that mail comes from."),
    Setting(
        "courier",
        True,
        "Whether /courier/ of the mirror's port has the page where carriers bring a school's list and take its lessons along.",
    ),
    Setting(
        "courier_price",
        "",
        "What a gigabyte costs on a phone, such as 1.50 EUR: the page for carriers then shows what the lessons cost. Empty for nothing shown.",
    ),
    Setting(
        "site",
        "",
        "Folder into which the reading site is written after every publication, such as /var/lib/edubox-hub/site. Empty for none.",
    ),
    Setting(
        "site_address",
        "",
        "Address by which people reach that site, such as https://lecons.example.org; empty for no squares that phones photograph.",
    ),
    Setting(
        "site_lessons",
        "",
        "Address that serves the same folder for lessons, which are not trusted, such as https://lessons.example.org; empty for none.",
    ),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
_LAST_PORT = 65_535
_MOST_WORKERS = 64
#: What a box believes of a hub (``sync.checking``).
_LEAST_MINUTES, _MOST_MINUTES = 15, 2880
_ZONE = re.compile(r"[A-Za-z]{2,30}(?:/[A-Za-z0-9_+-]{1,40}){0,2}\Z")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[a-z0-9][a-z0-9._-]{0,62}){0,4}/?\Z")


def load_settings(path: Path) -> dict[str, Any]:
    """Read ``hub.toml``; absent settings take their default. Raises BadInput with the setting's name."""
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        given = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadInput(reason=f"{path.name}: {error}") from None
    check_settings(given, path.name)
    return {setting.name: given.get(setting.name, setting.default) for setting in SETTINGS}


def check_settings(values: dict[str, Any], where: str) -> None:
    """Raise BadInput with the setting's name for an unknown one, a wrong type or an impossible value."""
    for name, value in values.items():
        setting = BY_NAME.get(name)
        if setting is None:
            raise BadInput(reason=f"{where} has no setting called {name!r}")
        if type(value) is not type(setting.default):
            raise BadInput(reason=f"{where}: {name} must be like {setting.default!r}")
        _check_value(name, value, where)
    if values.get("blobs") and not values.get("s3_endpoint"):
        raise BadInput(reason=f"{where}: blobs in a bucket need s3_endpoint, the address of the object store")


def _check_value(name: str, value: Any, where: str) -> None:
    if name in {"port", "desk_port", "review_port"} and not 0 <= value <= _LAST_PORT:
        raise BadInput(reason=f"{where}: {name} must be a number from 0 to {_LAST_PORT}")
    if name == "check_in_minutes" and not _LEAST_MINUTES <= value <= _MOST_MINUTES:
        raise BadInput(reason=f"{where}: check_in_minutes must be from {_LEAST_MINUTES} to {_MOST_MINUTES}")
    if name == "workers" and not 0 <= value <= _MOST_WORKERS:
        raise BadInput(reason=f"{where}: workers must be a number from 0 to {_MOST_WORKERS}")
    if name == "database" and value:
        check_database(value, where)
    if name == "blobs" and value and not _BUCKET.match(value):
        raise BadInput(reason=f"{where}: blobs must be empty or an address such as s3://lessons/france")
    if name in {"s3_endpoint", "address", "review_address", "site_address", "site_lessons"} and value:
        _check_url(name, value, {"http", "https"}, where)
    if name == "mail" and value:
        _check_url(name, value, {"smtp", "smtps"}, where)
    if name == "timezone" and not _ZONE.match(value):
        raise BadInput(reason=f"{where}: timezone must be like Europe/Paris")
    if name == "courier_price" and value:
        try:
            price_of(value)
        except ValueError as error:
            raise BadInput(reason=f"{where}: courier_price: {error}") from None
    if name == "site" and value and not Path(value).is_absolute():
        raise BadInput(reason=f"{where}: site must be a whole path, such as /var/lib/edubox-hub/site")


def check_database(address: str, where: str) -> None:
    """Raise BadInput unless *address* is one of a database, without a password."""
    if address.startswith("sqlite:///"):
        return
    parts = _split("database", address, where)
    if parts.scheme not in {"postgresql", "postgresql+psycopg"} or not parts.path.strip("/"):
        raise BadInput(
            reason=f"{where}: database must be empty, sqlite:///FILE or postgresql://USER@HOST/NAME"
        )
    if parts.password:
        raise BadInput(
            reason=f"{where}: database must not hold a password: give it with PGPASSWORD or PGPASSFILE"
        )


def _check_url(name: str, value: str, schemes: set[str], where: str) -> None:
    parts = _split(name, value, where)
    if parts.scheme not in schemes or not parts.hostname:
        raise BadInput(
            reason=f"{where}: {name} must begin with {' or '.join(sorted(f'{one}://' for one in schemes))}"
        )
    if parts.password:
        raise BadInput(reason=f"{where}: {name} must not hold a password")


def _split(name: str, value: str, where: str) -> Any:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise BadInput(reason=f"{where}: {name}: {error}") from None
    return parts
