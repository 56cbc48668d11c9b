"""The OpenAPI document, and the page that shows it. Open to everybody: it says how, and nothing of what."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from omni.api.throttling import StrangerThrottle

OPEN = {"authentication_classes": [], "permission_classes": [AllowAny], "throttle_classes": [StrangerThrottle]}

document = SpectacularAPIView.as_view(**OPEN)
reference = SpectacularSwaggerSplitView.as_view(
    url_name="api_schema", template_name="omni/api/reference.html", title="Omni API", **OPEN
)
for view in (document, reference):
    vars(view).update(staff_right="open", staff_methods=("GET", "HEAD"))
