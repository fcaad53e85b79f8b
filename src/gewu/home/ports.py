"""Free TCP ports on the loopback address, so that two installations run side by side."""

from __future__ import annotations

import secrets
import socket

from gewu.home.errors import HomeError

# Below the range from which Linux picks the ports of outgoing connections (32768 and up): a port that is free while
# the server is down is not taken by somebody's outgoing connection in the meantime.
_LOWEST, _HIGHEST = 20_000, 32_000
_TRIES = 200


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on this port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """Return a random port that is free now. Raises `HomeError` when none of 200 tries is free."""
    for _ in range(_TRIES):
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if is_free(port, host):
            return port
    raise HomeError(f"No free TCP port was found on {host} between {_LOWEST} and {_HIGHEST}. Stop something first.")
