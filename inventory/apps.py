from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InventoryConfig(AppConfig):
    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(guard_ledger, sender=self)


def guard_ledger(*, using: str, **_kwargs: object) -> None:
    """The ledger is append-only, whoever writes to the database."""
    from inventory.models import StockMovement
    from omni.append_only import guard

    guard(StockMovement, using=using)
