"""When more comes than there is time for: boxes are told when to come again, which costs next to nothing; lessons are served.

A server thinks about a few requests at once and the rest wait in its queue. Requests of boxes (below ``/api/``) that waited there
for seconds are told to come later: so the queue stays short, and nobody waits for an answer that nobody reads any more. And they
never have all threads: where the database is held up, the threads that are left go on giving out what needs none of it, the
signed folder and what is told to boxes. Boxes keep what they have to say, and come again, each at another time.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterable
from typing import Any

from edubox.store.server import THREADS, WAITED

API = "/api/"
#: Seconds that a request of a box waits in the queue, and then for one of the threads that boxes may have.
PATIENCE, TURN = 2.0, 1.0
#: Threads that boxes leave to others; the seconds after which they are asked to come again, at least and most.
LEFT, LATER = 2, (60, 600)
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def unhurried(app: Application, threads: int = THREADS) -> Application:
    """*app*, served by *threads*, without more requests below ``/api/`` than there is time for."""
    turns = threading.BoundedSemaphore(max(1, threads - LEFT))

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(API):
            return app(environ, start_response)
        if environ.get(WAITED, 0.0) > PATIENCE or not turns.acquire(timeout=TURN):
            return _later(start_response)
        try:
            return app(environ, start_response)
        finally:
            turns.release()

    return served


def _later(start_response: Callable[..., Any]) -> Iterable[bytes]:
    seconds = random.randint(*LATER)  # noqa: S311 - no secret
    said = {
        "error": "busy", "message": "Many boxes ask at once. Nothing was done; ask again later.", "retry": seconds,
    }  # fmt: skip
    body = json.dumps(said).encode()
    headers = [
        ("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Retry-After", str(seconds)),
        ("Cache-Control", "no-store"),
    ]  # fmt: skip
    start_response("503 Service Unavailable", headers)
    return [body]
