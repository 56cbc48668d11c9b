"""What a request takes over from the person who makes it: their language and their time zone."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpResponse
from django.utils import timezone, translation

from omni.access import StaffRequest
from omni.navigation import shell


def staff_preferences(get_response: Callable) -> Callable:
    """Answer in the language of the person and in the time zone of where they work."""

    def answer(request: StaffRequest) -> HttpResponse:
        staff = request.user
        if not staff.is_authenticated:
            return get_response(request)
        if staff.language:
            translation.activate(staff.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(zone_for(request)):
            return get_response(request)

    return answer


def zone_for(request: StaffRequest) -> zoneinfo.ZoneInfo | None:
    """The person's own zone, else that of the store they are bound to, else the installation's."""
    staff = request.user
    own = staff.time_zone
    if not own and not staff.sees_all_locations:
        place = shell(request)["shell"].place
        own = place.time_zone if place else ""
    return zoneinfo.ZoneInfo(own) if own in zoneinfo.available_timezones() else None
