"""Command line options shared by the commands, and how they become a job."""

from __future__ import annotations

import argparse
from typing import Any

from .contract import option_text
from .contract.errors import BadInput
from .contract.job import Area, Options, Outputs, SegmentJob, Source
from .contract.learning import COMBINATIONS, AreasJob, EvaluateJob, ExportJob, SuggestJob
from .contract.modality import BY_KEY, MODALITIES


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line instead of a page of usage; takes no shortened options."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_abbrev=False, **kwargs)

    def error(self, message: str) -> None:
        """Raise BadInput. argparse would print the usage and exit."""
        negative = " For negative numbers write --extent=-1,-2,3,4." if "--extent" in message else ""
        raise BadInput(f"{self.prog.split()[-1]}: {message}.{negative}", f"See: {self.prog} --help")


def add_layers(parser: argparse.ArgumentParser) -> None:
    """Add one option a sensor, and what goes with layers."""
    group = parser.add_argument_group("layers (any of them, at least one)")
    for modality in MODALITIES:
        units = ", ".join(modality.units)
        group.add_argument(f"--{modality.key}", metavar="F", help=f"{modality.title} raster; units: {units}")
    for modality in MODALITIES:
        group.add_argument(
            f"--{modality.key}-bands", metavar="1,2,..", default="", help=f"bands of --{modality.key}, 1-based"
        )
    group.add_argument("--units", metavar="rgb=dn16,..", default="", help="units where the guess is wrong")
    group.add_argument("--nodata", metavar="rgb=0,..", default="", help="nodata values the files do not name")


def add_area(parser: argparse.ArgumentParser) -> None:
    """Add where to work and on which grid."""
    group = parser.add_argument_group("area and grid")
    group.add_argument(
        "--area", metavar="F", default="", help="polygons: tiles outside are not computed, pixels outside are nodata"
    )
    group.add_argument(
        "--extent",
        metavar="xmin,ymin,xmax,ymax",
        type=_numbers,
        help="rectangle in --extent-crs, else in --crs, else in the finest layer's CRS",
    )
    group.add_argument("--extent-crs", metavar="EPSG:n", default="")
    add_grid(group)


def add_grid(group: argparse._ActionsContainer) -> None:
    """Add the grid that layers are read on."""
    group.add_argument(
        "--crs",
        metavar="EPSG:n",
        default="",
        help="CRS of the result (default: the finest layer's, UTM where that is not in metres)",
    )
    group.add_argument(
        "--resolution",
        metavar="METRES",
        type=float,
        help="ground metres a pixel (default: the finest layer's, within what the model knows)",
    )


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Add how to compute."""
    group = parser.add_argument_group("engine")
    group.add_argument("--tile", metavar="PX", type=int, help="tile side, a multiple of 32 (default: the model's)")
    group.add_argument(
        "--overlap",
        metavar="PCT",
        type=float,
        help="overlap of tiles in percent, in steps of 16 pixels (default 9.375)",
    )
    group.add_argument("--batch", metavar="N", type=int, help="tiles at a time (default: 1 on a CPU, 8 on a GPU)")
    group.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 or mps")
    group.add_argument("--backend", default="auto", help="auto, openvino or torch")
    group.add_argument("--precision", default="auto", help="auto, fp32 or bf16")
    group.add_argument("--threads", metavar="N", type=int, help="CPU threads (default: all)")


def add_strokes(parser: argparse.ArgumentParser) -> None:
    """Add what adapts the model to classes of one's own."""
    group = parser.add_argument_group("classes of one's own")
    group.add_argument(
        "--strokes",
        metavar="F.gpkg",
        default="",
        help="lines, polygons or points of each class: the model is adapted to them; a field 'width' is in metres",
    )
    group.add_argument("--class-field", metavar="NAME", default="", help="--strokes: field of the class")
    group.add_argument("--save-model", metavar="FOLDER", default="", help="--strokes: keep the adapted model there")


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """Add the files to write."""
    group = parser.add_argument_group("outputs")
    group.add_argument(
        "--output", metavar="D/NAME.tif", required=True, help="classes; D/NAME.run.json is written beside it"
    )
    group.add_argument("--confidence", metavar="F.tif", default="", help="percent, nodata 255")
    group.add_argument(
        "--availability",
        metavar="F.tif",
        default="",
        help="bit mask " + ", ".join(f"{m.title}={m.bit}" for m in MODALITIES),
    )
    group.add_argument(
        "--trust",
        metavar="F.tif",
        default="",
        help="share of fusion weight of each sensor, percent, one band a sensor of the model",
    )
    group.add_argument(
        "--polygons", metavar="F.gpkg", default="", help="the classes as polygons with area and mean confidence"
    )
    _add_shapes(group, "--polygons: ")
    group.add_argument(
        "--no-resume",
        action="store_true",
        help="start afresh even if an interrupted run of this output can be continued",
    )


def add_vectorize(parser: argparse.ArgumentParser) -> None:
    """Add the options of `vectorize`."""
    parser.add_argument("--input", metavar="F.tif", required=True, help="the class raster")
    parser.add_argument("--confidence", metavar="F.tif", default="", help="percent, for the mean of each polygon")
    parser.add_argument(
        "--model", metavar="ID|PATH", default="", help="names the classes (default: the names beside the raster)"
    )
    _add_shapes(parser, "")
    parser.add_argument("--output", metavar="F.gpkg", required=True, help="the polygons")


def _add_shapes(group: argparse._ActionsContainer, of: str) -> None:
    """Add what changes polygons. of: the option that asks for them, in the help."""
    group.add_argument(
        "--min-area",
        metavar="M2",
        type=float,
        help=f"{of}smaller ones take the class of their longest border; the raster stays as it is",
    )
    group.add_argument(
        "--simplify",
        metavar="METRES",
        type=float,
        help=f"{of}leave out corners of less than this squared; neighbours keep their border in common",
    )


def add_label_options(parser: argparse.ArgumentParser, *, areas: bool = True) -> None:
    """Add where labels are and what they mean; areas: and which of them train."""
    group = parser.add_argument_group("labels")
    group.add_argument(
        "--labels", metavar="F", default="", help="what is known: polygons, points or a raster, in any CRS"
    )
    _add_meaning(group)
    group.add_argument(
        "--class-map",
        metavar="F.json|JSON",
        default="",
        help='{"label value": class id of the base model | "new:NAME" | "new:NAME #rrggbb" | "ignore"}, #rrggbb: the '
        "new class's colour (default: names of the base's classes if all values are such, else every value is a new "
        "class)",
    )
    if areas:
        group.add_argument(
            "--areas",
            metavar="F",
            default="",
            help="polygons with the field 'role': train, validation, test (default: proposed, as by the command areas)",
        )


def label_fields(args: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of a job that `add_label_options` sets."""
    given = {
        "labels": args.labels,
        "class_field": args.class_field,
        "class_map": args.class_map,
        "radius": args.point_radius,
        "labelled_area": args.labelled_area,
        "background": args.background_class,
    }
    return {**given, "areas": args.areas} if "areas" in args else given


def _add_meaning(group: argparse._ActionsContainer) -> None:
    group.add_argument("--class-field", metavar="NAME", default="", help="field of the class, for polygons and points")
    group.add_argument(
        "--point-radius", metavar="METRES", type=float, help="ground around a point that has its class; 0 = its pixel"
    )
    group.add_argument(
        "--labelled-area",
        metavar="F",
        default="",
        help="polygons in which all is labelled: the rest of them is one class (default: what has no label is unknown)",
    )
    group.add_argument(
        "--background-class",
        metavar="NAME",
        default="",
        help="label value, or class, of the rest of the labelled area (default: background)",
    )


def add_areas(parser: argparse.ArgumentParser) -> None:
    """Add what `areas` proposes for, besides layers, labels and grid."""
    parser.add_argument("--base", metavar="ID|PATH", default="", help="the model that training will start from")
    parser.add_argument(
        "--crop", metavar="PX", type=int, default=AreasJob.crop, help="side of training crops: so far apart are areas"
    )
    parser.add_argument("--output", metavar="F.gpkg", required=True, help="the areas, with the field 'role'")


def areas_job(args: argparse.Namespace) -> AreasJob:
    """Return the job that the `areas` options ask for."""
    read = Options(crs=args.crs, resolution=args.resolution)
    return AreasJob(
        sources(args), output=args.output, base=args.base, crop=args.crop, options=read, **label_fields(args)
    )


def add_evaluation(parser: argparse.ArgumentParser) -> None:
    """Add what `evaluate` measures on, besides the layers."""
    parser.add_argument(
        "--reference", metavar="F", default="", help="what is there: polygons, points or a raster, in any CRS"
    )
    _add_meaning(parser)
    parser.add_argument(
        "--class-map",
        metavar="F.json|JSON",
        default="",
        help='{"label value": class id or name | "ignore"} (default: values are ids or names; a name means the class '
        "that the model calls so, whatever its id, so that one file serves models that number classes otherwise)",
    )
    parser.add_argument(
        "--areas",
        metavar="F",
        default="",
        help="polygons with the field 'role', as of a training: the reference counts in those of --role alone",
    )
    parser.add_argument("--role", default=EvaluateJob.role, help="of --areas: test (default), validation or train")
    parser.add_argument(
        "--scenes",
        metavar="F.json",
        default="",
        help="instead of layers: a manifest; its test scenes are measured, its validation scenes fit temperatures",
    )
    parser.add_argument(
        "--combinations",
        choices=COMBINATIONS,
        default=COMBINATIONS[0],
        help="of the sensors at hand: all (default), or just these together",
    )
    parser.add_argument("--output", metavar="F.json|F.html", required=True, help="the report")
    parser.add_argument(
        "--errors",
        metavar="F.tif",
        default="",
        help="class ids of the reference (band 1) and of the map by all sensors (band 2), 1 where they differ (band 3)",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--threads", metavar="N", type=int, help="CPU threads (default: all)")


def evaluate_job(args: argparse.Namespace) -> EvaluateJob:
    """Return the job that the `evaluate` options ask for."""
    plain = ("model", "output", "reference", "scenes", "class_field", "class_map", "labelled_area", "areas", "role",
             "combinations", "errors")  # fmt: skip
    read = Options(crs=args.crs, resolution=args.resolution, device=args.device, threads=args.threads)
    return EvaluateJob(
        sources=sources(args),
        radius=args.point_radius,
        background=args.background_class,
        area=area(args),
        options=read,
        **{name: getattr(args, name) for name in plain},
    )


def add_suggestions(parser: argparse.ArgumentParser) -> None:
    """Add what `suggest` writes, and how it computes."""
    parser.add_argument("--count", metavar="N", type=int, default=SuggestJob.count, help="squares (default 10)")
    parser.add_argument(
        "--size", metavar="METRES", type=float, help="side of a square (default: 64 pixels, fewer in a small scene)"
    )
    parser.add_argument(
        "--exclude", metavar="F", default="", help="polygons, as the labels drawn already: squares on them are left out"
    )
    parser.add_argument("--output", metavar="F.gpkg", required=True, help="the squares, ranked, with the reason")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--threads", metavar="N", type=int, help="CPU threads (default: all)")


def suggest_job(args: argparse.Namespace) -> SuggestJob:
    """Return the job that the `suggest` options ask for."""
    read = Options(crs=args.crs, resolution=args.resolution, device=args.device, threads=args.threads)
    return SuggestJob(sources(args), args.model, args.output, args.count, args.size, args.exclude, area(args), read)


def add_export(parser: argparse.ArgumentParser) -> None:
    """Add what `export` cuts and where it goes, besides layers, labels and grid."""
    parser.add_argument("--base", metavar="ID|PATH", default="", help="the model whose classes labels may name")
    parser.add_argument("--tile-size", metavar="PX", type=int, default=ExportJob.tile_size, help="side (default 256)")
    parser.add_argument("--stride", metavar="PX", type=int, help="from chip to chip (default: --tile-size)")
    parser.add_argument("--output", metavar="FOLDER", required=True, help="a new folder for chips and manifest.json")


def export_job(args: argparse.Namespace) -> ExportJob:
    """Return the job that the `export` options ask for."""
    return ExportJob(
        sources(args),
        output=args.output,
        base=args.base,
        tile_size=args.tile_size,
        stride=args.stride,
        options=Options(crs=args.crs, resolution=args.resolution),
        **label_fields(args),
    )


def sources(args: argparse.Namespace) -> tuple[Source, ...]:
    """Return the layers given. Raises BadInput for what cannot be read or names a sensor without a layer."""
    given = [key for key in BY_KEY if getattr(args, key) is not None]
    units = option_text.units(args.units, "--units")
    nodata = option_text.nodata(args.nodata, "--nodata")
    bands = {key: option_text.bands(getattr(args, f"{key}_bands"), f"--{key}-bands") for key in BY_KEY}
    option_text.check_keys("--units", units, given)
    option_text.check_keys("--nodata", nodata, given)
    for key in bands:
        option_text.check_keys(f"--{key}-bands", [key] if bands[key] else [], given)
    return tuple(Source(key, getattr(args, key), bands[key], units.get(key, ""), nodata.get(key)) for key in given)


def area(args: argparse.Namespace) -> Area:
    """Return the area asked for. Raises BadInput for an extent that is not four rising numbers."""
    if args.extent and not (
        len(args.extent) == 4 and args.extent[0] < args.extent[2] and args.extent[1] < args.extent[3]
    ):
        raise BadInput(
            f"--extent {args.extent} must be xmin,ymin,xmax,ymax.", "For negative numbers write --extent=-1,..."
        )
    return Area(args.area, args.extent, (args.extent_crs or args.crs) if args.extent else "")


def options(args: argparse.Namespace) -> Options:
    """Return the options asked for."""
    return Options(
        args.crs, args.resolution, args.tile, args.overlap, args.batch,
        args.device, args.backend, args.precision, args.threads, not args.no_resume, args.min_area, args.simplify,
    )  # fmt: skip


def segment_job(args: argparse.Namespace) -> SegmentJob:
    """Return the job that the `segment` options ask for. Raises BadInput for options that do not fit together."""
    for option, value in (("--min-area", args.min_area), ("--simplify", args.simplify)):
        if value is not None and not args.polygons:
            raise BadInput(f"{option} changes polygons only, and none are asked for.", "Add --polygons F.gpkg.")
    if not args.strokes and (args.class_field or args.save_model):
        raise BadInput("--class-field and --save-model go with strokes, and none are given.", "Add --strokes F.gpkg.")
    if not args.strokes and args.model == "none":
        raise BadInput("--model none goes with strokes, and none are given.", "Give a model, or --strokes F.gpkg.")
    outputs = Outputs(args.output, args.confidence, args.availability, args.trust, args.polygons)
    return SegmentJob(
        sources(args), args.model, outputs, area(args), options(args), args.strokes, args.class_field, args.save_model
    )


def _numbers(text: str) -> tuple[float, ...]:
    """Read '1,2,3'. argparse turns the ValueError of a word into an error that names the option."""
    return tuple(float(part) for part in text.split(","))
