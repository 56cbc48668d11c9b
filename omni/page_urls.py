"""The pages of the kernel: the shell and the settings."""

from django.urls import path

from omni.views import audit, bell, exports, home, imports, jobs, preferences, saved_views, search, settings
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
    path("imports/", imports.imports, name="imports"),
    path("imports/new/<slug:kind>/", imports.import_new, name="import_new"),
    path("imports/template/<slug:kind>.<slug:form>", imports.import_template, name="import_template"),
    path("imports/<slug:public_id>/", imports.import_set, name="import_set"),
    path("imports/<slug:public_id>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<slug:public_id>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<slug:public_id>/drop/", imports.import_drop, name="import_drop"),
    path("imports/<slug:public_id>/resume/", imports.import_resume, name="import_resume"),
    path("imports/<slug:public_id>/wrong.<slug:form>", imports.import_problems, name="import_problems"),
    path("exports/<slug:kind>.<slug:form>", exports.export_file, name="export_file"),
    path("exports/<slug:public_id>/", exports.export_run, name="export_run"),
    path("exports/<slug:public_id>/file/", exports.export_download, name="export_download"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/audit/", audit.audit, name="settings_audit"),
]
