"""A PDF of an office file, made by LibreOffice where lessons are made and it is installed; never required.

It reads files from outside: so a profile of its own that is thrown away, links and macros off, bounded memory, time and
CPU, a low priority, and a copy of the file in an empty folder. It stays in our process group: who ends the making of a
lesson ends it too.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess

from edubox.importers.workshop import Workshop
from edubox.pack.media_types import extension

#: Seconds, bytes of memory, bytes of the largest file that is converted and of the PDF.
_PATIENCE, _MEMORY, _LARGEST = 120, 1_500_000_000, 64 * 1024 * 1024
#: No links into other files or sites are followed, no macro runs, whatever the document asks for.
_CAREFUL = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link"><value>1</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"><value>true</value></prop></item>
</oor:items>
"""


def as_pdf(path: str, workshop: Workshop) -> str | None:
    """The PDF made of the office file *path*, a file of the lesson now; None without LibreOffice, or if it gives up."""
    program = shutil.which("soffice")
    found = workshop.files[path]
    if program is None or found.size > _LARGEST:
        return None
    folder = workshop.folder()
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_CAREFUL)
    source = folder / f"document.{extension(path)}"
    shutil.copyfile(found.location, source)
    command = (
        program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore", "--nolockcheck",
        "--convert-to", "pdf", "--outdir", str(folder), str(source),
    )  # fmt: skip
    try:
        subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=_PATIENCE, check=True, preexec_fn=_bounded,
        )  # fmt: skip
        data = (folder / "document.pdf").read_bytes()
    except (OSError, subprocess.SubprocessError):
        data = b""
    shutil.rmtree(folder, ignore_errors=True)
    if not data.startswith(b"%PDF-"):
        return None
    made = workshop.make(workshop.beside(path, ".pdf"), data)
    workshop.given[made] = f"{workshop.given[path]}.pdf"
    return made


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * _LARGEST, 4 * _LARGEST))
    resource.setrlimit(resource.RLIMIT_CPU, (_PATIENCE, _PATIENCE))
    os.nice(10)
