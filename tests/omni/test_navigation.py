"""What people read about work and jobs has words for everything that the code opens and runs."""

import re
from pathlib import Path

from django.conf import settings
from django.template import Context, Template
from django.utils.module_loading import import_string

from omni import navigation
from omni.services.loading import WORDS

ROOT = Path(settings.BASE_DIR)
CODE = [path for app in settings.PROJECT_APPS for path in (ROOT / app).rglob("*.py")]


def named(pattern: str) -> set[str]:
    return {name for path in CODE for name in re.findall(pattern, path.read_text(), re.M)}


def test_every_kind_of_work_that_a_service_opens_has_words_and_an_icon():
    opened = named(r'^(?:\w+_)?WORK = "([a-z_.]+)"$') | named(r'open_work\(\s*"([a-z_.]+)"')

    assert {"count", "transfer.receive", "ledger.broken"} <= opened
    assert opened == set(navigation.WORK_KINDS)


def test_every_job_has_a_name():
    jobs = named(r'@job\(\s*"([a-z_.]+)"')

    assert "inventory.verify_ledger" in jobs
    assert jobs <= set(navigation.JOB_NAMES)


def test_every_icon_can_be_drawn_and_every_badge_can_be_asked():
    for one in (*navigation.SECTIONS, *navigation.ACTIONS, *navigation.WORK_KINDS.values()):
        Template("{% load omni %}{% icon name %}").render(Context({"name": one.icon}))
    for section in navigation.SECTIONS:
        assert not section.badge or callable(import_string(section.badge))


def test_everything_that_a_load_counts_is_told_in_words():
    assert {"till_listings", "web_listings", "listings_in_step", "staff"} <= set(WORDS)
