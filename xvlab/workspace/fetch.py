"""Fetch an image by its address without becoming a way into the network that xvlab runs in.

The name is resolved once, every address it has is checked, and the connection goes to a checked address. Redirects are
followed by hand, each with the same checks.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Collection
from urllib.parse import urljoin, urlsplit

import httpx

from xvlab.errors import InvalidInputError

MAX_REDIRECTS = 3
Resolver = Callable[[str, int], list[str]]

# Beside what `is_global` knows: relays and translations that carry an IPv4 address inside, and the old 6to4 anycast.
_REFUSED = "192.88.99.0/24 2002::/16 2001::/32 64:ff9b::/96 64:ff9b:1::/48 ::ffff:0:0/96 ::/96"
_REFUSED_NETWORKS = tuple(ipaddress.ip_network(network) for network in _REFUSED.split())


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def is_public(address: str) -> bool:
    """Tell whether an address lies in the open internet and carries no other address inside."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    refused = any(parsed in network for network in _REFUSED_NETWORKS if network.version == parsed.version)
    return parsed.is_global and not parsed.is_multicast and not refused


def fetch_url(
    url: str,
    *,
    allowed_hosts: Collection[str] = (),
    max_bytes: int,
    timeout_seconds: float = 20.0,
    field: str = "",
    resolver: Resolver = resolve,
) -> bytes:
    """Return the bytes behind an address.

    Args:
        url: An http or https address.
        allowed_hosts: Names (or ``name:port``) that may lie in a private network.
        max_bytes: More than this is refused.
        timeout_seconds: For everything together.
        field: Dotted path of the value in the request, for the errors.
        resolver: Takes host and port, returns addresses.

    Raises:
        InvalidInputError: The address is not one that is fetched, or what it answers is not usable.
    """
    deadline = time.monotonic() + timeout_seconds
    try:
        with httpx.Client(trust_env=False, follow_redirects=False, timeout=timeout_seconds) as client:
            for _ in range(MAX_REDIRECTS + 1):
                request = _checked_request(client, url, allowed_hosts, resolver)
                content, location = _read(client, request, max_bytes, deadline)
                if location is None:
                    return content
                url = urljoin(url, location)
    except _RefusedError as error:
        raise InvalidInputError(f"This address is not fetched: {error}. Use a public one.", field=field) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        message = f"The address could not be fetched ({type(error).__name__}). Check it, or send the bytes."
        raise InvalidInputError(message, field=field) from error
    raise InvalidInputError(f"More than {MAX_REDIRECTS} redirects. Use the final address.", field=field)


class _RefusedError(Exception):
    """The address, or what it answers, is against the rules."""


def _checked_request(
    client: httpx.Client, url: str, allowed_hosts: Collection[str], resolver: Resolver
) -> httpx.Request:
    """Build a request that goes to an address which was checked, under the name that was asked for."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme not in ("http", "https") or not host:
        raise _RefusedError("it does not start with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise _RefusedError("it holds a user name")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = resolver(host, port)
    allowed = {name.lower() for name in allowed_hosts}
    if not {host, f"{host}:{port}"} & allowed and not all(is_public(address) for address in addresses):
        raise _RefusedError("it leads into a private network")
    if not addresses:
        raise _RefusedError("its name is not known")
    target = httpx.URL(url).copy_with(host=addresses[0], fragment=None)
    headers = {"Host": parts.netloc, "User-Agent": "xvlab", "Accept": "image/*", "Accept-Encoding": "identity"}
    return client.build_request("GET", target, headers=headers, extensions={"sni_hostname": host})


def _read(client: httpx.Client, request: httpx.Request, max_bytes: int, deadline: float) -> tuple[bytes, str | None]:
    """Return the body and no location, or an empty body and where to go next."""
    # `build_request` took the client's timeout; the rest of the time may be shorter after a redirect.
    request.extensions["timeout"] = httpx.Timeout(max(0.1, deadline - time.monotonic())).as_dict()
    response = client.send(request, stream=True)
    try:
        if response.is_redirect:
            return b"", response.headers["location"]
        if response.status_code != 200:
            raise _RefusedError(f"it answers with status {response.status_code}")
        content = bytearray()
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > max_bytes:
                raise _RefusedError(f"it has more than {max_bytes} bytes")
            if time.monotonic() > deadline:
                raise _RefusedError("it takes too long")
        return bytes(content), None
    finally:
        response.close()
