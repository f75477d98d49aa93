"""Which device computes, and how."""

from __future__ import annotations

import os

import torch

from ..contract.errors import BadInput


def available() -> list[str]:
    """Return this machine's devices, best first: 'cuda:0 NVIDIA ...', 'mps Apple GPU', 'cpu 8 threads'."""
    found = [f"cuda:{i} {torch.cuda.get_device_name(i)}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps Apple GPU")
    return [*found, f"cpu {os.cpu_count()} threads"]


def pick(name: str) -> torch.device:
    """Return the device for 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'. Raises BadInput when it is not there."""
    names = [entry.split()[0] for entry in available()]
    if name == "auto":
        return torch.device(names[0])
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in names:
        raise BadInput(
            f"Option device={name!r}: this machine has {', '.join(names)}.", "Choose one of these, or 'auto'."
        )
    return torch.device(wanted)


def autocast_dtype(device: torch.device, precision: str) -> torch.dtype | None:
    """Return the reduced dtype to compute in, None for float32.

    'auto': on a GPU bf16 where it has it, else fp16; on a CPU float32.
    """
    if precision == "bf16":
        return torch.bfloat16
    if precision == "auto" and device.type == "cuda":
        with torch.cuda.device(device):  # of this card, and not as older ones emulate it: several times slower
            return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if precision == "auto" and device.type == "mps":
        return torch.float16
    return None


def memory_is_short(error: BaseException) -> bool:
    """Tell whether an error of torch says that memory, of the machine or of its GPU, did not suffice."""
    text = " ".join(str(error).split())
    # on Linux, on GPUs, on Windows; the last is oneDNN's
    scarce = ("allocate memory", "out of memory", "not enough memory", "could not create a primitive")
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or any(words in text for words in scarce)
