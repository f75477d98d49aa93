"""Properties 1, 2, 5, 8b and 10-16 of SGF (and of the mean where they apply), on tokens."""

import math

import pytest
import torch
from torch.nn import functional as F

from sgma_qgis.model.nn.fusion import BY_NAME
from sgma_qgis.model.nn.fusion.semantic_guided import SemanticGuided

EXACT = {"rtol": 0, "atol": 1e-10}
NAMES = list(BY_NAME)


def close(left, right, **tolerance):
    for a, b in zip(left, right):
        torch.testing.assert_close(a, b, **(tolerance or EXACT))


def naive_attention(attention, queries, tokens, there):
    """Textbook multi-head attention at every pixel. queries (B,N,L,C), tokens (B,M,N,C), there (B,M,N)."""
    h = attention.heads
    q = attention.query(queries).unflatten(-1, (h, -1))
    k = attention.key(tokens).unflatten(-1, (h, -1))
    v = attention.value(tokens).unflatten(-1, (h, -1))
    scores = torch.einsum("bnlhd,bmnhd->bnlhm", q, k) / math.sqrt(q.shape[-1])
    scores = scores.masked_fill(~there.transpose(1, 2)[:, :, None, None], -math.inf)
    weights = scores.softmax(-1)
    return attention.out(torch.einsum("bnlhm,bmnhd->bnlhd", weights, v).flatten(-2)), weights


def naive_stage(stage, features, present):
    """SGF of one stage as the method text writes it. Every token must have one modality at least."""
    clean = torch.where(present[:, :, None], features, 0.0)
    tokens = []
    for m, projector in enumerate(stage.projectors):
        f = clean[:, m]
        g = f + sum(conv(f) for conv in projector.depthwise)
        tokens.append(projector.point(F.gelu(projector.norm(g.flatten(2).transpose(1, 2)))))
    tokens, there = torch.stack(tokens, 1), present.flatten(2)
    response = stage.csf(tokens)  # (B,M,N,K)
    response = response.masked_fill(~there[..., None], -math.inf).flatten(1, 2).softmax(1)
    prototypes = torch.einsum("bpk,bpc->bkc", response, tokens.flatten(1, 2))
    keys = stage.token_norm(tokens)
    queries = stage.prototype_norm(prototypes)[:, None].expand(-1, keys.shape[2], -1, -1)
    per_class, _ = naive_attention(stage.spatial, queries, keys, there)
    reference = per_class.mean(2)
    fused, weights = naive_attention(stage.robust, stage.query_norm(reference)[:, :, None], keys, there)
    size = features.shape[-2:]
    robustness = weights[:, :, 0].mean(2).transpose(1, 2)
    return fused[:, :, 0].transpose(1, 2).unflatten(2, size), robustness.unflatten(2, size)


@pytest.mark.parametrize("name", NAMES)
def test_01_robustness_is_a_share_over_what_is_available(name, make_fusion, make_tokens):
    features, present = make_tokens(partial=True)
    fused, robustness = make_fusion(name)(features, present)
    for f, r, there in zip(fused, robustness, present):
        covered = there.any(1)
        assert (r >= 0).all() and (r[~there] == 0).all()
        torch.testing.assert_close(r.sum(1), covered.double(), **EXACT)
        assert (f.movedim(1, -1)[~covered] == 0).all() and torch.isfinite(f).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [1e6, math.nan, math.inf])
def test_02_absent_tokens_change_no_bit(name, value, make_fusion, make_tokens):
    features, present = make_tokens(partial=True)
    fusion = make_fusion(name)
    spoiled = [f.masked_fill(~p[:, :, None], value) for f, p in zip(features, present)]
    for before, after in zip(fusion(features, present), fusion(spoiled, present)):
        assert all(torch.equal(a, b) for a, b in zip(before, after))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("have", [(0, 2), (1,)])
def test_03_masked_slots_equal_slots_that_are_not_there(name, have, make_fusion, make_tokens):
    features, present = make_tokens()
    fusion = make_fusion(name)
    masked = [p & torch.tensor([m in have for m in range(3)]).view(1, 3, 1, 1) for p in present]
    fused, robustness = fusion(features, masked)
    fewer = fusion([f[:, list(have)] for f in features], [p[:, list(have)] for p in present], have)
    close(fused, fewer[0])
    close([r[:, list(have)] for r in robustness], fewer[1])


@pytest.mark.parametrize("name", NAMES)
def test_05_order_of_modalities_does_not_matter(name, make_fusion, make_tokens):
    features, present = make_tokens(partial=True)
    fusion = make_fusion(name)
    order = [2, 0, 1]
    fused, robustness = fusion(features, present)
    again = fusion([f[:, order] for f in features], [p[:, order] for p in present], order)
    close(fused, again[0])
    close([r[:, order] for r in robustness], again[1])


def test_08b_with_fixed_prototypes_a_hole_equals_absence_there(make_fusion, make_tokens):
    features, present = make_tokens()
    fusion = make_fusion()
    prototypes = fusion.prototypes(features, present)
    hole = [p.clone() for p in present]
    for p in hole:
        p[:, 1, :, : (p.shape[-1] + 1) // 2] = False
    absent = [p & torch.tensor([True, False, True]).view(1, 3, 1, 1) for p in present]
    inside = fusion(features, hole, prototypes=prototypes)[0]
    outside = fusion(features, absent, prototypes=prototypes)[0]
    for a, b, p in zip(inside, outside, hole):
        where = ~p[:, 1]
        torch.testing.assert_close(a.movedim(1, -1)[where], b.movedim(1, -1)[where], **EXACT)


def test_prototypes_may_be_shared_by_the_batch(make_fusion, make_tokens):
    features, present = make_tokens(batch=1)
    fusion = make_fusion()
    shared = [p[0] for p in fusion.prototypes(features, present)]
    close(fusion(features, present)[0], fusion(features, present, prototypes=shared)[0])


@pytest.mark.parametrize("masked", [True, False])
def test_10_single_modality_has_a_closed_form(masked, make_fusion, make_tokens):
    features, present = make_tokens()
    fusion = make_fusion()
    if masked:
        only = [p & torch.tensor([False, True, False]).view(1, 3, 1, 1) for p in present]
        fused, robustness = fusion(features, only)
        robustness = [r[:, 1:2] for r in robustness]
    else:
        fused, robustness = fusion([f[:, 1:2] for f in features], [p[:, 1:2] for p in present], (1,))
    for stage, feature, f, r in zip(fusion.stages, features, fused, robustness):
        torch.testing.assert_close(r, torch.ones_like(r), **EXACT)
        normed = stage.token_norm(stage.projectors[1](feature[:, 1]))
        expected = stage.robust.out(stage.robust.value(normed))
        torch.testing.assert_close(f.flatten(2).transpose(1, 2), expected, **EXACT)


@pytest.mark.parametrize("masked", [True, False])
def test_11_single_modality_trains_no_query_no_key_no_prototype(masked, make_fusion, make_tokens):
    features, present = make_tokens()
    fusion = make_fusion()
    if masked:
        fused, _ = fusion(features, [p & torch.tensor([False, True, False]).view(1, 3, 1, 1) for p in present])
    else:
        fused, _ = fusion([f[:, 1:2] for f in features], [p[:, 1:2] for p in present], (1,))
    sum(f.square().sum() for f in fused).backward()
    for stage in fusion.stages:
        idle = [stage.csf, stage.spatial, stage.prototype_norm, stage.query_norm, stage.robust.query, stage.robust.key]
        for parameter in (p for module in idle for p in module.parameters()):
            assert parameter.grad is None or parameter.grad.abs().max() < 1e-10
        assert stage.robust.value.weight.grad.abs().max() > 1e-6


def test_12_cheap_forms_equal_the_textbook(make_fusion, make_tokens):
    features, present = make_tokens(partial=True)
    present = [p | (torch.arange(3).view(1, 3, 1, 1) == 0) for p in present]
    fusion = make_fusion(even_share=0.0)
    fused, robustness = fusion(features, present)
    for stage, f, p, mine, share in zip(fusion.stages, features, present, fused, robustness):
        expected, weights = naive_stage(stage, f, p)
        torch.testing.assert_close(mine, expected, **EXACT)
        torch.testing.assert_close(share, weights, **EXACT)
        mine32, _ = stage.float()(stage.project(f.float(), p, range(3)), p, range(3), None)
        torch.testing.assert_close(mine32, expected.float(), rtol=1e-5, atol=1e-5)


def test_12_merged_depthwise_kernels_have_the_gradients_of_three(make_fusion, make_tokens):
    projector = make_fusion().stages[0].projectors[0]
    x = torch.randn(1, 8, 13, 9).double()
    projector(x).square().sum().backward()
    merged = [p.grad.clone() for p in projector.parameters()]
    projector.zero_grad()
    g = x + sum(conv(x) for conv in projector.depthwise)
    projector.point(F.gelu(projector.norm(g.flatten(2).transpose(1, 2)))).square().sum().backward()
    close(merged, [p.grad for p in projector.parameters()], rtol=1e-9, atol=1e-9)


def test_13_prototypes_are_weighted_means_of_available_tokens(make_fusion):
    stage = make_fusion().stages[1]
    tokens, there = torch.randn(2, 3, 16, 16).double(), torch.rand(2, 3, 16) > 0.4
    prototypes = stage.prototypes(tokens, there)
    for b in range(2):
        available = tokens[b][there[b]]
        assert (prototypes[b] >= available.min(0).values - 1e-12).all()
        assert (prototypes[b] <= available.max(0).values + 1e-12).all()
    again = stage.prototypes(torch.cat((tokens, tokens), 1), torch.cat((there, there), 1))
    tiled = stage.prototypes(tokens.repeat(1, 1, 4, 1), there.repeat(1, 1, 4))
    close([prototypes, prototypes], [again, tiled])


def test_half_of_the_weight_is_even(make_fusion, make_tokens):
    features, present = make_tokens(partial=True)
    torch.manual_seed(1)
    published = make_fusion(even_share=0.0)
    torch.manual_seed(1)
    ours = make_fusion()
    _, learned = published(features, present)
    for share, plain, there in zip(ours(features, present)[1], learned, present):
        even = there.double() / there.sum(1, keepdim=True).clamp(min=1)
        torch.testing.assert_close(share, (plain + even) / 2, **EXACT)


@pytest.mark.parametrize("proto_norm", ["mean", "none"])
def test_13_other_prototype_norms(proto_norm, make_fusion):
    stage = make_fusion(proto_norm=proto_norm).stages[0]
    tokens, there = torch.randn(1, 2, 5, 8).double(), torch.rand(1, 2, 5) > 0.3
    available = tokens[0][there[0]]
    expected = stage.csf(available).T @ available
    if proto_norm == "mean":
        expected = expected / len(available)
    torch.testing.assert_close(stage.prototypes(tokens, there)[0], expected, **EXACT)


@pytest.mark.parametrize("name", NAMES)
def test_14_twins_share_evenly_and_equal_one_alone(name, make_fusion, make_tokens):
    features, present = make_tokens()
    fusion = make_fusion(name)
    twins = [f[:, :1].expand(-1, 2, -1, -1, -1) for f in features]
    fused, robustness = fusion(twins, [p[:, :2] for p in present], (0, 0))
    alone, _ = fusion([f[:, :1] for f in features], [p[:, :1] for p in present], (0,))
    close(fused, alone)
    close(robustness, [torch.full_like(r, 0.5) for r in robustness])


def test_15_number_of_weights_is_the_published_one():
    fusion = SemanticGuided((64, 128, 320, 512), modalities=3, classes=5)
    weights = sum(p.numel() for name, p in fusion.named_parameters() if name.endswith("weight") and "norm" not in name)
    assert weights == 4_790_272
    assert sum(p.numel() for p in fusion.parameters()) - weights < 40_000
    assert [stage.robust.heads for stage in fusion.stages] == [1, 2, 5, 8]


def test_16_a_zero_query_makes_robustness_uniform(make_fusion, make_tokens):
    features, present = make_tokens(partial=True)
    fusion = make_fusion()
    for stage in fusion.stages:
        torch.nn.init.zeros_(stage.robust.query.weight)
        torch.nn.init.zeros_(stage.robust.query.bias)
    _, robustness = fusion(features, present)
    close(robustness, [p / p.sum(1, keepdim=True).clamp(min=1).double() for p in present])


@pytest.mark.parametrize("have", [(0, 1, 2), (1,)])
def test_residual_adds_the_mean_of_the_projected_tokens(have, make_fusion, make_tokens):
    features, present = make_tokens()
    plain, residual = make_fusion(), make_fusion(rp_residual=True)
    residual.load_state_dict(plain.state_dict())
    args = [f[:, list(have)] for f in features], [p[:, list(have)] for p in present], have
    for stage, f, p, without, with_ in zip(plain.stages, args[0], args[1], plain(*args)[0], residual(*args)[0]):
        tokens = stage.project(f, p, have).mean(1).transpose(1, 2).unflatten(2, f.shape[-2:])
        torch.testing.assert_close(with_ - without, tokens, **EXACT)


@pytest.mark.parametrize("channels", [(32, 48, 64, 96), (32, 64, 160, 256), (7, 130, 201, 513)])
def test_heads_divide_any_width(channels):
    fusion = SemanticGuided(channels, modalities=2, classes=2)
    assert all(c % stage.robust.heads == 0 for c, stage in zip(channels, fusion.stages))
