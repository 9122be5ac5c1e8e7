"""Whole files over HTTP, as Kolibri 0.19.5 fetches them: a file that is cut starts again from its first byte.

``python -m tests.prove.whole_files ADDRESS LIST TARGET BYTES`` brings the files that LIST names, a path on each line, in
order, until all are there or BYTES of them. One connection is kept; no list or signature is fetched, no time is lost before a
new attempt, and no file is left damaged: kinder than the original, which after a reset appended the whole file to the half.
"""

from __future__ import annotations

import http.client
import sys
import time
from pathlib import Path
from urllib.parse import quote

BLOCK = 65536


def bring(connection: http.client.HTTPConnection, path: str, target: Path) -> int:
    """One file, whole; its size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            connection.request("GET", "/" + quote(path))
            answer = connection.getresponse()
            if answer.status != 200:
                raise SystemExit(f"{path}: {answer.status}")
            with target.open("wb", buffering=0) as out:
                while block := answer.read1(BLOCK):
                    out.write(block)
                size = out.tell()
            answer.close()
            if not answer.length:
                return size
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        connection.close()


def main() -> None:
    address, names, target, most = sys.argv[1:]
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    brought = 0
    for path in Path(names).read_text("utf-8").splitlines():
        brought += bring(connection, path, Path(target, path))
        if brought >= int(most):
            break
    print(brought)


if __name__ == "__main__":
    main()
