import gzip
import http.server
import socket
import threading

import httpx
import pytest

from omni.connectors import connect, outbound
from omni.connectors.errors import Misconfigured
from omni.connectors.outbound import NotPublic, TooMuch, is_public, public_address

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_of_our_own_network_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_outside_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f000001", "127.1", "::1", "no-such.invalid"]
)
def test_no_way_of_writing_loopback_is_let_through(host):
    with pytest.raises(NotPublic):
        public_address(host, 80)


def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: answers)

    with pytest.raises(NotPublic):
        public_address("two-faced.example", 443)


class Canary(http.server.BaseHTTPRequestHandler):
    """Answers by the path, and remembers that it was reached."""

    reached: list[str] = []

    def do_GET(self):
        self.reached.append(self.path)
        body = gzip.compress(b"0" * 10_000) if self.path == "/packed" else b"0" * 10_000
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("content-length", str(len(body)))
        if self.path == "/packed":
            self.send_header("content-encoding", "gzip")
        if self.path == "/away":
            self.send_header("location", "/plain")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *args):
        """Quiet."""


@pytest.fixture
def canary():
    Canary.reached.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_public_only_means_that_loopback_is_never_reached(canary):
    config = {"url": f"{canary}/admin-api", "username": "x", "public_only": True}
    connector = connect("vendure", config, {"password": "x"})

    with pytest.raises(Misconfigured):
        connector.locations()

    assert not connector.check().ok
    assert Canary.reached == []


def test_a_redirect_is_not_followed(canary):
    assert outbound.client().get(f"{canary}/away").status_code == 302
    assert Canary.reached == ["/away"]


def test_an_answer_that_is_packed_or_too_large_is_not_read(canary, monkeypatch):
    assert len(outbound.client().get(f"{canary}/plain").content) == 10_000
    with pytest.raises(TooMuch):
        outbound.client().get(f"{canary}/packed")
    monkeypatch.setattr(outbound, "MOST_BYTES", 9_999)
    with pytest.raises(TooMuch):
        outbound.client().get(f"{canary}/plain")


def test_the_address_that_was_checked_is_the_one_that_is_called(canary, monkeypatch):
    monkeypatch.setattr(outbound, "public_address", lambda _host, _port: "127.0.0.1")
    port = canary.rsplit(":", 1)[1]

    answer = outbound.client(public_only=True).get(f"http://shop.example:{port}/plain")

    assert answer.status_code == 200
    assert isinstance(answer, httpx.Response)
