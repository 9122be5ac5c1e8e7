"""The emulated class asks as a browser does, and its picture says what was measured."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET

from tests.prove.class_chart import draw
from tests.prove.class_pupils import Phone, Pupil
from tests.prove.class_visit import RANKS, Request
from tests.prove.classroom import Lesson, middle

PICTURES = 9


async def _class_of_one(connections: int):
    """One phone at a server that answers when nobody else asks for a moment; the order of its questions, the most at once."""
    order, under_way, most = [], 0, 0

    async def answer(reader, writer):
        nonlocal under_way, most
        while head := await reader.read(4096):
            order.append(head.split()[1].decode())
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0)
            under_way -= 1
            if order[-1] == "/chunked.css":
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
            else:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    low, first = RANKS.index("Low"), RANKS.index("VeryHigh")
    visit = [
        Request(f"{base}/", first, -1, needed=True),
        *(Request(f"{base}/{number}.png", low, 0, needed=False) for number in range(PICTURES)),
        Request(f"{base}/chunked.css", first, 0, needed=True),
        Request(f"{base}/later.png", low, PICTURES + 1, needed=False),
    ]
    told = await Phone("127.0.0.1", visit, connections).read()
    server.close()
    return order, most, told


def test_a_phone_asks_for_the_text_before_the_pictures_and_for_everything_once():
    order, most, told = asyncio.run(_class_of_one(6))
    assert order[:2] == ["/", "/chunked.css"]
    assert sorted(order) == sorted(set(order))
    assert most <= 6
    assert (told.requests, told.failed) == (PICTURES + 3, [])
    assert 0 < told.readable <= told.done
    assert told.connections <= 6


def test_a_phone_with_one_connection_never_asks_for_two_things_at_once():
    _, most, told = asyncio.run(_class_of_one(1))
    assert (most, told.connections) == (1, 1)


def test_the_picture_is_svg_and_says_the_median_and_the_last():
    pupils = [Pupil(readable=float(number), done=number + 10.0, received=1_000_000) for number in (1, 2, 3)]
    lessons = [Lesson(server, spread, pupils, 0.1) for spread in (0, 30) for server in ("edubox", "a <peer>")]
    svg = draw(lessons, middle, 20)
    ET.fromstring(svg)
    assert "half of them can read after 2.0 s, the last has all after 13.0 s, 1,000 kB each" in svg
