"""The category tree: one branch at a time, and what can be done to it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.forms.categories import MoveForm, NameForm
from inventory.models import Category
from inventory.queries import categories as tree
from inventory.services import categories as services
from inventory.views.answers import carried_out
from inventory.views.catalogue import CHANGE
from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken


@staff_view("inventory.view_variant")
def categories(request: StaffRequest) -> HttpResponse:
    """One branch of the tree: ?in=code, or the top."""
    return branch(request, category_of(request.GET.get("in", "")))


@staff_view("inventory.view_variant")
def category_options(request: StaffRequest) -> HttpResponse:
    """Suggestions while somebody types: the categories that these words may mean."""
    words = str(next(iter(request.GET.values()), ""))
    return render(request, "inventory/categories/_options.html", {"paths": tree.named(words)})


@staff_view(CHANGE, methods=["POST"])
def category_add(request: StaffRequest) -> HttpResponse:
    parent, form = category_of(request.POST.get("in", "")), NameForm(request.POST, prefix="add")

    def act() -> None:
        services.add_category(parent=parent, by=request.user, at=timezone.now(), **form.cleaned_data)

    return answer(request, parent, parent, act, add_form=form)


@staff_view(CHANGE, methods=["POST"])
def category_rename(request: StaffRequest) -> HttpResponse:
    category, form = named_category(request), NameForm(request.POST, prefix="rename")

    def act() -> None:
        services.rename_category(category=category, by=request.user, at=timezone.now(), **form.cleaned_data)

    return answer(request, category, category, act, rename_form=form)


@staff_view(CHANGE, methods=["POST"])
def category_move(request: StaffRequest) -> HttpResponse:
    category, form = named_category(request), MoveForm(request.POST, prefix="move")

    def act() -> None:
        services.move_category(category=category, by=request.user, at=timezone.now(), **form.cleaned_data)

    return answer(request, category, category, act, move_form=form)


@staff_view(CHANGE, methods=["POST"])
def category_remove(request: StaffRequest) -> HttpResponse:
    category = named_category(request)
    above = tree.path_of(category)[:-1]
    try:
        services.remove_category(category=category, by=request.user, at=timezone.now())
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect(address(category))
    messages.success(request, _("The category is gone."))
    return redirect(address(above[-1] if above else None))


def answer(
    request: StaffRequest, category: Category | None, to: Category | None, act: Callable[[], None], **forms
) -> HttpResponse:
    """Do what the one form asks for; refused, the branch shows it again."""
    if carried_out(next(iter(forms.values())), act):
        messages.success(request, _("Saved."))
        return redirect(address(to))
    return branch(request, category, status=422, **forms)


def branch(request: StaffRequest, category: Category | None, status: int = 200, **forms) -> HttpResponse:
    path = tree.path_of(category) if category else []
    above = path[-2] if len(path) > 1 else None
    context = {
        "category": category,
        "above": path[:-1],
        "branches": tree.branches(category),
        "add_form": NameForm(prefix="add"),
        "rename_form": NameForm(prefix="rename", initial={"name": category.name if category else ""}),
        "move_form": MoveForm(prefix="move", initial={"parent": above}),
        **forms,
    }
    return render(request, "inventory/categories/page.html", context, status=status)


def category_of(code: str) -> Category | None:
    return get_object_or_404(Category.objects.all(), code=code) if code else None


def named_category(request: StaffRequest) -> Category:
    return get_object_or_404(Category.objects.all(), code=request.POST.get("in", ""))


def address(category: Category | None) -> str:
    return f"{reverse('categories')}?in={category.code}" if category else reverse("categories")
