"""The head that strokes train: one hidden layer beside a linear path, on standardised features.

Shapes: N labelled pixels, D pixel features, E features of a model's head, K classes, U hidden units.

Chosen by measurement among class prototypes, ridge, multinomial logistic, random forests of our own features and small
ensembles (docs/strokes.md): the linear path is what few pixels can decide, the hidden layer what more of them can.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ..nn.pixels import CONTEXT_SCALE, Weights, standard

HIDDEN = 64
MOST_ROWS = 2500  # pixels that a fit looks at: more cost time and change little, neighbours in a stroke being alike
LEAST_ROWS = 100  # of them of each class that has so many: a stroke beside large polygons would be lost among theirs
STEPS = 100
SHARP = 4.0  # first weights, in those that keep a layer's scale: large ones turn less, and fit strokes less closely
BLUNT = 0.3  # the same where a model's own scores are the start: small ones say little where no stroke lies
RATE = 2e-2
DECAY = 0.5  # AdamW's
RIDGE = 0.03  # on the last layer and the linear path
BALANCE = 0.25  # a class's weight is its pixels to this power: 0 = strokes as drawn, 1 = all classes alike
_BETAS, _EPSILON = (0.9, 0.999), 1e-8


@dataclass(frozen=True)
class Rows:
    """Labelled pixels. values, known: (N,D) as `describe` gives them; context: (N,E); classes: (N,) int64."""

    values: Tensor
    known: Tensor
    context: Tensor
    classes: Tensor

    def __len__(self) -> int:
        return len(self.classes)

    def take(self, index: Tensor) -> Rows:
        """Return some of them."""
        return Rows(self.values[index], self.known[index], self.context[index], self.classes[index])


def joined(parts: list[Rows]) -> Rows:
    """Return all rows, in order."""
    names = ("values", "known", "context", "classes")
    return Rows(*(torch.cat([getattr(part, name) for part in parts]) for name in names))


def chosen(classes: Tensor, chances: Tensor, most: int = MOST_ROWS) -> Tensor:
    """Return indices, ascending, of `most` pixels at most: LEAST_ROWS of each class, then others; least chance first.

    classes, chances: (N,). What is chosen of parts of some pixels, and of that again, is what is chosen of them all: so
    a part may be thinned before the others are known.
    """
    if len(classes) <= most:
        return torch.arange(len(classes))
    order = chances.argsort(stable=True)
    ranked = classes[order]
    first = torch.zeros(len(order), dtype=torch.bool)
    for index in ranked.unique():
        first[torch.nonzero(ranked == index)[:LEAST_ROWS, 0]] = True
    return torch.cat([order[first], order[~first]])[:most].sort()[0]


def fit(
    rows: Rows, count: int, mean: Tensor, std: Tensor, prior: tuple[Tensor, Tensor] | None = None, seed: int = 0
) -> Weights:
    """Return the head for `count` classes that tells these pixels apart. The same rows give the same head.

    mean, std: (D+E,) of features in the area. prior: (K,E) and (K,), the model's own map from its features to scores of
    the same classes: what the head says where no stroke says otherwise.
    """
    generator = torch.Generator().manual_seed(seed)
    d = rows.values.shape[1]
    pixels = standard(rows.values, rows.known, mean[:d], std[:d])
    x = torch.cat([pixels, (rows.context - mean[d:]) / std[d:] * CONTEXT_SCALE], 1)
    base = F.linear(rows.context, *prior) if prior is not None else torch.zeros(len(x), count)
    weight = _weights(rows.classes, count)
    inputs = x.shape[1]
    # the hidden layer and the linear path in one matrix, the ones for its bias in another row
    x = torch.cat([x, torch.ones(len(x), 1)], 1)
    first = torch.zeros(inputs + 1, HIDDEN + count)
    sharp = SHARP if prior is None else BLUNT
    first[:inputs, :HIDDEN] = torch.randn(inputs, HIDDEN, generator=generator) * sharp * (2 / inputs) ** 0.5
    first[inputs, :HIDDEN] = torch.randn(HIDDEN, generator=generator) * sharp
    last = torch.zeros(HIDDEN, count)
    _descend(x, base, rows.classes, weight, first, last)
    hidden, direct = first[:, :HIDDEN], first[:, HIDDEN:]
    direct_weight, direct_bias = direct[:-1].clone(), direct[-1].clone()
    if prior is not None:  # in the terms of the head: features less their mean, over std, scaled
        direct_weight[d:] += prior[0].T * (std[d:, None] / CONTEXT_SCALE)
        direct_bias += F.linear(mean[d:], *prior)
    return Weights(mean, std, hidden[:-1].clone(), hidden[-1].clone(), last, direct_weight, direct_bias)


def _weights(classes: Tensor, count: int) -> Tensor:
    """Return what each pixel counts (N,), 1 in all."""
    pixels = torch.bincount(classes, minlength=count).float()
    weight = pixels.clamp(min=1).pow(-BALANCE)[classes]
    return weight / weight.sum()


def _descend(x: Tensor, base: Tensor, classes: Tensor, weight: Tensor, first: Tensor, last: Tensor) -> None:
    """Change `first` (D+E+1,U+K) and `last` (U,K) so that they tell the classes apart: AdamW over all rows.

    Gradients are written out: through autograd a step takes twice as long, and people wait.
    """
    target = F.one_hot(classes, last.shape[1]).float()
    moments = [[torch.zeros_like(part), torch.zeros_like(part)] for part in (first, last)]
    for step in range(1, STEPS + 1):
        both = x @ first
        hidden = both[:, :HIDDEN].relu()
        scores = torch.addmm(both[:, HIDDEN:] + base, hidden, last)
        error = (scores.softmax(1) - target) * weight[:, None]
        last_slope = torch.addmm(last, hidden.T, error, beta=RIDGE)
        back = torch.cat([(error @ last.T) * (hidden > 0), error], 1)
        first_slope = x.T @ back
        first_slope[:-1, HIDDEN:] += RIDGE * first[:-1, HIDDEN:]
        rate = RATE * (1 - (step - 1) / STEPS)
        for part, slope, (one, two) in zip((first, last), (first_slope, last_slope), moments, strict=True):
            one.lerp_(slope, 1 - _BETAS[0])
            two.mul_(_BETAS[1]).addcmul_(slope, slope, value=1 - _BETAS[1])
            size = (two / (1 - _BETAS[1] ** step)).sqrt_().add_(_EPSILON)
            part.mul_(1 - rate * DECAY).addcdiv_(one, size, value=-rate / (1 - _BETAS[0] ** step))
