"""The kernel's models, one file per noun."""

from omni.models.access import SavedView
from omni.models.activity import Activity, ActivityDelivery, ActivityLink
from omni.models.api_keys import ApiKey
from omni.models.changes import ChangeRow, ChangeSet
from omni.models.channels import (
    Channel,
    ChannelLocation,
    ConnectorAccount,
    ConnectorCursor,
    RemoteLocationLink,
)
from omni.models.demo import LoadedData
from omni.models.departments import Department
from omni.models.flags import Flag
from omni.models.inbound import IdempotencyKey, InboundEvent, SetAside
from omni.models.jobs import JobRun
from omni.models.locations import Location, LocationGroup
from omni.models.origin import Origin
from omni.models.retailer import Retailer
from omni.models.staff import User
from omni.models.work import WorkItem

__all__ = [
    "Activity",
    "ActivityDelivery",
    "ActivityLink",
    "ApiKey",
    "ChangeRow",
    "ChangeSet",
    "Channel",
    "ChannelLocation",
    "ConnectorAccount",
    "ConnectorCursor",
    "Department",
    "Flag",
    "IdempotencyKey",
    "InboundEvent",
    "JobRun",
    "LoadedData",
    "Location",
    "LocationGroup",
    "Origin",
    "RemoteLocationLink",
    "Retailer",
    "SavedView",
    "SetAside",
    "User",
    "WorkItem",
]
