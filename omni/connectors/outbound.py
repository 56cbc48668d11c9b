"""
The one way out over HTTP: bounded in time and size, no redirects, and (where told) no way to our own network.

The address of an account is typed by a person. With ``public_only`` the host is resolved once, every address it has
must be public, and the connection goes to the very address that was checked, so that a name which answers otherwise
the next time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator

import httpx

MOST_BYTES = 32 * 1024 * 1024
TIMEOUT = httpx.Timeout(30, connect=5)


class NotPublic(httpx.TransportError):
    """The host lies in our own network, or nowhere."""


class TooMuch(httpx.TransportError):
    """The answer is larger than any answer should be, or packed although we asked for it plain."""


class _Bounded(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self.stream:
            size += len(chunk)
            if size > MOST_BYTES:
                raise TooMuch("the answer is too large")
            yield chunk

    def close(self) -> None:
        self.stream.close()


class Transport(httpx.HTTPTransport):
    """httpx's own transport, with the rules of this module."""

    def __init__(self, *, public_only: bool) -> None:
        super().__init__()
        self.public_only = public_only

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.public_only:
            host = request.url.host
            request.extensions = {**request.extensions, "sni_hostname": host}
            request.url = request.url.copy_with(host=public_address(host, request.url.port))
        answer = super().handle_request(request)
        if answer.headers.get("content-encoding", "identity") != "identity":
            answer.close()
            raise TooMuch("the answer is packed")
        stream = answer.stream
        if isinstance(stream, httpx.SyncByteStream):
            answer.stream = _Bounded(stream)
        return answer


def client(*, public_only: bool = False) -> httpx.Client:
    """A client for one account. Proxies and passwords of the environment are not used."""
    return httpx.Client(
        transport=Transport(public_only=public_only),
        timeout=TIMEOUT,
        follow_redirects=False,
        headers={"accept-encoding": "identity", "user-agent": "Omni"},
        trust_env=False,
    )


def public_address(host: str, port: int | None) -> str:
    """The address to connect to. Raises NotPublic when any address of the host is not a public one."""
    try:
        found = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotPublic(f"{host} is not known") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(map(is_public, addresses)):
        raise NotPublic(f"{host} is not a public address")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address lies outside: not loopback, private, link-local, shared, multicast, reserved or mapped."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast
