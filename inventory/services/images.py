"""Pictures of products: what people upload is never kept, only a picture drawn anew from it."""

import io
import struct
import zlib
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from inventory.models import Product, ProductImage
from inventory.services.catalogue import checked
from omni.activity import record
from omni.errors import RuleBroken
from omni.ids import public_id
from omni.models import User

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000  # unpacked: 160 MB at four bytes each
LARGEST_EDGE = 1_600
MOST_IMAGES = 20
# What Pillow raises on files that are no picture, or were made to hurt.
BROKEN = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, OverflowError, MemoryError,
          struct.error, zlib.error, Image.DecompressionBombError)  # fmt: skip


class NotAPicture(RuleBroken):
    """The file is no JPEG, PNG or WebP, is damaged, or is larger than a picture need be."""

    code = "not_a_picture"


class NeedsWords(RuleBroken):
    """A picture without words is nothing to those who cannot see it."""

    code = "alternative_text_missing"


class TooManyImages(RuleBroken):
    """A product has as many pictures as it may have."""

    code = "too_many_images"


def drawn_anew(data: bytes) -> bytes:
    """
    Return the picture as WebP: upright, at most 1,600 pixels on an edge, without a word of what came along with it.

    The pixels are counted before any is unpacked. Raises NotAPicture.
    """
    if len(data) > MOST_BYTES:
        raise NotAPicture(_("A picture has at most %(most)s MB.") % {"most": MOST_BYTES // 1024 // 1024})
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            check_size(picture)
            picture.verify()
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            return encoded(picture)
    except BROKEN as error:
        raise NotAPicture(_("This file is no JPEG, PNG or WebP picture, or it is damaged.")) from error


def check_size(picture: Image.Image) -> None:
    width, height = picture.size
    if not 0 < width * height <= MOST_PIXELS:
        raise NotAPicture(_("A picture has at most %(most)s million pixels.") % {"most": MOST_PIXELS // 1_000_000})


def encoded(picture: Image.Image) -> bytes:
    """The first frame, from its pixels alone."""
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    pixels = ImageOps.exif_transpose(picture).convert("RGBA" if has_alpha else "RGB")
    pixels.thumbnail((LARGEST_EDGE, LARGEST_EDGE))
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    written = io.BytesIO()
    clean.save(written, "WEBP", quality=84, method=4)
    return written.getvalue()


def add_image(*, product: Product, data: bytes, alternative_text: str, by: User | None, at: datetime) -> ProductImage:
    """Add a picture behind the others. Raises NotAPicture, NeedsWords, TooManyImages, InvalidValue."""
    words, picture = words_of(alternative_text), drawn_anew(data)  # drawing takes time: no lock is held meanwhile
    with transaction.atomic():
        Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
        if product.images.count() >= MOST_IMAGES:
            raise TooManyImages(_("A product has at most %(most)s pictures.") % {"most": MOST_IMAGES})
        last = product.images.aggregate(last=Max("position"))["last"]
        image = ProductImage(
            product=product, alternative_text=words, position=0 if last is None else last + 1, file="products/new"
        )
        checked(image)
        image.file.save(f"{public_id(20)}.webp", ContentFile(picture), save=False)
        image.save()
        record("product.image_added", subject=product, by=by, at=at, image=image.pk)
        return image


@transaction.atomic
def describe_image(*, image: ProductImage, alternative_text: str, by: User | None, at: datetime) -> ProductImage:
    """Change the words of a picture. Raises NeedsWords, InvalidValue."""
    image.alternative_text = words_of(alternative_text)
    checked(image).save(update_fields=["alternative_text"])
    record("product.image_described", subject=image.product, by=by, at=at, image=image.pk)
    return image


@transaction.atomic
def put_first(*, image: ProductImage, by: User | None, at: datetime) -> None:
    """Make a picture the one that is shown where there is room for one."""
    rows = list(ProductImage.objects.select_for_update(of=("self",)).filter(product=image.product_id))
    rows.sort(key=lambda one: (one.pk != image.pk, one.position, one.pk))
    for position, one in enumerate(rows):
        one.position = position
    ProductImage.objects.bulk_update(rows, ["position"])
    record("product.image_first", subject=image.product, by=by, at=at, image=image.pk)


@transaction.atomic
def remove_image(*, image: ProductImage, by: User | None, at: datetime) -> None:
    """Take a picture away, and its file once that is certain."""
    record("product.image_removed", subject=image.product, by=by, at=at, image=image.pk)
    transaction.on_commit(partial(default_storage.delete, str(image.file.name)))
    image.delete()


def words_of(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise NeedsWords(_("Say in a few words what the picture shows, for those who cannot see it."))
    return words
