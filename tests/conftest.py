"""Fixtures of both environments; nothing heavy at module level."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SGMA_SHARED_DATA") or ROOT.parent / "shared" / "data")


@pytest.fixture(scope="session", autouse=True)
def _data_folder(tmp_path_factory) -> Iterator[None]:
    """A data folder of the tests' own: converted networks are kept in it, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SGMA_DATA_DIR", str(tmp_path_factory.mktemp("sgma")))
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data; tests that ask for it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("shared test data is absent (SGMA_SHARED_DATA)")
    return SHARED
