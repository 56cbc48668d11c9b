"""Pictures: what comes in is never kept, only drawn anew; what was made to hurt is refused."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from inventory.models import ProductImage
from inventory.services import images
from inventory.services.images import LARGEST_EDGE, MOST_BYTES, MOST_IMAGES, NeedsWords, NotAPicture, TooManyImages
from tests.factories.inventory import make_product
from tests.factories.omni import NOON

pytestmark = pytest.mark.django_db
SAID = {"by": None, "at": NOON}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(form="PNG", size=(40, 20), mode="RGB", **options) -> bytes:
    image, written = Image.new(mode, size), io.BytesIO()
    ImageDraw.Draw(image).rectangle((2, 2, 10, 10), fill="red" if mode == "RGB" else 3)
    image.save(written, form, **options)
    return written.getvalue()


def add(data, words="a red square", product=None):
    return images.add_image(product=product or make_product(), data=data, alternative_text=words, **SAID)


def bomb(width=50_000, height=50_000) -> bytes:
    """A PNG of a few hundred bytes that claims 2,500,000,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_kept_as_webp_under_a_name_that_says_nothing(form, media):
    image = add(picture(form))

    assert image.file.name.startswith("products/")
    assert image.file.name.endswith(".webp")
    with Image.open(media / image.file.name) as kept:
        assert (kept.format, kept.size) == ("WEBP", (40, 20))


def test_nothing_that_came_along_is_kept(media):
    exif = Image.Exif()
    exif[0x010E] = "taken at home of Jane Roe"
    exif[0x0112] = 6  # lies on its side
    secret = PngImagePlugin.PngInfo()
    secret.add_text("Comment", "<script>alert(1)</script>")
    trailing = b"<?php echo 1 ?><script>alert(2)</script>"

    kept = [
        (media / add(data).file.name).read_bytes()
        for data in (picture("JPEG", exif=exif) + trailing, picture("PNG", pnginfo=secret) + trailing)
    ]

    for data in kept:
        assert not any(word in data for word in (b"Jane", b"script", b"php", b"EXIF"))
    with Image.open(io.BytesIO(kept[0])) as upright:
        assert upright.size == (20, 40)


def test_a_large_picture_is_made_smaller():
    image = add(picture("JPEG", size=(3000, 1500)))
    with Image.open(image.file) as kept:
        assert kept.size == (LARGEST_EDGE, LARGEST_EDGE // 2)


def test_what_is_see_through_stays_so():
    written = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(written, "PNG")
    with Image.open(add(written.getvalue()).file) as kept:
        assert kept.mode == "RGBA"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff" + b"\0" * 2000,
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 500,
        picture("PNG")[:60],
        picture("JPEG")[:400],
        picture("WEBP")[:40],
        picture("GIF", mode="P"),
        picture("TIFF"),
        picture("ICO"),
        bomb(),
        bomb(10_000, 10_000),
        bomb(0, 10),
        b"x" * (MOST_BYTES + 1),
    ],
    ids=range(17),
)
def test_what_is_no_picture_or_was_made_to_hurt_is_refused_and_leaves_nothing(data, media):
    with pytest.raises(NotAPicture):
        add(data)
    assert not ProductImage.objects.exists()
    assert not any(media.rglob("*.*"))


def test_a_picture_without_words_is_refused():
    for words in ("", "  \n "):
        with pytest.raises(NeedsWords):
            add(picture(), words)
    assert not ProductImage.objects.exists()


def test_pictures_stand_in_order_and_one_comes_first():
    product = make_product()
    first, second = add(picture(), "first", product), add(picture(), "second", product)
    assert list(product.images.all()) == [first, second]

    images.put_first(image=second, **SAID)

    assert list(product.images.all()) == [second, first]


def test_a_product_has_only_so_many_pictures():
    product = make_product()
    ProductImage.objects.bulk_create(
        ProductImage(product=product, file=f"products/{n}.webp", alternative_text="x") for n in range(MOST_IMAGES)
    )
    with pytest.raises(TooManyImages):
        add(picture(), "one more", product)


def test_removing_a_picture_removes_its_file_once_that_is_certain(media, django_capture_on_commit_callbacks):
    image = add(picture())

    with django_capture_on_commit_callbacks() as later:
        images.remove_image(image=image, **SAID)
    assert any(media.rglob("*.webp"))

    for step in later:
        step()
    assert not any(media.rglob("*.webp"))


def test_the_words_can_be_mended():
    image = add(picture())
    images.describe_image(image=image, alternative_text=" two\nsquares ", **SAID)
    assert ProductImage.objects.get().alternative_text == "two squares"
