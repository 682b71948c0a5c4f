"""Where a person may be sent after signing in: a path of this site and nothing else."""
from __future__ import annotations

from urllib.parse import urlsplit


def safe_next(target: str | None, fallback: str) -> str:
    """`target` where it is a plain path on this host, else `fallback`."""
    if not target or any(ord(char) < 33 or char == "\\" for char in target):
        return fallback
    if not target.startswith("/") or target.startswith("//"):
        return fallback
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else fallback
