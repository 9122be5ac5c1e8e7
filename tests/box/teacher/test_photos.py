from __future__ import annotations

import io
import re
import subprocess
import sys

import pytest
from PIL import Image

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.app import create_app
from edubox.box.teacher import drafts, photo_work, photos
from edubox.errors import EmptyPack, TooHeavy, TooMany
from tests.box.desk_client import desk_of, person
from tests.box.school import School, settings
from tests.importers.photos import photo

HERE = {"Origin": "http://localhost"}


def sheet(width=1200, height=900, box=(240, 180, 960, 720)):
    """A photo of a bright sheet on a dark table."""
    image = Image.new("RGB", (width, height), "#3b3025")
    image.paste("#f4f2ec", box)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


class Desk:
    def __init__(self, data):
        self.data = School(data).data
        self.client = create_app(self.data, settings()).test_client()
        self.base = desk_of(self.client, self.data, role="teacher")
        self.person = Person(person(self.data).id, "Ada", TEACHER)
        self.draft = drafts.create(self.data, self.person, "Photos").id
        self.place = drafts.folder(self.data, self.draft)

    def add(self, *given):
        for number, taken in enumerate(given):
            source = self.data / "staging" / "one"
            source.write_bytes(taken)
            photos.add(self.data, self.draft, f"IMG_{number}.jpg", source)
        return [one.id for one in photos.listed(self.place)]

    def look(self):
        photo_work.look(self.data, self.draft)
        return photos.listed(self.place)

    def act(self, action, **more):
        return self.client.post(
            f"{self.base}/drafts/{self.draft}/photos/", headers=HERE, data={"action": action} | more
        )

    def pdf(self):
        photo_work.make_pdf(self.data, self.draft)
        return (self.place / "files" / "Photos.pdf").read_bytes()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "box")


def pages_of(pdf):
    """Width and height in points of each page, and its picture."""
    from pypdf import PdfReader

    return [
        (float(page.mediabox.width), float(page.mediabox.height), page.images[0].image)
        for page in PdfReader(io.BytesIO(pdf)).pages
    ]


def test_photos_become_one_pdf_in_their_order_and_are_gone(desk):
    desk.add(photo(1600, 1200), photo(1200, 1600))
    desk.look()
    first, second = pages_of(desk.pdf())
    assert first[:2] == (842.0, 595.0)
    assert second[:2] == (595.0, 842.0)
    assert max(second[2].size) <= photo_work.PAGE
    assert photos.listed(desk.place) == []
    assert not (desk.place / "photos").exists()


def test_nothing_that_a_camera_writes_is_in_the_pdf_or_in_the_small_pictures(desk):
    [ident] = desk.add(photo(orientation=6))
    desk.look()
    small = photos.small(desk.place, ident).read_bytes()
    pdf = desk.pdf()
    for made in (small, pdf):
        assert b"Jeanne" not in made
        assert b"Exif" not in made


def test_a_photo_is_upright_however_the_phone_was_held(desk):
    desk.add(photo(1600, 1200, orientation=6))  # the red beam is at the right then
    [one] = desk.look()
    assert one.height > one.width
    desk.act(f"whole:{one.id}")
    [(_, _, page)] = pages_of(desk.pdf())
    assert page.height > page.width
    red, green, _ = page.convert("RGB").getpixel((page.width - 5, page.height // 2))
    assert red > 2 * green


def test_a_page_is_turned_and_cut_as_its_teacher_says(desk):
    [ident] = desk.add(photo(1600, 1200))
    desk.look()
    desk.act(f"right:{ident}", **{f"{edge}-{ident}": "0" for edge in ("left", "top", "right", "bottom")})
    desk.act(
        "save", **{f"left-{ident}": "500", f"top-{ident}": "0", f"right-{ident}": "0", f"bottom-{ident}": "0"}
    )
    [one] = photos.listed(desk.place)
    assert (one.turn, one.left, one.right) == (90, 500, 1000)
    [(_, _, page)] = pages_of(desk.pdf())
    # Turned to the right, the red beam of its top is at the right; half of its width is left.
    assert page.height == pytest.approx(page.width * 1600 / 600, rel=0.02)
    red, green, _ = page.convert("RGB").getpixel((page.width - 5, page.height // 2))
    assert red > 2 * green


def test_what_is_cut_turns_with_the_photo(desk):
    before = photos.Photo("a" * 26, left=100, top=200, right=700, bottom=900)
    there = photos.turned(before, right=True)
    assert (there.left, there.top, there.right, there.bottom, there.turn) == (100, 100, 800, 700, 90)
    assert photos.turned(there, right=False) == before


def test_the_paper_is_found_and_a_picture_without_paper_is_left_whole(desk):
    even = io.BytesIO()
    Image.effect_noise((800, 600), 30).convert("RGB").save(even, "JPEG")
    desk.add(sheet(), even.getvalue())
    found, whole = desk.look()
    assert (found.left, found.top, found.right, found.bottom) == pytest.approx((200, 200, 800, 800), abs=15)
    assert (whole.left, whole.top, whole.right, whole.bottom) == (0, 0, 1000, 1000)


def test_photos_are_put_in_order_and_taken_out(desk):
    first, second, third = desk.add(photo(400, 300), photo(400, 300), photo(400, 300))
    desk.act(f"later:{first}")
    desk.act(f"remove:{third}")
    desk.act(f"earlier:{second}")
    assert [one.id for one in photos.listed(desk.place)] == [second, first]
    assert not (desk.place / "photos" / third).exists()


def test_what_is_no_photo_is_said_to_be_none_and_left_out(desk):
    desk.add(b"no picture at all", photo(400, 300)[:5000], photo(400, 300))
    assert [one.width > 0 for one in desk.look()] == [False, False, True]
    assert "left out" in desk.client.get(f"{desk.base}/drafts/{desk.draft}/photos/?lang=en").text
    assert len(pages_of(desk.pdf())) == 1


def test_of_no_photo_no_pdf_is_made(desk):
    with pytest.raises(EmptyPack):
        photo_work.make_pdf(desk.data, desk.draft)
    desk.add(b"x")
    desk.look()
    with pytest.raises(EmptyPack):
        photo_work.make_pdf(desk.data, desk.draft)
    assert len(photos.listed(desk.place)) == 1


def test_photos_that_take_too_much_memory_stay_and_the_page_says_that_it_did_not_work(desk, monkeypatch):
    def too_much(*_):
        raise MemoryError

    desk.add(photo(400, 300))
    desk.look()
    monkeypatch.setattr(photo_work, "_page", too_much)
    with pytest.raises(TooHeavy):
        desk.pdf()
    assert len(photos.listed(desk.place)) == 1
    assert "did not work" in desk.client.get(f"{desk.base}/drafts/{desk.draft}/photos/?lang=en").text


def test_a_pdf_has_an_end(desk, monkeypatch):
    monkeypatch.setattr(photos, "MOST", 1)
    with pytest.raises(TooMany):
        desk.add(photo(80, 60), photo(80, 60))


def test_the_page_shows_every_photo_with_its_edges_and_works_without_a_script(desk):
    [ident] = desk.add(sheet())
    desk.look()
    page = desk.client.get(f"{desk.base}/drafts/{desk.draft}/photos/?lang=en").text
    assert f"/photos/{ident}.jpg" in page
    assert len(re.findall(r'type="range"', page)) == 4
    assert 'style="' not in page
    picture = desk.client.get(f"{desk.base}/drafts/{desk.draft}/photos/{ident}.jpg")
    assert picture.mimetype == "image/jpeg"
    assert desk.client.get(f"{desk.base}/drafts/{desk.draft}/photos/..%2Fphotos.jpg").status_code == 404


@pytest.mark.parametrize("action", ["", "burn", f"left:{'z' * 26}", "left:../..", "pdf:x"])
def test_a_form_that_is_none_of_ours_changes_no_photo(desk, action):
    desk.add(photo(400, 300))
    before = photos.listed(desk.place)
    if action.startswith("pdf"):
        return  # the photos are put together whatever is said behind it
    assert desk.act(action, **{f"left-{before[0].id}": "-3"}).status_code in {303, 400}
    assert photos.listed(desk.place) == before


@pytest.mark.parametrize(
    "note", [b"", b"{", b"[]", b'{"photos": 3}', b'{"photos": [{"id": "../x"}, {"id": 3}, 4]}']
)
def test_a_damaged_list_is_an_empty_one(desk, note):
    desk.add(photo(80, 60))
    (desk.place / "photos" / "photos.json").write_bytes(note)
    assert photos.listed(desk.place) == []


@pytest.mark.slow
def test_the_largest_phones_photos_fit_into_the_memory_of_a_small_box(desk):
    """Photos of 48 megapixels: one is decoded at a time, and no larger than a page needs."""
    image = Image.effect_noise((500, 375), 40).resize((8000, 6000)).convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    desk.add(*[out.getvalue()] * 3)
    program = (
        "import sys\nfrom edubox.cli import main\ncode = 0\ntry:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0], file=sys.stderr)\nsys.exit(code)"
    )
    measured = subprocess.run(
        [sys.executable, "-c", program, "draft", "photos", desk.draft, "--data", str(desk.data), "--pdf"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(measured.stderr.split()[-1]) < 200 * 1024
