"""What may be asked of jobs, and what they are asked by default: all that screens need before there is a job."""

from __future__ import annotations

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "fp32", "bf16")
RASTER_SUFFIXES = (".tif", ".tiff")
VECTOR_SUFFIXES = (".gpkg",)
STRATEGIES = ("head", "adapters", "all")  #: what of a model a training may change
#: which sensors a training sample is shown with; the first is the recipe's
SAMPLERS = ("modality_aware", "latent_scenario", "uniform")
COMBINATIONS = ("all", "current")  #: of the sensors at hand, on which a model is measured
SUGGESTED = 10  #: places to label next
CHIP = 256  #: side in pixels of a chip of training data
