"""Errors in the words a person reads: three lines at most."""

from __future__ import annotations

from typing import List

from .model.contract.errors import SgmaError, WorkerFailed

MOST_LINES = 3


def lines(error: Exception) -> List[str]:
    """Return at most three lines: what came, what is needed, what to do."""
    if isinstance(error, SgmaError):
        return [line for line in str(error).splitlines() if line.strip()][:MOST_LINES]
    return [f"{type(error).__name__}: {error}"]


def detail(error: Exception) -> str:
    """Return the technical detail a report of the error should carry; empty when there is none."""
    return error.detail if isinstance(error, WorkerFailed) else ""
