"""Opening an account: what the installation decides, nobody can type away."""

import http.server
import threading

import pytest

from omni.connectors.errors import Misconfigured
from omni.services.health import connector_of
from tests.factories.omni import make_account

pytestmark = pytest.mark.django_db


class Inner(http.server.BaseHTTPRequestHandler):
    """Something in our own network."""

    reached: list[str] = []

    def do_POST(self):
        Inner.reached.append(self.path)
        self.send_error(500)

    def log_message(self, *args):
        """Quiet."""


@pytest.fixture
def account():
    Inner.reached.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Inner)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    config = {"url": f"http://127.0.0.1:{server.server_port}/admin-api", "username": "x", "public_only": False}
    yield make_account(kind="vendure", config=config, secrets={"password": "x"})
    server.shutdown()
    server.server_close()
    thread.join()


def test_on_a_public_installation_no_account_leads_into_our_own_network(account, settings):
    settings.PUBLIC = True

    with pytest.raises(Misconfigured):
        connector_of(account).locations()

    assert Inner.reached == []


def test_on_a_private_one_a_shop_may_stand_next_door(account, settings):
    settings.PUBLIC = False

    assert not connector_of(account).check().ok

    assert Inner.reached
