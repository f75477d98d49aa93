"""The classifier's bias: where it starts, and the decision bias added to it at the end.

The decision bias is one number a class, found on validation data. Cross-entropy teaches probabilities, and arg-max of
them is best for the share of right pixels; IoU of a rare class is best at a lower threshold (half the attainable F1).
Shifting the classifier's bias moves the threshold without another option at inference. The price: confidences are
those of the shifted scores.
"""

from __future__ import annotations

import numpy as np
import torch

from ..nn.network import Network
from .dataset import TrainingData
from .evaluate import sampled
from .metrics import confusion, scores, subsets

_STEPS = (0.4, 0.2, 0.1)
_MOST = 2.0
LEAST_GAIN = 0.002  # a smaller gain in mean mIoU is noise
#: labelled pixels at which half of the shift is taken. From a strip of 7,700 pixels of one place, all of it gained .03
#: there and lost .01 on the next strip, half of it gained on both
_HALF = 10_000


@torch.no_grad()
def start_at_shares(network: Network, counts: np.ndarray) -> None:
    """Set the classifier's bias to the log of each class's share of the labels: no step is spent on learning that.

    counts: labelled pixels of each class, (K,).
    """
    bias = network.head.classify.bias
    shares = (counts + 1) / (counts + 1).sum()  # a class without labels must stay finite
    bias.copy_(torch.from_numpy(np.log(shares)))


@torch.no_grad()
def start_new_at_shares(network: Network, counts: np.ndarray, known: list[int]) -> None:
    """Set the bias of the classes that are not `known` from an earlier training, relative to those that are.

    A new class starts as likely against the mean of the known ones as its share of the labels says. counts: (K,).
    """
    bias = network.head.classify.bias
    logs = torch.from_numpy(np.log(counts + 1.0)).to(bias)
    new = torch.tensor([k not in known for k in range(len(bias))])
    middle = bias[~new].mean() - logs[~new].mean() if known else -logs.mean()
    bias[new] = middle + logs[new]


def tune(network: Network, data: TrainingData, seed: int) -> list[float]:
    """Shift the classifier's bias towards the best mean mIoU over combinations on role validation.

    Return the shift (K,). The fewer pixels there are, the less of the best one is taken.
    """
    pixels = data.labelled("validation")
    samples = sampled(network, data.parts("validation"), subsets(network.keys), pixels, seed)
    share = pixels / (pixels + _HALF)
    shift = [round(share * value, 4) for value in _search(list(samples.values()))]
    with torch.no_grad():
        network.head.classify.bias += torch.tensor(shift, device=network.head.classify.bias.device)
    return shift


def _search(samples: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """Return the shift found by coordinate ascent with shrinking steps; zeros when it gains next to nothing."""
    classes = samples[0][0].shape[1]

    def score(shift: np.ndarray) -> float:
        return float(np.mean([scores(confusion(y, (x + shift).argmax(1), classes)).miou for x, y in samples]))

    shift = np.zeros(classes, np.float32)
    start = best = score(shift)
    for step in _STEPS:
        improved = True
        while improved:
            improved = False
            for k in range(classes):
                for sign in (step, -step):
                    trial = shift.copy()
                    trial[k] = np.clip(trial[k] + sign, -_MOST, _MOST)
                    found = score(trial)
                    if found > best + 1e-5:
                        shift, best, improved = trial, found, True
    if best - start < LEAST_GAIN:
        return [0.0] * classes
    return [round(float(value), 4) for value in shift - shift.mean()]
