"""Installing the runtime: what is run, what is said when it fails; the old one stays until the new one works."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from plugin_support import ROOT, Recorder, gone

from sgma_qgis import installation, service
from sgma_qgis.model.contract.errors import Cancelled, RuntimeUnavailable
from sgma_qgis.runtime import builds, diagnosis, environment, install, interpreters

FAKE = str(Path(__file__).with_name("fake_python.py"))
RUNTIME = ROOT / "sgma_qgis" / "runtime"


@pytest.fixture()
def data(tmp_path, monkeypatch):
    """An empty data folder, no runtime, no proxy, and nothing else than a fake Python to choose."""
    folder = tmp_path / "dätä folder"
    for name in [n for n in os.environ if n.startswith("PIP_") or n.lower().endswith("_proxy") or "CA_BUNDLE" in n]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SGMA_RUNTIME_PYTHON", raising=False)
    monkeypatch.setenv("SGMA_DATA_DIR", str(folder))
    monkeypatch.setattr(environment, "package_root", lambda: tmp_path / "plugins")
    monkeypatch.setattr(interpreters, "_candidates", lambda: iter([FAKE]))
    yield folder
    service.shutdown()


def calls(data):
    return [json.loads(line) for line in (data / "PIP_CALLS").read_text().splitlines()]


def test_it_installs_what_is_locked_and_proves_it(data):
    feedback = Recorder()
    assert not installation.engine().ready
    engine = installation.install_runtime(feedback)
    assert engine.ready and engine.ours and not engine.outdated
    assert engine.build == "cpu"
    assert engine.python == str(data / "runtime" / "bin" / "python")
    assert environment.find() == engine.python
    assert feedback.fractions == sorted(feedback.fractions) and feedback.fractions[-1] == 1.0
    assert any("20 / 20 MB" in text for text in feedback.texts)
    made = calls(data)
    assert [Path(call["argv"][-1]).name for call in made] == ["pip.txt", "torch-cpu.txt", "libraries.txt"]
    for call in made:
        assert {"--require-hashes", "--no-deps", "--only-binary=:all:", "--no-input"} <= set(call["argv"])
    assert "https://download.pytorch.org/whl/cpu" in made[1]["argv"]
    assert "--index-url" not in made[2]["argv"]
    assert sorted(path.name for path in data.iterdir()) == ["PIP_CALLS", "runtime", "runtime.lock"]


def test_an_old_runtime_is_told_and_replaced(data):
    installation.install_runtime(Recorder())
    record = data / "runtime" / install.RECORD
    record.write_text(record.read_text().replace('"lock": "', '"lock": "0'))
    engine = installation.engine()
    assert engine.outdated and "again" in engine.hint
    (data / "runtime" / "old").touch()
    assert not installation.install_runtime(Recorder()).outdated
    assert not (data / "runtime" / "old").exists()
    assert not (data / "runtime.old").exists()


def test_what_fails_leaves_the_old_one(data, monkeypatch):
    installation.install_runtime(Recorder())
    (data / "runtime" / "old").touch()
    monkeypatch.setenv("SGMA_FAKE_PIP", "OSError: [Errno 28] No space left on device: '/x'")
    with pytest.raises(RuntimeUnavailable, match="disk is full"):
        installation.install_runtime(Recorder())
    monkeypatch.delenv("SGMA_FAKE_PIP")
    monkeypatch.setenv("SGMA_FAKE_START", "die")  # pip is content, but the worker does not start
    with pytest.raises(RuntimeUnavailable, match="torch"):
        installation.install_runtime(Recorder())
    assert (data / "runtime" / "old").exists()
    assert not (data / "runtime.new").exists()
    monkeypatch.delenv("SGMA_FAKE_START")
    assert installation.engine().ready


def test_cancel_ends_pip(data, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_PIP_SLEEP", "30")
    feedback = Recorder(cancel_after=1)
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        installation.install_runtime(feedback)
    assert time.monotonic() - begun < 10
    assert not (data / "runtime.new").exists()
    assert not (data / "runtime").exists()


def test_the_process_is_gone_after_a_cancel(data):
    pids = []

    def line(text):
        pids.append(int(text))
        return True

    data.mkdir()
    code = "import subprocess, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)"
    with pytest.raises(Cancelled):
        install._run([sys.executable, "-c", code], dict(os.environ), lambda *a: None, lambda: bool(pids), line)
    assert gone(pids[0])


def test_two_at_a_time_are_refused(data):
    with install.only_one(), pytest.raises(RuntimeUnavailable, match="already"):
        installation.install_runtime(Recorder())
    installation.install_runtime(Recorder())


def test_too_little_room_is_told_before_anything_is_fetched(data, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(install.shutil, "disk_usage", lambda path: usage._replace(free=300 * 10**6))
    with pytest.raises(RuntimeUnavailable, match="300 MB free.* 2000 MB"):
        installation.install_runtime(Recorder())
    assert not (data / "PIP_CALLS").exists()


def test_a_folder_of_wheels_needs_no_network(data, tmp_path):
    installation.install_runtime(Recorder(), wheels=str(tmp_path))
    for call in calls(data):
        assert "--no-index" in call["argv"] and "--index-url" not in call["argv"]
        assert call["argv"][call["argv"].index("--find-links") + 1] == str(tmp_path)


def test_proxy_and_certificates_of_qgis_reach_pip(data, monkeypatch):
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    network = installation.Network("http://me:secret@proxy:3128", "localhost", "/ca.pem")
    feedback = Recorder()
    installation.install_runtime(feedback, network=network, torch_index="https://mirror.example/torch")
    for call in calls(data):
        assert call["env"]["HTTPS_PROXY"] == call["env"]["HTTP_PROXY"] == "http://me:secret@proxy:3128"
        assert call["env"]["NO_PROXY"] == "localhost"
        assert call["env"]["REQUESTS_CA_BUNDLE"] == "/ca.pem"
        assert call["env"]["PIP_INDEX_URL"] == "https://mirror.example/simple"
        assert "PIP_TARGET" not in call["env"]
    assert "https://mirror.example/torch" in calls(data)[1]["argv"]
    assert not any("secret" in text for _, text in feedback.logs)
    own = install.pip_environment(FAKE, network, {"HTTPS_PROXY": "http://own", "REQUESTS_CA_BUNDLE": "/own.pem"})
    assert (own["HTTPS_PROXY"], own["REQUESTS_CA_BUNDLE"]) == ("http://own", "/own.pem")


def test_the_base_python_is_chosen_and_refused_in_words(data, monkeypatch):
    offer = installation.offers()[0]
    assert (offer.python, offer.version, offer.build) == (FAKE, "3.11.2", "cpu")
    assert offer.download_mb > 100
    monkeypatch.setenv("SGMA_FAKE_UNFIT", "ensurepip")
    for named in ("", FAKE):
        with pytest.raises(RuntimeUnavailable, match=r"apt-get install python3\.11-venv"):
            installation.offers(named)
    monkeypatch.delenv("SGMA_FAKE_UNFIT")
    monkeypatch.setenv("SGMA_FAKE_VERSION", "3.9.7")
    with pytest.raises(RuntimeUnavailable, match=r"Python 3\.9; 3\.11 to 3\.14") as caught:
        installation.offers(FAKE)
    assert "python.org" in caught.value.hint
    monkeypatch.setattr(interpreters, "_candidates", lambda: iter(()))
    with pytest.raises(RuntimeUnavailable, match=r"No Python 3\.11 to 3\.14 was found"):
        installation.offers()
    with pytest.raises(RuntimeUnavailable, match="does not work as a Python"):
        installation.offers("/bin/true")


def test_venv_without_ensurepip_is_explained(data, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_VENV", "The virtual environment was not created because ensurepip is not available.")
    with pytest.raises(RuntimeUnavailable, match="ensurepip is missing"):
        installation.install_runtime(Recorder())


@pytest.mark.parametrize(
    "platform, version, expected",
    [
        ("linux-x86_64", (3, 11), ["cpu", "cuda"]),
        ("linux-x86_64", (3, 13), ["cuda"]),
        ("linux-aarch64", (3, 11), ["cuda"]),
        ("win-amd64", (3, 12), ["cpu"]),
        ("macosx-11.0-arm64", (3, 12), ["mps"]),
        ("macosx-10.13-universal2", (3, 14), ["mps"]),
        ("macosx-10.9-x86_64", (3, 12), []),
        ("win32", (3, 12), []),
    ],
)
def test_builds(platform, version, expected):
    found = builds.builds(interpreters.Interpreter("python", (*version, 1), platform))
    assert [build.key for build in found] == expected


def test_a_build_without_checksums_is_not_offered(data):
    with pytest.raises(RuntimeUnavailable, match="No checksum is known of a mps build"):
        builds.choose(FAKE, "mps")


def test_a_python_with_the_small_build_comes_first(monkeypatch):
    found = [interpreters.Interpreter(f"python3.{n}", (3, n, 0), "linux-x86_64") for n in (13, 11)]
    monkeypatch.setattr(builds, "available", lambda: iter(found))
    assert builds.choose()[0].short == "3.11"
    monkeypatch.setattr(builds, "available", lambda: iter(found[:1]))
    interpreter, build = builds.choose()
    assert (interpreter.short, build.key) == ("3.13", "cuda")


#: What pip really says (pip 26), shortened, and what a person reads.
SAYINGS = {
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": "checksum differs",
    "OSError: [Errno 28] No space left on device": "disk is full",
    "ERROR: Missing dependencies for SOCKS support.": "SOCKS",
    "ProxyError('Unable to connect', OSError('Tunnel connection failed: 407 Proxy Auth'))": "proxy did not let",
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed'))": "certificate",
    "NameResolutionError(\"HTTPSConnection(host='an.index', port=443): Failed to resolve 'an.index' ([Errno -2])\")\n"
    "ERROR: No matching distribution found for numpy==2.4.6": "an.index cannot be found",
    "ReadTimeoutError(\"HTTPSConnectionPool(host='x', port=443): Read timed out.\")": "too slow",
    "NewConnectionError('Failed to establish a new connection: [Errno 111] Connection refused')": "does not answer",
    "ERROR: No matching distribution found for torch==2.13.0+cpu": "no wheel torch==2.13.0+cpu for this Python",
    "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: 'C:\\x'": "rights forbid",
    "Segmentation fault": "exit code 3: Segmentation fault",
}


@pytest.mark.parametrize("said", SAYINGS)
def test_failures_are_told_apart(said):
    error = diagnosis.explain(["WARNING: earlier", *said.splitlines()], 3)
    assert SAYINGS[said] in error.message
    assert error.hint and "\n" not in error.message + error.hint


def lock_versions(*names):
    text = "".join((RUNTIME / "lock" / name).read_text(encoding="utf-8") for name in names)
    return set(re.findall(r"^([a-z0-9-]+==[^ +]+)", text, re.M))


def test_the_lock_holds_what_is_required():
    locked = lock_versions("libraries.txt", "torch.txt")
    for name in ("requirements.txt", "requirements-no-deps.txt"):
        for line in (RUNTIME / name).read_text(encoding="utf-8").splitlines():
            pinned = line.partition("#")[0].strip()
            assert not pinned or pinned in locked, f"{pinned} is not in the lock: make lock"
    assert {p for p in locked if p.startswith("torch==")} == lock_versions("torch-cpu.txt")
    assert not any(p.startswith("openvino-telemetry") for p in locked)


@pytest.mark.parametrize("name", ["pip.txt", "libraries.txt", "torch.txt", "torch-cpu.txt"])
def test_every_line_of_a_lock_has_checksums_and_no_address(name):
    text = (RUNTIME / "lock" / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z])", text, flags=re.M)
    assert all("--hash=sha256:" in entry for entry in entries[1:]) and len(entries) > 1
    without_comments = re.sub(r"^#.*$", "", text, flags=re.M)
    assert "://" not in without_comments and "--index" not in without_comments


def wheel(folder, name, version):
    """Write a wheel of one module and return its SHA-256."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_real_pip_installs_from_a_folder_and_refuses_another_checksum(data, tmp_path, monkeypatch):
    """Real venv and pip; the three locks name small wheels of ours."""
    base = interpreters.probe(sys.executable)
    if base.unfit:
        pytest.skip(base.unfit)
    wheels, lock = tmp_path / "wheels", tmp_path / "lock"
    wheels.mkdir()
    lock.mkdir()
    data.mkdir()
    names = {"pip.txt": "sgmaone", "torch-cpu.txt": "sgmatwo", "libraries.txt": "sgmathree"}
    for file, name in names.items():
        (lock / file).write_text(f"{name}==1.0 --hash=sha256:{wheel(wheels, name, '1.0')}\n")
    monkeypatch.setattr(builds, "LOCK", lock)
    monkeypatch.setattr(install, "_NEWER", ())
    plan = install.Plan(base, builds._CPU_LINUX, str(wheels))
    stages = []
    folder = data / "runtime.new"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)

    def fill():
        install._fill(folder, plan, lambda *told: stages.append(told[1]), lambda *log: None, lambda: False)

    fill()
    python = str(environment.venv_python(folder))
    assert subprocess.check_output([python, "-Ic", "import sgmathree; print(sgmathree.VERSION)"]) == b"1.0\n"
    assert set(stages) == {"download", "unpack"}
    (lock / "pip.txt").write_text(f"sgmafour==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(RuntimeUnavailable, match="no wheel sgmafour==1.0"):
        fill()
    wheel(wheels, "sgmafour", "1.0")
    with pytest.raises(RuntimeUnavailable, match="checksum differs"):
        fill()
