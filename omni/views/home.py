"""The first page: each role's own."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from omni.access import ROLES, StaffRequest, staff_view
from omni.navigation import page_exists, sections_for


@staff_view(None)
def home(request: StaffRequest) -> HttpResponse:
    """Send people to the page their role begins with; people without any section read why there is nothing."""
    sections = sections_for(request.user)
    seen = {section.url_name for section in sections}
    wanted = [role.home for code, role in ROLES.items() if code in request.user.roles]
    first = next((name for name in wanted if name in seen and page_exists(name)), None)
    if first is None and sections:
        first = sections[0].url_name
    return redirect(first) if first else render(request, "omni/home/nothing.html")
