"""Switches: which share sees a part."""

from datetime import datetime

from django.db import transaction

from omni.activity import record
from omni.models import Flag, User


@transaction.atomic
def set_share(*, flag: Flag, share: int, by: User, at: datetime) -> Flag:
    """Let this share (0 to 100 percent) see the part. Who saw it at a smaller share still does at a greater."""
    before, flag.share = flag.share, share
    flag.save(update_fields=["share"])
    record("flag.changed", subject=flag, at=at, by=by, share=share, share_before=before)
    return flag
