#!/usr/bin/python3
# ruff: noqa: T201
"""Stands in for a Python that a runtime is made from, and for the one in it: venv, pip and worker without a network.

Knobs, read from the environment: SGMA_FAKE_VENV (text: venv fails with it), SGMA_FAKE_PIP (text: pip fails with it in
the step whose lock SGMA_FAKE_STEP names), SGMA_FAKE_PIP_SLEEP (seconds a library), SGMA_FAKE_UNFIT (modules missing).
What pip was given is kept in PIP_CALLS of the data folder.
"""

import json
import os
import runpy
import shutil
import sys
import time
from pathlib import Path

ARGUMENTS = sys.argv[1:]


def probe(code):
    if "ensurepip" in code:
        modules = [m for m in ("venv", "ensurepip") if m != os.environ.get("SGMA_FAKE_UNFIT")]
        version = [int(part) for part in os.environ.get("SGMA_FAKE_VERSION", "3.11.2").split(".")]
        told = {"executable": sys.argv[0], "version": version, "implementation": "cpython", "bits": 64}
        return {**told, "platform": os.environ.get("SGMA_FAKE_PLATFORM", "linux-x86_64"), "modules": modules}
    return {"python": [3, 11, 2], "packages": {name: "1.0" for name in ARGUMENTS[3:]}}


def venv(folder):
    if os.environ.get("SGMA_FAKE_VENV"):
        print(os.environ["SGMA_FAKE_VENV"])
        return 1
    python = Path(folder) / "bin" / "python"
    python.parent.mkdir(parents=True)
    shutil.copy(__file__, python)
    shutil.copy(Path(__file__).with_name("fake_runtime.py"), python.with_name("fake_runtime.py"))
    return 0


def pip():
    data = Path(sys.argv[0]).parents[2]
    lock = Path(ARGUMENTS[-1])
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "HTTP", "NO_PROXY", "REQUESTS"))}
    with (data / "PIP_CALLS").open("a") as file:
        file.write(json.dumps({"argv": ARGUMENTS, "env": kept}) + "\n")
    print("WARNING: this machine has its own index")
    for line in lock.read_text().splitlines()[:8]:
        if "==" in line:
            print(f"Collecting {line.split()[0]} (from -r lock)", flush=True)
            print("Progress 0 of 20000000\nProgress 20000000 of 20000000", flush=True)
            time.sleep(float(os.environ.get("SGMA_FAKE_PIP_SLEEP", "0")))
    if os.environ.get("SGMA_FAKE_PIP") and os.environ.get("SGMA_FAKE_STEP", "libraries.txt") == lock.name:
        print(os.environ["SGMA_FAKE_PIP"])
        return 1
    print("Installing collected packages: a, b")
    return 0


if "-m" in ARGUMENTS:
    sys.exit(pip() if "pip" in ARGUMENTS else venv(ARGUMENTS[-1]))
if "worker" in ARGUMENTS[2]:
    runpy.run_path(str(Path(sys.argv[0]).with_name("fake_runtime.py")), run_name="__main__")
else:
    print(json.dumps(probe(ARGUMENTS[2])))
