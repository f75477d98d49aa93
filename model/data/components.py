"""Connected components of a class map, by runs of equal pixels along rows: numpy alone, no recursion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Components:
    """Areas of equal value that hang together by pixel edges (4 neighbours), numbered in raster order.

    A run is a horizontal stretch of equal pixels. run_of (h,w) int32: the run of each pixel. starts, lengths (R,): in
    flattened pixels. label_of_run (R,) int32. value_of_run (R,): negative where nothing is to be mapped; labels of
    such runs mean nothing.
    """

    run_of: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    label_of_run: np.ndarray
    value_of_run: np.ndarray
    count: int

    def at(self, rows: np.ndarray | int, cols: np.ndarray | slice) -> np.ndarray:
        """Return the labels of pixels."""
        return self.label_of_run[self.run_of[rows, cols]]

    def values(self) -> np.ndarray:
        """Return the value of each label (count,)."""
        found = np.empty(self.count, self.value_of_run.dtype)
        found[self.label_of_run] = self.value_of_run
        return found

    def total(self, of_runs: np.ndarray) -> np.ndarray:
        """Return the sum of a figure of the runs (R,) over each component (count,) float64."""
        return np.bincount(self.label_of_run, of_runs, self.count)


def components(values: np.ndarray) -> Components:
    """Return the components of values (h,w). The first and last column must be negative, so that no run wraps."""
    flat = values.reshape(-1)
    begins = np.empty(flat.size, bool)
    begins[0] = True
    np.not_equal(flat[1:], flat[:-1], out=begins[1:])
    starts = np.flatnonzero(begins)
    run_of = (np.cumsum(begins, dtype=np.int32) - 1).reshape(values.shape)
    begins = begins.reshape(values.shape)
    # Two runs one above the other share an edge; the first pixel they share is where one of them begins.
    meet = (values[1:] == values[:-1]) & (values[1:] >= 0) & (begins[1:] | begins[:-1])
    root = roots(len(starts), run_of[:-1][meet], run_of[1:][meet])
    own = root == np.arange(len(root))
    number = np.cumsum(own, dtype=np.int32) - 1
    lengths = np.diff(starts, append=flat.size)
    return Components(run_of, starts, lengths, number[root], flat[starts], int(own.sum()))


def roots(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the smallest member of each of `count` things' group, when one[i] and other[i] belong together."""
    root = np.arange(count, dtype=np.int32)
    while one.size:
        one, other = root[one], root[other]
        apart = one != other
        one, other = one[apart], other[apart]
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(further := root[root], root):
            root = further
    return root
