"""Addresses: of the server, and of what stands between. Called by the connections, once for each that they make."""
from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Dict, NamedTuple, Optional
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass


class Origin(NamedTuple):
    """A server: whoever has the same can use the same connections."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """As the header Host has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


@dataclass
class Route:
    """How to connect to a server: directly, or through the proxy that the environment names."""

    origin: Origin
    host: str
    port: int
    #: Name that the certificate must have; None for plain HTTP.
    tls_host: Optional[str]
    #: What to send to the proxy first, so that it passes everything on.
    tunnel: Optional[bytes] = None
    #: Whether requests name their whole address, because a proxy reads them.
    is_absolute: bool = False
    #: Headers for such a proxy.
    headers: Dict[str, str] = field(default_factory=dict)


def split_address(url: str) -> SplitResult:
    """Raises ValueError for what is no address of a server."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"the url of a server begins with http:// or https://, got {url!r}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the url of a server has a user or a password: give the key as `api_key`")
    return parts


def origin_of(parts: SplitResult) -> Origin:
    host = parts.hostname or ""
    name = host if host.isascii() else host.encode("idna").decode()
    return Origin(parts.scheme, name, parts.port or (443 if parts.scheme == "https" else 80))


def route_to(origin: Origin) -> Route:
    """By the same settings as urllib: `http_proxy`, `https_proxy`, `no_proxy`, and those of the system."""
    tls_host = origin.host if origin.scheme == "https" else None
    address = getproxies().get(origin.scheme)
    if address is None or proxy_bypass(f"{origin.host}:{origin.port}"):
        return Route(origin, origin.host, origin.port, tls_host)
    proxy = urlsplit(address if "://" in address else f"http://{address}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise ValueError(f"the proxy for {origin.scheme} must be an http:// address")
    headers = {}
    if proxy.username is not None:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
        headers["proxy-authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    route = Route(origin, proxy.hostname, proxy.port or 80, tls_host)
    if tls_host is None:
        route.is_absolute, route.headers = True, headers
        return route
    place = f"[{origin.host}]:{origin.port}" if ":" in origin.host else f"{origin.host}:{origin.port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"host: {place}", *(f"{name}: {headers[name]}" for name in headers), "", ""]
    route.tunnel = "\r\n".join(lines).encode()
    return route
