"""
omni: the project and its kernel.

Owns staff, roles, departments, channels, connector accounts, locations, activity (audit and news in one),
work items, jobs, idempotency, inbound events, flags, connectors and the shell of the screens.
Imports no other app; only settings, urls, celery and navigation name the others, as strings.
Its words: channel, connector account, location, staff, activity, work item, job, connector.
"""

from omni.celery import app as celery_app

__all__ = ["celery_app"]
