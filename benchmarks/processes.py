"""Run a command in a process of its own and measure it: wall time, processor time, peak resident memory.

The kernel lets a process's peak begin at what the process that started it held. So commands are started by a small
process: this file run as a script, which imports nothing else.
"""

from __future__ import annotations

import json
import os
import sys
import time


class Measured:
    """wall_s: from start to exit, imports included. marked_s: until the marker was printed, None without one."""

    def __init__(self, wall_s: float, cpu_s: float, peak_mb: float, marked_s: float | None, stdout: str) -> None:
        self.wall_s, self.cpu_s, self.peak_mb = wall_s, cpu_s, peak_mb
        self.marked_s, self.stdout = marked_s, stdout


def run(
    command: list[str], *, marker: str = "", cwd: str | os.PathLike | None = None, env: dict | None = None
) -> Measured:
    """Run a command to its end; what it says on stderr is shown when it fails, and then the benchmark ends.

    env: variables to add. marker: a text on stdout whose time is wanted.
    """
    import subprocess
    import tempfile

    with tempfile.NamedTemporaryFile() as report, tempfile.TemporaryFile() as errors:
        starter = [sys.executable, "-I", "-S", __file__, report.name, *command]
        began = time.monotonic()
        child = subprocess.Popen(
            starter, stdout=subprocess.PIPE, stderr=errors, cwd=cwd, env={**os.environ, **(env or {})}, bufsize=0
        )
        text, marked = b"", None
        for chunk in iter(lambda: child.stdout.read(1 << 16), b""):
            text += chunk
            if marker and marked is None and marker.encode() in text:
                marked = time.monotonic() - began
        if child.wait():
            errors.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{errors.read().decode(errors='replace')[-3000:]}")
        facts = json.load(report)
    return Measured(facts["wall_s"], facts["cpu_s"], facts["peak_mb"], marked, text.decode(errors="replace"))


def _start(report: str, command: list[str]) -> int:
    """Start the command, wait, write what the kernel counted, return its exit code."""
    began = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - began
    with open(report, "w") as file:  # noqa: PTH123  pathlib would make this process larger
        json.dump({"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}, file)
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(_start(sys.argv[1], sys.argv[2:]))
