"""The desk as a box serves it, in this process: bodies of uploads are poured to the disk while they come."""

from __future__ import annotations

import contextlib
import threading
from types import SimpleNamespace

from waitress import create_server

from edubox.box.app import create_app
from edubox.box.teacher.desk_form import largest_form
from edubox.box.teacher.desk_upload import pouring
from edubox.box.teacher.uploads import Uploads
from edubox.store import server as store_server
from edubox.store.incoming import Large
from edubox.store.server import listen
from tests.box.school import settings


@contextlib.contextmanager
def desk_server(data, **given):
    """``url``, ``app`` and ``uploads`` of the box in *data*."""
    sock = listen("127.0.0.1", 0, "--port")
    port = sock.getsockname()[1]
    uploads = Uploads(data)
    app = create_app(data, settings(port=port, **given), uploads=uploads)
    options = store_server._OPTIONS | {"threads": 4}
    server = create_server(app, sockets=[sock], **options)
    server.channel_class, server.tls = store_server._Channel, None
    server.adj.large = Large(data / "staging", largest_form, pouring(uploads), reserve=1)
    server.adj.unwelcome = None
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield SimpleNamespace(url=f"http://127.0.0.1:{port}", port=port, app=app, uploads=uploads)
    finally:
        with contextlib.suppress(OSError):
            server.trigger.pull_trigger(lambda: [one.close() for one in list(server._map.values())])
        thread.join(10)
        assert not thread.is_alive()
        server.task_dispatcher.shutdown()
