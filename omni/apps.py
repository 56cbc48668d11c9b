from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.db.models.signals import post_migrate


class OmniConfig(AppConfig):
    name = "omni"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from omni.access import seed_roles

        post_migrate.connect(make_cache_table, sender=self)
        post_migrate.connect(guard_activity, sender=self)
        post_migrate.connect(seed_roles, sender=self.last_app())

    def last_app(self) -> AppConfig:
        """The app that migrates last: by then every permission is there."""
        return apps.get_app_config(settings.PROJECT_APPS[-1])


def make_cache_table(*, using: str, **_kwargs: object) -> None:
    """Make the table of the database cache, which every process shares where there is no Redis. Does nothing twice."""
    call_command("createcachetable", database=using, verbosity=0)


def guard_activity(*, using: str, **_kwargs: object) -> None:
    """Audit is never edited: only the mark that it was relayed may change."""
    from omni.append_only import guard
    from omni.models import Activity

    guard(Activity, using=using, except_for=["relayed"])
