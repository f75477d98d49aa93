"""The best backend that works on this machine, and what happens when it fails."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..feedback import JobFeedback
from .backends import BACKENDS
from .workload import Backend, BackendFailed, Batch, OutOfMemory, Pending, Workload


class Runner:
    """The best backend that works, and the next one when it fails: told as a warning, never silent.

    A GPU that is lost in the middle of a run takes the rows it holds with it: then the run ends, and started again it
    continues.
    """

    def __init__(
        self,
        workload: Workload,
        device: torch.device,
        *,
        backend: str,
        precision: str,
        any_device: bool,
        feedback: JobFeedback,
    ) -> None:
        """backend, precision: as in Options. any_device: whether the CPU may step in for `device`.

        Raises BackendFailed when none of the backends works, BadModel when the weights cannot be used.
        """
        self.workload, self._precision, self._feedback = workload, precision, feedback
        devices = [device, torch.device("cpu")] if any_device and device.type != "cpu" else [device]
        self._left = [
            (row, place)
            for place in devices
            for row in BACKENDS
            if place.type in row.devices and backend in ("auto", row.name)
        ]
        self._running = False
        self.used: list[str] = []
        self._open_next(BackendFailed(f"Backend {backend} does not run on {device}.", "Leave --backend out."))

    def submit(self, batch: Batch) -> Pending:
        """Start a batch. Raises BackendFailed only when nothing is left to try."""
        try:
            return _Watched(self, batch, self.backend, self.backend.submit(batch))
        except BackendFailed as error:
            failure = error.with_traceback(None)  # which would keep the failed batch in memory
        return _Finished(self.rescue(batch, self.backend, failure))

    def rescue(self, batch: Batch, failed: Backend, error: BackendFailed) -> Tensor:
        """Return the result of a batch that failed: in halves when memory was short, else on the next backend."""
        if isinstance(error, OutOfMemory) and len(batch) > 1:
            half = len(batch) // 2
            if half < self.batch:
                self.batch = half
                self._feedback.warn(f"{error.message} Going on with {half} tiles at a time.")
            parts = (batch.part(0, half), batch.part(half, len(batch)))
            return torch.cat([self.submit(part).result().clone() for part in parts])
        if failed is self.backend:
            if self._running and failed.device.type != "cpu":
                raise BackendFailed(error.message, "Started again, the run continues where it stopped.") from error
            self._open_next(error)
        return self.submit(batch).result().clone()

    def worked(self) -> None:
        """Note that a result came: from now on the run has something to lose."""
        self._running = True

    def _open_next(self, error: BackendFailed) -> None:
        """Open the next backend that works. Raises `error`, or that of the last one tried."""
        while self._left:
            row, device = self._left.pop(0)
            if self.used:
                self._feedback.warn(f"{error.message} Going on with {row.name} on {device}.")
            self.used.append(row.name)
            try:
                self.backend = row.open(self.workload, device, self._precision, self._feedback)
            except BackendFailed as failure:
                error = failure
                continue
            self.batch = self.backend.batch
            where = "the processor" if device.type == "cpu" else str(device)
            self._feedback.info(f"Computing with {row.name} on {where} ({self.backend.precision}).")
            return
        raise error


@dataclass(frozen=True)
class _Watched:
    """A batch under way on a backend that may yet fail."""

    runner: Runner
    batch: Batch
    backend: Backend
    pending: Pending

    def result(self) -> Tensor:
        try:
            out = self.pending.result()
        except BackendFailed as error:
            failure = error.with_traceback(None)
        else:
            self.runner.worked()
            return out
        return self.runner.rescue(self.batch, self.backend, failure)


@dataclass(frozen=True)
class _Finished:
    tensor: Tensor

    def result(self) -> Tensor:
        return self.tensor
