"""Properties 37 to 40."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.training.losses import cross_entropy
from sgma_qgis.model.training.metrics import confusion, expected, scores, subsets, summary


def test_a_batch_without_labels_has_zero_loss_and_zero_gradient():
    logits = torch.randn(2, 3, 4, 4, requires_grad=True)
    loss = cross_entropy(logits, torch.full((2, 4, 4), IGNORE, dtype=torch.uint8))
    loss.backward()
    assert loss.item() == 0
    assert (logits.grad == 0).all()


def test_loss_is_the_mean_over_labelled_pixels():
    logits, labels = torch.randn(2, 3, 4, 4), torch.randint(0, 3, (2, 4, 4))
    labels[0, 0] = IGNORE
    torch.testing.assert_close(cross_entropy(logits, labels), F.cross_entropy(logits, labels, ignore_index=IGNORE))


def test_a_perfect_map_scores_one_and_classes_nobody_saw_are_skipped():
    truth = np.array([[0, 1], [1, IGNORE]], np.uint8)
    found = scores(confusion(truth, np.array([[0, 1], [1, 2]]), 4))
    assert found.miou == 1.0
    assert found.iou == {0: 1.0, 1: 1.0}
    assert found.f1 == {0: 1.0, 1: 1.0}


def test_scores_of_a_known_matrix():
    found = scores(np.array([[6, 2], [1, 3]]))
    assert found.iou[0] == pytest.approx(6 / 9)
    assert found.f1[1] == pytest.approx(6 / 9)
    assert found.miou == pytest.approx((6 / 9 + 3 / 6) / 2)


def test_nothing_labelled_scores_zero():
    assert scores(np.zeros((2, 2), np.int64)).miou == 0.0


def test_matrices_add_up_over_parts():
    rng = np.random.default_rng(0)
    truth, found = rng.integers(0, 3, (8, 8)), rng.integers(0, 3, (8, 8))
    parts = confusion(truth[:3], found[:3], 3) + confusion(truth[3:], found[3:], 3)
    assert (parts == confusion(truth, found, 3)).all()


def test_subsets_are_all_non_empty_ones_in_registry_order():
    found = subsets(("rgb", "nir", "dsm"))
    assert len(found) == len(set(found)) == 7
    assert found[0] == ("rgb",)
    assert found[-1] == ("rgb", "nir", "dsm")


KEYS = ("rgb", "nir", "dsm")
TABLE = dict(zip(subsets(KEYS), (0.5, 0.3, 0.2, 0.7, 0.6, 0.4, 0.8)))


def test_expected_score_limits():
    assert expected(TABLE, KEYS, 1e-9) == pytest.approx(TABLE[KEYS])
    assert expected(TABLE, KEYS, 0.5) == pytest.approx(np.mean(list(TABLE.values())))


def test_summary_brackets_every_combination():
    found = summary(TABLE, KEYS)
    assert found["last1"] == 0.2
    assert found["top1"] == 0.8
    assert all(found["last1"] <= value <= found["top1"] for value in TABLE.values())
    assert set(found["expected"]) == {"0.05", "0.1", "0.2"}


def test_published_row_is_reproduced():
    """SGMA, ISPRS Potsdam (methods 2.9): average 79.55, expected at 0.1 85.9."""
    row = dict(
        zip(
            (("rgb",), ("dsm",), ("nir",), ("rgb", "dsm"), ("rgb", "nir"), ("nir", "dsm"), KEYS),
            (83.51, 57.05, 76.06, 86.62, 84.25, 82.56, 86.84),
        )
    )
    found = summary(row, KEYS)
    assert found["average"] == pytest.approx(79.55, abs=0.01)
    assert found["expected"]["0.1"] == pytest.approx(85.9, abs=0.05)
    assert found["last1"] == 57.05
