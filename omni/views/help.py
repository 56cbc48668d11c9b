"""Help: the keys, how Omni is used, and what its figures rest on."""

from django.http import HttpResponse
from django.shortcuts import render

from omni.access import StaffRequest, staff_view
from omni.navigation import shell
from omni.services.loading import facts_of


@staff_view(None)
def help_page(request: StaffRequest) -> HttpResponse:
    return render(request, "omni/help/help.html")


@staff_view(None)
def about_data(request: StaffRequest) -> HttpResponse:
    sets = [(one, facts_of(one)) for one in shell(request)["shell"].data]
    return render(request, "omni/help/about_data.html", {"sets": sets})
