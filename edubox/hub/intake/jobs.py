"""The jobs of intake and review, for the hub's worker (``hub.work``).

Each may run twice. What it raises is tried again by the queue: the database is away, the disk is full. What is wrong with an
offer itself is written down and no failure of the job.
"""

from __future__ import annotations

from edubox.hub.hub import Hub
from edubox.hub.queue import Job


def check(hub: Hub, job: Job) -> None:
    """Look at an offer that is whole."""
    from edubox.hub.intake.checking import check as look

    look(hub, str(job.payload["push"]))


def collect(hub: Hub, job: Job) -> None:  # noqa: ARG001
    """Let go what nothing needs, and what killed processes left half stored."""
    from edubox.hub.intake.collect import collect as let_go

    let_go(hub)
    for store in (hub.blobs, hub.public):
        store.tidy()


def publish(hub: Hub, job: Job) -> None:
    """Publish an accepted lesson whose collection's key is at hand; the worker is a child that gives its memory back."""
    from edubox.hub.review.accept import publish_one

    publish_one(hub, int(job.payload["republication"]))
