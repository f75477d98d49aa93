"""How much memory this process takes at most."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from pathlib import Path

_RESET = "5"  # what Linux takes in clear_refs for: forget the peak


def forget_peak() -> None:
    """Have `peak` tell what is taken from now on, where the system can: what came before may have been another job."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text(_RESET)


def peak() -> int:
    """Return the bytes of memory that this process has taken at most; 0 where the system does not tell."""
    try:
        if sys.platform == "win32":
            return _windows_peak()
        if sys.platform == "linux":
            lines = Path("/proc/self/status").read_text().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) << 10  # kB
        import resource  # not on Windows

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
    except (OSError, StopIteration, ValueError, AttributeError):
        return 0


def _windows_peak() -> int:
    class Counters(ctypes.Structure):  # PROCESS_MEMORY_COUNTERS
        _fields_ = (
            ("length", ctypes.c_uint32),
            ("faults", ctypes.c_uint32),
            *((name, ctypes.c_size_t) for name in ("peak", "now", "a", "b", "c", "d", "paged", "peak_paged")),
        )

    kernel = ctypes.windll.kernel32
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    counters = Counters(length=ctypes.sizeof(Counters))
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.length):
        raise OSError("GetProcessMemoryInfo failed")
    return counters.peak
