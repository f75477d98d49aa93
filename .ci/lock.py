"""Writes the locks of the runtime, sgma_qgis/runtime/lock: every library pinned, with the checksums of its wheels.

    python .ci/lock.py UV [TORCH_CPU]

UV: the uv program. TORCH_CPU: page of the index of torch's processor builds, or a folder of such wheels; without it
torch-cpu.txt stays as it is. `make lock` does it.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

RUNTIME = Path(__file__).resolve().parents[1] / "sgma_qgis" / "runtime"
LOCK = RUNTIME / "lock"
LEAST_PYTHON = "3.11"
PIP = "pip==26.3"  # progress that programs can read, downloads that continue, the system's certificates
#: Part of a torch with CUDA alone.
WITH_TORCH = re.compile(r"(torch|triton|nvidia-.*|cuda-.*)$")
#: Never installed: reports use to its maker; for a browser's Python.
LEFT_OUT = ("openvino-telemetry", "httpx2-jsfetch")
WHEEL = re.compile(r"torch-(?P<version>[\d.]+)(?:%2B|\+)cpu-(?P<tag>cp3(?:1[1-9]|[2-9]\d)-cp3\d+-\w+)\.whl")

HEADER = "# {title}\n# Made by `make lock`. pip takes a wheel only when its SHA-256 stands here.\n"


def compiled(uv: str, *requirements: str) -> dict[str, str]:
    """Return {name: its lines, '' included when a version depends on the Python} of everything these need."""
    command = [uv, "--no-config", "pip", "compile", "--universal", "--python-version", LEAST_PYTHON, "--quiet"]
    command += ["--generate-hashes", "--no-annotate", "--no-header", "-"]
    run = subprocess.run(command, input="\n".join(requirements), capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(run.stderr)
    found: dict[str, str] = {}
    for entry in re.split(r"^(?=[a-z])", run.stdout, flags=re.M)[1:]:
        name = re.match(r"[a-z0-9-]+", entry)[0]
        found[name] = found.get(name, "") + entry
    return found


def torch_cpu(source: str, version: str) -> list[tuple[str, str]]:
    """Return (tag, SHA-256) of the processor builds of that version, from an index page or a folder of wheels."""
    if Path(source).is_dir():
        wheels = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in sorted(Path(source).iterdir())]
    else:
        with urllib.request.urlopen(source) as page:  # noqa: S310  (the maintainer's own argument)
            text = page.read().decode()
        wheels = re.findall(r'([^/"]+\.whl)#sha256=([0-9a-f]{64})', text)
    parsed = ((WHEEL.match(name), digest) for name, digest in wheels)
    return sorted({(m["tag"], digest) for m, digest in parsed if m and m["version"] == version})


def write(name: str, title: str, lines: str) -> None:
    (LOCK / name).write_text(HEADER.format(title=title) + lines, encoding="utf-8")


def main(uv: str, source: str = "") -> None:
    texts = [(RUNTIME / name).read_text(encoding="utf-8") for name in ("requirements.txt", "requirements-no-deps.txt")]
    everything = compiled(uv, *texts)
    own = {name: lines for name, lines in everything.items() if name not in LEFT_OUT}
    write("pip.txt", "The installer's pip.", "".join(compiled(uv, PIP).values()))
    write(
        "libraries.txt",
        "Every library of the runtime but torch, on Linux, Windows and macOS.",
        "".join(lines for name, lines in own.items() if not WITH_TORCH.match(name)),
    )
    write(
        "torch.txt",
        "torch as it is on PyPI: with CUDA on Linux, for the processor on Windows, with MPS on macOS.",
        "".join(lines for name, lines in own.items() if WITH_TORCH.match(name)),
    )
    if source:
        version = re.match(r"torch==([\d.]+)", own["torch"])[1]
        wheels = torch_cpu(source, version)
        if not wheels:
            sys.exit(f"{source} has no processor build of torch {version}.")
        told = "".join(f"# wheel: {tag}\n" for tag, _ in wheels)
        hashes = " \\\n".join(f"    --hash=sha256:{digest}" for _, digest in wheels)
        title = "torch for the processor alone, from https://download.pytorch.org/whl/cpu, for these Pythons alone."
        if Path(source).is_dir():
            title += "\n# The checksums are those of wheels at hand; they were not compared with the index."
        write("torch-cpu.txt", title, f"{told}torch=={version}+cpu \\\n{hashes}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
