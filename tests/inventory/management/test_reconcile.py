"""The command reconciles by itself, without a worker, and says what came of it."""

import json
import threading

import pytest
from django.core.management import CommandError, call_command

from omni.demo_shop import serve_forever
from tests.factories.exchange import World
from tests.inventory.services.test_exchange import now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(tmp_path, settings):
    settings.CELERY_BROKER_URL = "memory://"
    return World(tmp_path, settings)


@pytest.fixture
def served(world):
    stop = threading.Event()
    thread = threading.Thread(target=serve_forever, args=(world.folder, stop), kwargs={"poll": 0.05})
    thread.start()
    yield world
    stop.set()
    thread.join()


def test_it_prints_one_object_per_channel(served, capsys):
    listing = served.list(7, 5, at=now())
    served.list(1, 1, at=now())
    served.settle(now())
    served.shop.tamper(listing.remote_sku, 14)

    call_command("reconcile", "--full", "--json", "--channel", served.channel.code)

    line = json.loads(capsys.readouterr().out)
    assert line.pop("seconds") > 0
    assert line == {"channel": served.channel.code, "compared": 2, "agreed": 1, "discrepancies": 1, "pushed": 0}


def test_it_names_a_channel_that_is_not_there(world):
    with pytest.raises(CommandError, match="No account"):
        call_command("reconcile", "--channel", "nowhere")
