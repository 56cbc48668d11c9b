"""The pages of the kernel: the shell and the settings."""

from django.urls import path

from omni.views import audit, bell, home, jobs, preferences, saved_views, search, settings
from omni.views import help as help_views

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("bell/", bell.bell, name="bell"),
    path("alerts/", bell.alerts, name="alerts"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("language/", preferences.language, name="language"),
    path("help/", help_views.help_page, name="help"),
    path("about-data/", help_views.about_data, name="about_data"),
    path("saved-views/", saved_views.saved_view_save, name="saved_view_save"),
    path("saved-views/<slug:public_id>/delete/", saved_views.saved_view_delete, name="saved_view_delete"),
    path("jobs/<slug:public_id>/", jobs.job, name="job"),
    path("jobs/<slug:public_id>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<slug:public_id>/again/", jobs.job_again, name="job_again"),
    path("settings/jobs/", jobs.job_list, name="settings_jobs"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/audit/", audit.audit, name="settings_audit"),
]
