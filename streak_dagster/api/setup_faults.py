"""What is wrong with the way to Streak itself, so that no call can succeed until somebody sets it right.

requests wraps urllib3, which wraps what the socket or TLS said; only the innermost error tells a proxy that
wants a login from one that is down.
"""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING

import requests
import urllib3.exceptions

from streak_dagster.errors import NetworkSetupError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_TLS = {"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}
_NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,  # a label of a host's name that is too long
)
_CA = (
    "Where a company's proxy opens connections, set REQUESTS_CA_BUNDLE to the file with the company's "
    "certificate authority"
)


def setup_fault(
    error: BaseException, host: str, variable: str = "STREAK_API_URL"
) -> NetworkSetupError | None:
    """The fault that an error of requests stands for; None for one that may pass.

    ``host`` is the one of the address in ``variable``. The words never hold a proxy's address, in which a
    password may stand.
    """
    told = _of_requests(error, variable) or _of_tls(error, host, variable) or _of_proxy(error, host)
    return NetworkSetupError(told) if told else None


def _of_requests(error: BaseException, variable: str) -> str | None:
    """What requests itself refuses before it connects."""
    text = str(error)
    if "Missing dependencies for SOCKS" in text:
        return (
            "HTTPS_PROXY names a SOCKS proxy, and the package for those isn't installed. "
            "Install it: pip install 'requests[socks]'"
        )
    if isinstance(error, requests.exceptions.InvalidProxyURL) or "Unable to determine SOCKS" in text:
        return "HTTPS_PROXY isn't the address of a proxy. It looks like http://proxy.example.com:3128"
    if isinstance(error, OSError) and "TLS CA certificate bundle" in text:
        path = text.rpartition(": ")[2]
        return f"REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE) names {path}, and there is no such file. Correct it."
    if isinstance(error, _NO_ADDRESS):
        return f"{variable}, or the proxy in HTTPS_PROXY, isn't an address that can be called. Check both."
    return None


def _of_tls(error: BaseException, host: str, variable: str) -> str | None:
    for each in _chain(error):
        if isinstance(each, ssl.SSLError) and str(each).startswith("[X509"):
            return (
                "The file that REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE) names holds no certificate in PEM. "
                "It begins with -----BEGIN CERTIFICATE-----"
            )
        if isinstance(each, ssl.SSLCertVerificationError):
            why = each.verify_message or "it can't be verified"
            return f"The certificate of {host} isn't trusted: {why.rstrip('.')}. {_CA}."
        if isinstance(each, ssl.SSLError) and each.reason in _NO_TLS:
            return (
                f"{host} doesn't answer with TLS, which https needs. Check {variable}, and that "
                "HTTPS_PROXY begins with http:// where the proxy itself speaks no TLS."
            )
    return None


def _of_proxy(error: BaseException, host: str) -> str | None:
    for each in _chain(error):
        refused = re.search(r"Tunnel connection failed: (\d+)", str(each))
        if refused is not None:
            return of_proxy_status(int(refused[1]), host)
    return None


def of_proxy_status(status: int, host: str) -> str | None:
    """What a proxy's own answer means; None for one that may pass."""
    if status == 407:
        return (
            "The proxy of HTTPS_PROXY wants a login (HTTP 407). Write it into the address: "
            "http://user:password@proxy.example.com:3128"
        )
    if status in (401, 403):
        return (
            f"The proxy of HTTPS_PROXY lets nobody through to {host} (HTTP {status}). Have it allowed, or "
            f"set NO_PROXY={host} where it can be reached without."
        )
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came of: causes, contexts, and the reasons that urllib3 keeps in ``reason``."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
        waiting += [other for other in inner if isinstance(other, BaseException)]
