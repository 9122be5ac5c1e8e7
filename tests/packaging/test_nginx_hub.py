"""The hub behind the nginx that we ship, with real names, certificates and processes, and a box on another computer."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from edubox.hub.enrol.limits import MOST
from tests import needs
from tests.cli.country import make_country
from tests.machines import two, wait_until_said

PACKAGING = Path(__file__).parents[2] / "packaging"
NAMES = ("lessons-hub", "review", "lecons", "lessons")
#: What stands in Debian's own nginx.conf around what it includes.
DEBIAN = """sendfile on;
tcp_nopush on;
types_hash_max_size 2048;
include /etc/nginx/mime.types;
default_type application/octet-stream;
ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
ssl_prefer_server_ciphers on;
access_log {folder}/access.log;
gzip on;
"""
PASSPHRASE = "export EDUBOX_PASSPHRASE='correct horse battery staple'\n"
SETTINGS = """listen = "127.0.0.1"
proxy_socket = "{run}/desk.sock"
address = "https://hub.example.org"
review_address = "https://review.example.org"
courier_price = "2 EUR"
site = "{home}/site"
site_address = "http://lecons.example.org"
site_lessons = "http://lessons.example.org"
"""


def certificate(folder):
    """A certificate of all names of the hub, which the other computer is told to believe."""
    names = ",".join(f"DNS:{name}.example.org" for name in ("hub", *NAMES))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-subj", "/CN=hub",
         "-addext", f"subjectAltName={names}", "-keyout", folder / "hub.key", "-out", folder / "hub.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


def configuration(folder, home, run):
    """Our two examples for nginx as they stand, in the places of this test."""
    hub = "\n".join(
        (PACKAGING / "hub" / name).read_text("utf-8") for name in ("upstreams.conf", "nginx.conf")
    )
    for place, ours in (
        ("/etc/ssl/edubox", str(folder)), ("/var/lib/edubox-hub/country", f"{home}/country"), ("/run/edubox-hub", str(run)),
    ):  # fmt: skip
        assert place in hub
        hub = hub.replace(place, ours)
    site = (PACKAGING / "nginx/site.conf").read_text("utf-8").replace("/srv/edubox/site", f"{home}/site")
    (folder / "hub.conf").write_text(hub)
    (folder / "site.conf").write_text(site.replace("https://le", "http://le"))
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user root;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{places}{DEBIAN.format(folder=folder)}"
        f"include {folder}/hub.conf;\ninclude {folder}/site.conf;\n}}\n"
    )
    return folder / "nginx.conf"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The hub's computer with nginx in front, and the box's."""
    needs.programs("nginx", "openssl")
    folder = tmp_path_factory.mktemp("front")
    with two(folder, "hub", "box", NAMES) as (hub, box):
        home, run = folder / "hub/home", folder / "run"
        run.mkdir()
        certificate(folder)
        country = make_country(home / "country")
        (country.folder / "hub.toml").write_text(SETTINGS.format(run=run, home=home))
        hub.run(
            PASSPHRASE
            + "edubox country add-publisher country --id ac-test/choix --name Academy --kind academy"
        )
        wait_until_said(hub.window("edubox hub serve --data country"), lambda said: "answers at" in said)
        front = hub.window(
            f"/usr/sbin/nginx -g 'daemon off;' -c {configuration(folder, home, run)} -p {folder} -e stderr"
        )
        box.run(f"export SSL_CERT_FILE={folder}/hub.pem CURL_CA_BUNDLE={folder}/hub.pem")
        box.run(
            "curl -sSf --retry 30 --retry-connrefused --retry-delay 1 -o /dev/null https://lessons-hub.example.org/directory/metadata/1.root.json"
        )
        yield hub, box, home, front


def headers(machine, address, *options):
    """Number, headers and body of an answer."""
    said = machine.run(f"curl -sS -i {' '.join(options)} '{address}'")
    head, _, body = said.partition("\n\n")
    lines = head.splitlines()
    named = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
    }
    return int(lines[0].split()[1]), named, body


def test_boxes_get_the_mirror_as_files_and_nothing_else_of_the_hub(world):
    _, box, _, _ = world
    at = "https://lessons-hub.example.org"
    number, said, body = headers(box, f"{at}/directory/metadata/1.root.json")
    assert (number, said["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert json.loads(body)["signed"]["_type"] == "root"
    assert said["content-type"] == "application/json"
    assert headers(box, f"{at}/directory/metadata/timestamp.json")[1]["cache-control"] == "max-age=60"
    number, said, body = headers(box, f"{at}/directory/metadata/9.root.json")
    assert (number, said["cache-control"], body) == (404, "max-age=60", "")
    assert headers(box, f"{at}/directory/metadata/1.root.json", "-r 0-9")[0] == 206
    for hidden in (
        "/",
        "/staff/",
        "/keys/online/timestamp",
        "/hub.db",
        "/hub.toml",
        "/directory/%2e%2e/%2e%2e/hub.toml",
        "/bureau/",
        "/publishers/../../hub.toml",
    ):
        assert headers(box, at + hidden, "--path-as-is")[0] in {400, 404}, hidden


def test_a_box_enrols_over_https_and_the_hub_sees_where_it_is_and_not_the_web_server(world):
    hub, box, home, _ = world
    (home / "schools.csv").write_text("name;hostname\nHilltop school;hilltop\n")
    hub.run(
        "edubox flash codes schools.csv; edubox academy codes import schools.codes.csv --data country --authority ac-test"
    )
    code = re.search(r";([0-9A-Z-]{14});", (home / "schools.codes.csv").read_text())[1]
    box.run(f"cp {home}/country/mirror/directory/metadata/1.root.json .; edubox box init --data school --country 1.root.json"
            " --from https://lessons-hub.example.org --follow ministry/test --name 'Hilltop school'")  # fmt: skip
    assert "has not answered yet" in box.run(f"edubox enrol --data school --code {code}")
    (asked,) = json.loads(hub.run("edubox academy list --data country --json"))["asked"]
    assert asked["from"] == "own network"
    hub.run(
        f"edubox academy accept {asked['request']} --data country; edubox academy sign --data country --yes"
    )
    box.run("edubox enrol --data school; edubox sync --data school")
    assert "accepted this box" in box.run("edubox enrol --data school --status")


def test_an_officer_comes_in_over_https_with_a_cookie_that_leaves_by_no_other_way(world):
    hub, box, _, _ = world
    code = json.loads(hub.run("edubox hub person add marie --role ministry --data country --json"))["code"]
    number, said, body = headers(box, "https://hub.example.org/bureau/invitation/")
    assert (number, said["strict-transport-security"]) == (200, "max-age=31536000")
    assert "<form" in body
    form = f"-d code={code} -d password=trois+mots+faciles -d again=trois+mots+faciles"
    address = "https://hub.example.org/bureau/invitation/"
    assert headers(box, address, form, "-H 'Origin: https://evil.example'")[0] == 403
    number, said, _ = headers(box, address, form, "-H 'Origin: https://hub.example.org'")
    assert (number, said["location"]) == (303, "/bureau/entrer/premier/")
    assert said["set-cookie"].startswith("__Host-edubox=")
    assert {"Secure", "HttpOnly", "Path=/"} <= {word.strip() for word in said["set-cookie"].split(";")}


def test_nobody_makes_a_plain_way_safe_by_saying_so(world):
    hub, _, _, _ = world
    lie = "-H 'Host: hub.example.org' -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-For: 127.0.0.1'"
    number, said, _ = headers(hub, "http://127.0.0.1:8490/bureau/entrer/", lie)
    assert number == 403
    assert "strict-transport-security" not in said


def test_lessons_under_review_have_a_name_of_their_own(world):
    _, box, _, _ = world
    number, said, _ = headers(box, "https://review.example.org/nothing/")
    assert number == 404
    assert "strict-transport-security" not in said
    assert headers(box, "https://review.example.org/bureau/")[0] == 404


def test_a_carrier_hands_in_a_list_and_a_download_goes_on_through_nginx(world):
    hub, box, home, _ = world
    publish(hub, "tides", "The sea comes and goes.", film=3_000_000)
    root = f"{home}/country/mirror/directory/metadata/1.root.json"
    box.run(
        f"edubox box init --data lonely --country {root} --follow ministry/test; edubox courier want --data lonely -o list.json"
    )
    at = "https://lessons-hub.example.org"
    assert headers(box, f"{at}/courier")[0] == 301
    number, said, _ = headers(box, f"{at}/courier/?lang=en", "-F list=@list.json -F part=50")
    assert number == 303
    page = box.run(f"curl -sSfL '{at}{said['location']}'")
    assert "The school lacks" in page
    part = at + said["location"].partition("?")[0] + re.search(r'href="(\d+\.zip)\?', page)[1]
    box.run(
        f"curl -sSf -r 0-999999 -o part.zip '{part}'; curl -sSf -C - -o part.zip '{part}'; edubox courier import part.zip --data lonely"
    )
    assert "tides" in box.run("ls lonely/mirror/publishers/ministry/test/targets")


def test_who_guesses_codes_as_a_carrier_makes_nobody_else_wait(world):
    hub, box, home, _ = world
    (home / "carried.csv").write_text("name;hostname\nValley school;valley\n")
    hub.run("edubox flash codes carried.csv")
    unknown = re.search(r";([0-9A-Z-]{14});", (home / "carried.codes.csv").read_text())[1]
    root = f"{home}/country/mirror/directory/metadata/1.root.json"
    box.run(f"edubox box init --data valley --country {root} --follow ministry/test --name 'Valley school'"
            f"; edubox enrol --data valley --code {unknown} --carry request.json; cp request.json {home}")  # fmt: skip
    at, form = "https://lessons-hub.example.org/courier/?lang=en", "-F list=@request.json -F part=50"
    box.run(f"for i in $(seq {MOST}); do curl -sSf -o /dev/null {form} '{at}' || :; done")
    assert headers(box, at, form)[0] == 429
    ca = f"--cacert {home.parents[1]}/hub.pem --resolve lessons-hub.example.org:443:127.0.0.1"
    number, _, page = headers(hub, at, form, ca)
    assert (number, "No academy knows the one-time code" in page) == (403, True)


def test_what_is_published_is_soon_on_the_site_for_home(world):
    hub, box, home, _ = world
    publish(hub, "rivers", "Water goes down.")
    # The hub looks every five minutes; this is for who does not want to wait.
    hub.run("edubox hub site --data country")
    number, said, body = headers(box, "http://lecons.example.org/en/")
    assert number == 200
    assert "Rivers" in body
    assert said["cache-control"] == "no-cache"
    assert "lessons.example.org" in said["content-security-policy"]
    assert headers(box, "http://lecons.example.org/")[1]["location"].endswith("/fr/")
    lesson = only_lesson(home, "Water goes down.")
    assert "Water goes down." in headers(box, f"http://lessons.example.org/c/{lesson}/index.html")[2]
    assert headers(box, "http://lessons.example.org/en/")[0] == 404


def publish(hub, slug, text, film=0):
    hub.run(
        PASSPHRASE
        + f"mkdir -p {slug}; echo '<!doctype html><title>{slug}</title><p>{text}</p>' > {slug}/index.html\n"
        f"head -c {film} /dev/urandom > {slug}/film.mp4; test {film} -gt 0 || rm {slug}/film.mp4\n"
        f"edubox pack build {slug} -o {slug}.edpack --title {slug.title()} --language en\n"
        f"edubox publish {slug}.edpack --to country/mirror --as ministry/test --slug {slug}"
    )


def only_lesson(home, text):
    """The folder of the lesson with *text*."""
    (found,) = [
        path.parent.name for path in (home / "site/c").glob("*/index.html") if text in path.read_text()
    ]
    return found


def test_no_address_of_a_school_is_written_down(world):
    _, box, home, front = world
    headers(box, "https://lessons-hub.example.org/directory/metadata/99.root.json")
    headers(box, "http://lecons.example.org/en/nothing/")
    # Whatever happened above: nginx says nothing of anybody, and so does the hub.
    assert "198.51.100.2" not in front.read_text()
    assert not {"[warn]", "[error]", "[emerg]"} & set(front.read_text().split())
    assert (home.parents[1] / "access.log").read_text() == ""
    assert "198.51.100.2" not in (home.parent / "window0").read_text()
