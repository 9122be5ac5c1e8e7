"""The same chapter on Kolibri, if ``kolibri`` is on the PATH: a site with one channel that holds one web page.

Kolibri imports channels that its own studio made. Here its own program is told to write down such a channel, as an import
leaves it (``kolibri manage shell``).
Pupils come as guests, straight to the resource; what they post (that somebody opened it) is left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.prove.class_air import BOX, Air
from tests.prove.class_servers import Absent, Server, page, tree

_PORT, _ZIP_PORT = 8005, 8006
CHANNEL, NODE, FILE = "a" * 32, "b" * 32, "c" * 32
#: What Kolibri is told, in its own words: a channel whose root holds one HTML5 app.
_CHANNEL = f"""
from kolibri.core.content.models import ChannelMetadata, ContentNode, File, Language, LocalFile
from kolibri.core.content.utils.annotation import set_channel_metadata_fields
Language.objects.get_or_create(id="fr", defaults=dict(lang_code="fr", lang_direction="ltr"))
given = dict(channel_id="{CHANNEL}", available=True, lang_id="fr")
root = ContentNode.objects.create(id="{CHANNEL}", content_id="{CHANNEL}", title="NSI", kind="topic", **given)
node = ContentNode.objects.create(parent=root, id="{NODE}", content_id="{NODE}", title="Cours", kind="html5", options={{{{"entry": "{{entry}}"}}}}, **given)
ChannelMetadata.objects.create(id="{CHANNEL}", name="NSI", min_schema_version="5", root=root)
local = LocalFile.objects.create(id="{{digest}}", extension="zip", available=True, file_size={{size}})
File.objects.create(id="{FILE}", contentnode=node, local_file=local, preset="html5_zip")
set_channel_metadata_fields("{CHANNEL}")
"""


def _home(home: Path, data: Path) -> dict[str, str]:
    """Make the Kolibri of the box *data* in *home*, once; the environment to run it in."""
    environment = os.environ | {"KOLIBRI_HOME": str(home), "KOLIBRI_RUN_MODE": "bench"}
    if home.exists():
        return environment

    def manage(*line: str, **more: str) -> None:
        subprocess.run(
            ["kolibri", "manage", *line], check=True, capture_output=True, text=True, env=environment, **more
        )

    home.mkdir()
    guests = home / "guests.json"
    guests.write_text('{"allow_guest_access": true}')
    manage(
        "provisiondevice", "--facility", "NSI", "--preset", "nonformal", "--language_id", "fr-fr", "--noinput",
        "--superusername", "bench", "--superuserpassword", os.urandom(8).hex(), "--device_settings", str(guests),
    )  # fmt: skip
    made = home / "lesson.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in tree(data).rglob("*") if one.is_file() and one.suffix != ".gz"):
            archive.write(path, path.relative_to(tree(data)))
    digest = hashlib.md5(made.read_bytes(), usedforsecurity=False).hexdigest()
    place = home / "content" / "storage" / digest[0] / digest[1] / f"{digest}.zip"
    place.parent.mkdir(parents=True)
    made.rename(place)
    manage("shell", input=_CHANNEL.format(entry=page(data), digest=digest, size=place.stat().st_size))
    return environment


@contextlib.contextmanager
def kolibri(air: Air, data: Path, folder: Path) -> Iterator[Server]:
    """Kolibri as it comes, its pages on one port and lessons on another."""
    if shutil.which("kolibri") is None:
        raise Absent("kolibri is not installed (Python package kolibri)")
    environment = _home(folder / "kolibri", data)
    line = ["env", *(f"{name}={environment[name]}" for name in ("KOLIBRI_HOME", "KOLIBRI_RUN_MODE")), "kolibri", "start", "--foreground",
            "--port", _PORT, "--zip-port", _ZIP_PORT]  # fmt: skip
    with air.serving(_PORT, *line) as child:
        yield Server("Kolibri", f"http://{BOX}:{_PORT}/fr-fr/learn/#/topics/c/{NODE}", child.pid)
