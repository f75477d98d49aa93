import pytest
import torch

from sgma_qgis.model.contract.card import ModalityStats
from sgma_qgis.model.nn.adapters import Adapter, Scaling


def row(bands, low=0.0, high=100.0, mean=50.0, std=10.0):
    n = len(bands)
    return ModalityStats("rgb", tuple(bands), "dn8", (low,) * n, (high,) * n, (mean,) * n, (std,) * n)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.int16, torch.int32, torch.float32, torch.float64])
def test_every_stored_dtype_is_clipped_and_scaled(dtype):
    x = torch.tensor([0, 50, 60, 120]).view(1, 1, 2, 2).to(dtype)
    out = Scaling(row("a"))(x, torch.ones(1, 2, 2, dtype=torch.bool))
    assert out.dtype == torch.float32
    assert out.flatten().tolist() == [-5.0, 0.0, 1.0, 5.0]


def test_affine_per_band_and_per_sample_turns_stored_values_into_the_unit():
    x = torch.full((2, 2, 1, 1), 4000, dtype=torch.int16)
    valid = torch.ones(2, 1, 1, dtype=torch.bool)
    scaling = Scaling(row("ab"))
    out = scaling(x, valid, (torch.tensor([0.01, 0.02]), torch.tensor([0.0, -10.0])))
    assert out.flatten(1).tolist() == [[-1.0, 2.0], [-1.0, 2.0]]
    out = scaling(x, valid, (torch.tensor([[0.01, 0.01], [0.02, 0.02]]), torch.zeros(2, 2)))
    assert out.flatten(1).tolist() == [[-1.0, -1.0], [3.0, 3.0]]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e30])
@pytest.mark.parametrize("bands", ["a", "ab", "abc", "abcdef"])
def test_invalid_pixels_become_zero_with_no_gradient(bad, bands):
    x = torch.rand(1, len(bands), 2, 2)
    x[..., 0] = bad
    x.requires_grad_()
    valid = torch.tensor([[[False, True], [False, True]]])
    out = Adapter(row(bands))(x, valid)
    assert out.shape == (1, 3, 2, 2)
    assert (out[..., 0] == 0).all() and torch.isfinite(out).all()
    out.sum().backward()
    assert (x.grad[..., 0] == 0).all()


def test_bands_become_three_channels():
    valid = torch.ones(1, 1, 1, dtype=torch.bool)

    def run(bands, values, **options):
        x = torch.tensor(values, dtype=torch.float32).view(1, -1, 1, 1)
        return Adapter(row(bands), **options)(x, valid).flatten().tolist()

    assert run("a", [60]) == [1, 1, 1]
    assert run("ab", [60, 30]) == [1, -2, 3]
    assert run("abc", [60, 70, 80]) == [1, 2, 3]
    assert run("abcd", [60, 70, 80, 90]) == [1, 2, 3]
    assert run("abcd", [60, 70, 80, 90], triplet=(3, 1, 0)) == [4, 2, 1]


def test_statistics_follow_the_device_and_stay_out_of_the_weights():
    adapter = Adapter(row("abcd"))
    assert list(adapter.state_dict()) == ["project.weight"]
    assert {name for name, _ in adapter.named_buffers()} == {f"scaling.{n}" for n in ("low", "high", "mean", "std")}


def test_another_number_of_bands_is_refused():
    with pytest.raises(ValueError, match=r"expected \(B,3,H,W\)"):
        Adapter(row("abc"))(torch.zeros(1, 4, 2, 2), torch.ones(1, 2, 2, dtype=torch.bool))
