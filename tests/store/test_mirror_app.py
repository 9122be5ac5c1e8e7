from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.store.mirror_app import mirror_app

HASH = "a" * 64
PUBLIC = {
    "directory/metadata/timestamp.json": True,
    "directory/metadata/1.root.json": False,
    "directory/metadata/37.ministry-bin-1f.json": False,
    f"directory/targets/{HASH}.country.json": False,
    f"directory/targets/pub/ministry/{HASH}.test.json": False,
    "publishers/ministry/test/metadata/timestamp.json": True,
    "publishers/ministry/test/metadata/3627841.snapshot.json": False,
    f"publishers/ministry/test/targets/{HASH}.la-lune.json": False,
    f"bundles/aa/{HASH}": False,
    f"objects/aa/{HASH}": False,
}
SECRET = [
    f"staff/bundles/aa/{HASH}", f"staff/objects/aa/{HASH}", ".staging/x", f"objects/aa/{HASH}.new", "objects/aa",
    "directory/metadata/.timestamp.json.1.new", "directory/metadata/root.json", "keys/root", f"objects/aa/{HASH}/x",
]  # fmt: skip


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    folder = tmp_path_factory.mktemp("country") / "mirror"
    for name in [*PUBLIC, *SECRET]:
        path = folder / name
        if not path.exists() and not path.parent.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
    (folder.parent / "keys").mkdir()
    (folder.parent / "keys" / "root").write_bytes(b"secret")
    return folder


def get(mirror, path, method="GET", **headers):
    told = {}

    def start_response(status, headers):
        told.update(status=int(status[:3]), headers=dict(headers))

    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    body = b"".join(mirror_app(mirror)(environ, start_response))
    return told["status"], told["headers"], body


@pytest.mark.parametrize("name", PUBLIC)
def test_boxes_get_every_public_file_and_caches_know_how_long_it_holds(mirror, name):
    status, headers, body = get(mirror, f"/{name}")
    assert (status, body) == (200, name.encode())
    if PUBLIC[name]:
        assert headers["Cache-Control"] == "max-age=60"
        assert "ETag" not in headers
    else:
        assert "immutable" in headers["Cache-Control"]
        assert headers["ETag"] == f'"{name.rpartition("/")[2]}"'


def test_a_bundle_can_be_resumed(mirror):
    name = f"bundles/aa/{HASH}"
    status, headers, body = get(mirror, f"/{name}", range="bytes=5-", if_range=f'"{HASH}"')
    assert (status, body) == (206, name.encode()[5:])
    assert headers["Content-Range"] == f"bytes 5-{len(name) - 1}/{len(name)}"


@pytest.mark.parametrize(
    "name", [*SECRET, "../keys/root", "directory/../../keys/root", "/etc/passwd", "objects//aa"]
)
def test_nothing_else_exists_here_and_caches_ask_again_after_a_minute(mirror, name):
    status, headers, body = get(mirror, f"/{name}")
    assert (status, body) == (404, b"")
    assert headers["Cache-Control"] == "max-age=60"


def test_a_link_inside_the_mirror_leads_nowhere(mirror):
    (mirror / "objects" / "bb").mkdir()
    (mirror.parent / "keys" / ("d" * 64)).write_bytes(b"secret")
    link = mirror / "objects" / "bb" / ("b" * 64)
    link.symlink_to(mirror.parent / "keys" / "root")
    (mirror / "objects" / "dd").symlink_to(mirror.parent / "keys")
    assert get(mirror, f"/objects/bb/{'b' * 64}")[0] == 404
    assert get(mirror, f"/objects/dd/{'d' * 64}")[0] == 404


def test_a_person_who_looks_is_told_what_this_is(mirror):
    status, _, body = get(mirror, "/")
    assert status == 200
    assert b"lessons" in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PROPFIND"])
def test_nobody_can_write(mirror, method):
    status, headers, _ = get(mirror, "/directory/metadata/timestamp.json", method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


@given(path=st.text(max_size=60), value=st.text(max_size=40))
def test_no_request_makes_it_fail(mirror, path, value):
    assert get(mirror, path, range=value, if_range=value, if_none_match=value, accept_encoding=value)[0] in {
        200,
        404,
    }
