"""Help: the keys, how Omni is used, and what its figures rest on."""

from django.http import HttpResponse
from django.shortcuts import render

from omni.access import StaffRequest, staff_view


@staff_view(None)
def help_page(request: StaffRequest) -> HttpResponse:
    return render(request, "omni/help/help.html")


@staff_view(None)
def about_data(request: StaffRequest) -> HttpResponse:
    return render(request, "omni/help/about_data.html")
