"""The whole suite of theupdateframework/tuf-conformance, where it is at hand.

It is no package of an index: ``EDUBOX_TUF_CONFORMANCE`` names a checkout of it (2.4 or later). Some of its tests set
the time with ``faketime``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = os.environ.get("EDUBOX_TUF_CONFORMANCE", "")


@pytest.mark.slow
@pytest.mark.skipif(not SUITE, reason="EDUBOX_TUF_CONFORMANCE names no checkout of tuf-conformance")
@pytest.mark.skipif(not shutil.which("faketime"), reason="faketime is not installed")
def test_the_third_party_suite_passes_in_strict_mode_without_an_expected_failure():
    client = Path(__file__).with_name("tuf_client")
    assert not client.with_name("tuf_client.xfails").exists()
    line = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tuf_conformance",
        "--entrypoint",
        str(client),
    ]
    done = subprocess.run(line, cwd=SUITE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
