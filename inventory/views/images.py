"""Pictures of products: the tab on which they are changed, and the door through which staff see them."""

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.forms.catalogue import ImageForm
from inventory.models import Product, ProductImage
from inventory.services import images
from inventory.views.answers import back, carried_out
from inventory.views.catalogue import CHANGE, product_of, saved, tab
from omni.access import StaffRequest, staff_view

PICTURE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=86400, immutable",
}


@staff_view(CHANGE, methods=["GET", "POST"])
def product_images(request: StaffRequest, public_id: str) -> HttpResponse:
    product = product_of(request, public_id)
    form = ImageForm(request.POST, request.FILES) if request.method == "POST" else ImageForm()
    if request.method == "POST" and carried_out(form, lambda: add(request, product, form)):
        return saved(request, "product_images", product)
    return tab(request, "images", product, form=form, images=product.images.all())


def add(request: StaffRequest, product: Product, form: ImageForm) -> None:
    """At most one byte more than allowed is read: a file that is too large is refused without being held."""
    data = form.cleaned_data["file"].read(images.MOST_BYTES + 1)
    words = form.cleaned_data["alternative_text"]
    images.add_image(product=product, data=data, alternative_text=words, by=request.user, at=timezone.now())


@staff_view(CHANGE, methods=["POST"])
def image_describe(request: StaffRequest, name: str) -> HttpResponse:
    image = image_of(request, name)
    words = request.POST.get("alternative_text", "")
    return back(
        request,
        lambda: images.describe_image(image=image, alternative_text=words, by=request.user, at=timezone.now()),
        _("Saved."),
        "product_images",
        image.product.public_id,
    )


@staff_view(CHANGE, methods=["POST"])
def image_first(request: StaffRequest, name: str) -> HttpResponse:
    image = image_of(request, name)
    return back(
        request,
        lambda: images.put_first(image=image, by=request.user, at=timezone.now()),
        _("It comes first now."),
        "product_images",
        image.product.public_id,
    )


@staff_view(CHANGE, methods=["POST"])
def image_remove(request: StaffRequest, name: str) -> HttpResponse:
    image = image_of(request, name)
    return back(
        request,
        lambda: images.remove_image(image=image, by=request.user, at=timezone.now()),
        _("The picture is gone."),
        "product_images",
        image.product.public_id,
    )


@staff_view("inventory.view_variant")
def product_image(request: StaffRequest, name: str) -> HttpResponseBase:
    """The picture itself: always WebP as we drew it, never what its name or content might say."""
    image = image_of(request, name)
    try:
        response = FileResponse(image.file.open("rb"), content_type="image/webp")
    except FileNotFoundError as error:
        raise Http404 from error
    for header, value in PICTURE_HEADERS.items():
        response.headers[header] = value
    return response


def image_of(request: StaffRequest, name: str) -> ProductImage:
    """A picture by the name of its file, which nobody can guess."""
    found = ProductImage.objects.visible_to(request.user).select_related("product")
    return get_object_or_404(found, file=f"products/{name}.webp")
