"""What went wrong when pip or venv failed, in words: which of network, proxy, certificates, disk, checksum, wheel."""

from __future__ import annotations

import re
from typing import Sequence

from ..model.contract.errors import RuntimeUnavailable

#: Signs in the output, the sentence, what to do; the first that fits counts. {hit}: what the sign's first group caught.
_CAUSES = (
    (
        r"DO NOT MATCH THE HASHES|Hashes are required|hash(?:es)? (?:mis)?match",
        "A library that came is not the one that was checked: its checksum differs.",
        "Try again later; if it happens again, someone between here and the index changes files: ask your "
        "administrator, or use a folder of wheels.",
    ),
    (
        r"No space left on device|Errno 28|WinError 112|not enough space|Disk quota exceeded",
        "The disk is full.",
        "Free space, or choose a data folder on another disk.",
    ),
    (
        r"No module named '?ensurepip|ensurepip is not available|No module named '?venv",
        "This Python cannot make virtual environments: its ensurepip is missing.",
        "On Debian and Ubuntu: sudo apt-get install python3-venv. Else choose another Python.",
    ),
    (
        r"SOCKS support",
        "pip cannot use a SOCKS proxy.",
        "Name an HTTP proxy in QGIS (Settings, Options, Network), or use a folder of wheels.",
    ),
    (
        r"407 Proxy|ProxyError|Tunnel connection failed|Cannot connect to proxy",
        "The proxy did not let the download through.",
        "Check address, user and password of the proxy in QGIS: Settings, Options, Network.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError|certificate verify failed",
        "The certificate of the index is not trusted, which is so when a firewall opens encrypted connections.",
        "Add your organisation's certificate in QGIS (Settings, Options, Authentication) or to the system, try again.",
    ),
    (
        r"NameResolutionError\(.*?host='([^']+)'|Failed to resolve '([^']+)'|Name or service not known"
        r"|getaddrinfo failed|Temporary failure in name resolution|nodename nor servname",
        "The address of the index {hit}cannot be found: there is no network, or only one through a proxy.",
        "Check the connection and the proxy in QGIS (Settings, Options, Network), or use a folder of wheels.",
    ),
    (
        r"ReadTimeoutError|Read timed out|ConnectTimeoutError|timed out|IncompleteRead|Connection broken",
        "The connection is too slow or broke off.",
        "Start the installation again: what came in full is kept.",
    ),
    (
        r"Connection refused|Network is unreachable|ConnectionResetError|NewConnectionError|Max retries exceeded",
        "The index does not answer.",
        "Check the connection and the firewall, or use a folder of wheels.",
    ),
    (
        r"No matching distribution found for ([\w.-]+==[\w.+-]+)|not a supported wheel on this platform",
        "There is no wheel {hit}for this Python and platform.",
        "Choose another Python (3.11 to 3.14, 64 bit); for a folder of wheels, put it there.",
    ),
    (
        r"Permission denied|Access is denied|WinError 5\b|Errno 13|WinError 32",
        "A file could not be written or started: a virus scanner or your rights forbid it.",
        "Let the data folder through, or choose another one.",
    ),
)


def explain(lines: Sequence[str], exit_code: int) -> RuntimeUnavailable:
    """Return the error for a failed step of an installation; `lines` is the end of its output."""
    text = "\n".join(lines)
    for sign, sentence, hint in _CAUSES:
        found = re.search(sign, text)
        if found:
            hit = next((group for group in found.groups() if group), "")
            return RuntimeUnavailable(sentence.format(hit=f"{hit} " if hit else ""), hint)
    said = [line.strip() for line in lines if line.strip() and not line.startswith(("WARNING", "[notice]"))]
    last = said[-1][:300] if said else ""
    return RuntimeUnavailable(
        f"The installation stopped with exit code {exit_code}" + (f": {last}" if last else "."),
        "The log tells more.",
    )
