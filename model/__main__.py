"""Command line: python -m sgma_qgis.model COMMAND. Exit codes: see contract.errors."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import arguments, libraries, printed
from .contract import store
from .contract.errors import EXIT_CANCELLED, EXIT_DONE, EXIT_GAPS, EXIT_UNFORESEEN, BadInput, Cancelled, SgmaError
from .contract.job import CheckJob, Options, VectorizeJob
from .contract.messages import Log, Progress
from .contract.modality import titles
from .feedback import JobFeedback


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code. At most three lines on stderr say what is wrong."""
    # before torch loads: threads that spin while they wait make a run many times slower on a machine with other work
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        argv = sys.argv[1:] if argv is None else argv
        args = parser(argv[0] if argv else "").parse_args(argv)
        with _own_signals():
            return args.run(args)
    except Cancelled:
        kept = Path(f"{getattr(args, 'output', '')}.part")
        goes_on = f" What is done is kept in {kept}; the same command goes on." if kept.is_dir() else ""
        print(f"Cancelled.{goes_on}", file=sys.stderr)
        return EXIT_CANCELLED
    except KeyboardInterrupt:
        return EXIT_CANCELLED
    except SgmaError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        return EXIT_UNFORESEEN


def parser(command: str = "") -> argparse.ArgumentParser:
    """Return the parser of all commands; the options of `train` are there when it is `command`: they need torch."""
    top = arguments.Parser(prog="python -m sgma_qgis.model", description="Land cover from whatever sensors exist.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=arguments.Parser)

    _add_maps(commands)
    _add_models(commands)
    _add_learning(commands, command)
    worker = commands.add_parser("worker", help="serve jobs over stdin and stdout (for the plugin)")
    worker.set_defaults(run=_worker)
    return top


def _add_maps(commands: Any) -> None:
    segment = commands.add_parser("segment", help="make a land cover map from sensor layers")
    segment.add_argument(
        "--model", required=True, metavar="ID|PATH", help="with --strokes also 'none': the pixels alone decide"
    )
    arguments.add_layers(segment)
    arguments.add_strokes(segment)
    arguments.add_area(segment)
    arguments.add_engine(segment)
    arguments.add_outputs(segment)
    _add_json(segment)
    _add_overwrite(segment, "a model in --save-model")
    segment.set_defaults(run=_segment)

    check = commands.add_parser("check", help="say what segment would read: grid, overlap, units, nodata, coverage")
    check.add_argument("--model", required=True, metavar="ID|PATH")
    arguments.add_layers(check)
    arguments.add_area(check)
    _add_json(check)
    check.set_defaults(run=_check)

    vectorize = commands.add_parser("vectorize", help="write a class raster as polygons")
    arguments.add_vectorize(vectorize)
    _add_json(vectorize)
    vectorize.set_defaults(run=_vectorize)


def _add_models(commands: Any) -> None:
    models = commands.add_parser("models", help="list the installed models")
    _add_json(models)
    models.set_defaults(run=_models)

    info = commands.add_parser("info", help="show a model's card")
    info.add_argument("model", metavar="ID|PATH")
    _add_json(info)
    info.set_defaults(run=_info)

    town = commands.add_parser("town", help="write generated town scenes (four sensors and the truth) to try things on")
    town.add_argument("--output", required=True, metavar="FOLDER")
    town.add_argument("--scenes", type=int, default=1, metavar="N", help="how many (default 1)")
    town.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the first scene (default 0)")
    town.add_argument("--size", type=int, default=1024, metavar="PX", help="side in pixels (default 1024)")
    town.add_argument("--gsd", type=float, default=0.5, metavar="METRES", help="metres a pixel (default 0.5)")
    town.set_defaults(run=_town)


def _add_learning(commands: Any, command: str) -> None:
    train = commands.add_parser("train", help="train a model, from another or from nothing, on labelled layers")
    arguments.add_layers(train)
    arguments.add_label_options(train)
    arguments.add_grid(train)
    if command == "train":
        from .training.arguments import add_arguments

        add_arguments(train)
    _add_overwrite(train, "a model in --output")
    _add_json(train)
    train.set_defaults(run=_train)

    areas = commands.add_parser("areas", help="propose areas for training, validation and test from where labels lie")
    arguments.add_layers(areas)
    arguments.add_label_options(areas, areas=False)
    arguments.add_areas(areas)
    arguments.add_grid(areas)
    _add_overwrite(areas, "a file with the name of --output")
    _add_json(areas)
    areas.set_defaults(run=_areas)

    evaluate = commands.add_parser("evaluate", help="measure a model for every combination of sensors")
    evaluate.add_argument("--model", required=True, metavar="ID|PATH")
    arguments.add_layers(evaluate)
    arguments.add_evaluation(evaluate)
    arguments.add_area(evaluate)
    _add_json(evaluate)
    evaluate.set_defaults(run=_evaluate)

    suggest = commands.add_parser("suggest", help="find where labels would help a model most")
    suggest.add_argument("--model", required=True, metavar="ID|PATH")
    arguments.add_layers(suggest)
    arguments.add_area(suggest)
    arguments.add_suggestions(suggest)
    _add_overwrite(suggest, "a file with the name of --output")
    _add_json(suggest)
    suggest.set_defaults(run=_suggest)

    export = commands.add_parser("export", help="cut layers and labels into georeferenced chips for training elsewhere")
    arguments.add_layers(export)
    arguments.add_label_options(export)
    arguments.add_export(export)
    arguments.add_grid(export)
    _add_json(export)
    export.set_defaults(run=_export)


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print one JSON object as the last line of stdout")


def _add_overwrite(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument("--overwrite", action="store_true", help=f"replace {what}")


def _free(place: Path, option: str, overwrite: bool) -> None:
    """Raise BadInput when what took work to make would be replaced unasked."""
    if place.exists() and not overwrite:
        raise BadInput(f"{place} is there already.", f"Choose another {option}, or say --overwrite.")


def _segment(args: argparse.Namespace) -> int:
    """Run a job in this process, tell progress on stderr, print the result."""
    job = arguments.segment_job(args)
    if job.save_model:
        _free(Path(job.save_model) / store.CARD_FILE, "--save-model", args.overwrite)
    result = _execute(job)
    if args.json:
        print(json.dumps(result, allow_nan=False))
    else:
        printed.land_cover(result)
        if job.save_model:
            print(job.save_model)
    return EXIT_GAPS if result.get("tiles_failed") else EXIT_DONE


def _execute(job: Any) -> dict[str, Any]:
    """Run a job of the contract in this process and return its result."""
    libraries.versions()  # what the runtime lacks is told in words, not by an import that fails half-way
    from .jobs import execute

    return execute(asdict(job), _cancellable())


@contextlib.contextmanager
def _own_signals() -> Iterator[None]:
    """Give signals back as they were: `main` may be called from a program of somebody else's."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _cancellable() -> JobFeedback:
    """Return feedback to the terminal. Ctrl-C and SIGTERM cancel at the next batch, a second one at once."""
    feedback = JobFeedback("cli", _tell)

    def stop(*_: object) -> None:
        if feedback.cancelled:  # asked twice: now
            raise KeyboardInterrupt
        feedback.cancel()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return feedback


def _tell(event: Any) -> None:
    """Show an event on stderr: progress in place on a terminal, log lines on their own."""
    if isinstance(event, Log):
        prefix = "" if event.level == "info" else f"{event.level.capitalize()}: "
        print(f"{prefix}{event.text}", file=sys.stderr)
    elif isinstance(event, Progress) and sys.stderr.isatty():
        eta = f", {event.eta_s:.0f} s left" if event.eta_s is not None else ""
        rate = f", {event.rate:.2g}/s" if event.rate else ""
        print(f"\r\x1b[K{event.stage}: {event.done}/{event.total}{rate}{eta}", end="", file=sys.stderr)
        if event.done == event.total:
            print("\r\x1b[K", end="", file=sys.stderr)


def _check(args: argparse.Namespace) -> int:
    options = Options(crs=args.crs, resolution=args.resolution)
    job = CheckJob(arguments.sources(args), args.model, arguments.area(args), options)
    result = _execute(job)
    if args.json:
        print(json.dumps(result))
        return EXIT_DONE
    printed.layers(result)
    return EXIT_DONE


def _models(args: argparse.Namespace) -> int:
    packages = store.installed()
    if args.json:
        print(json.dumps([{"id": p.card.id, "title": p.card.title, "path": str(p.path)} for p in packages]))
        return EXIT_DONE
    for package in packages:
        card = package.card
        print(f"{card.id:<16} {card.title} ({titles(card.keys)}; {len(card.classes)} classes; {card.gsd[1]:g} m)")
    if not packages:
        folders = ", ".join(map(str, store.model_folders()))
        raise BadInput(f"No model is installed in {folders}.", "Put a model folder or .sgma file into one of these.")
    return EXIT_DONE


def _info(args: argparse.Namespace) -> int:
    package = store.find(args.model)
    if args.json:
        print(json.dumps(asdict(package.card)))
        return EXIT_DONE
    printed.model(package.card, package.path)
    return EXIT_DONE


def _town(args: argparse.Namespace) -> int:
    from .data.town_files import write_scenes

    seeds = {"test": list(range(args.seed, args.seed + args.scenes))}
    for scene in write_scenes(Path(args.output), seeds, args.size, args.gsd, _cancellable()):
        print(str(Path(scene["labels"]).parent))
    return EXIT_DONE


def _train(args: argparse.Namespace) -> int:
    libraries.versions()
    from .training.arguments import job

    read = Options(crs=args.crs, resolution=args.resolution)
    wanted = job(args, arguments.sources(args), arguments.label_fields(args), read)
    if not wanted.dry_run:
        _free(Path(args.output) / store.CARD_FILE, "--output", args.overwrite)
    result = _execute(wanted)
    if args.json:
        print(json.dumps(result))
    elif wanted.dry_run:
        printed.needs(result)
    else:
        printed.training(result)
    return EXIT_DONE


def _areas(args: argparse.Namespace) -> int:
    _free(Path(args.output), "--output", args.overwrite)
    result = _execute(arguments.areas_job(args))
    if args.json:
        print(json.dumps(result))
        return EXIT_DONE
    for role, shares in result["roles"].items():
        told = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())
        print(f"{role:<10} {told}")
    print(result["output"])
    return EXIT_DONE


def _evaluate(args: argparse.Namespace) -> int:
    report = _execute(arguments.evaluate_job(args))
    if args.json:
        print(json.dumps(report, allow_nan=False))
        return EXIT_DONE
    printed.scores(report)
    print(args.output)
    return EXIT_DONE


def _suggest(args: argparse.Namespace) -> int:
    _free(Path(args.output), "--output", args.overwrite)
    result = _execute(arguments.suggest_job(args))
    if args.json:
        print(json.dumps(result))
        return EXIT_DONE
    printed.places(result)
    print(result["output"])
    return EXIT_DONE


def _export(args: argparse.Namespace) -> int:
    result = _execute(arguments.export_job(args))
    if args.json:
        print(json.dumps(result))
        return EXIT_DONE
    for role, count in result["chips"].items():
        print(f"{role:<10} {count} chips")
    print(result["output"])
    print(f"To train on them: train --scenes {result['manifest']} --class-map {result['class_map']}")
    return EXIT_DONE


def _vectorize(args: argparse.Namespace) -> int:
    result = _execute(VectorizeJob(args.input, args.output, args.confidence, args.model, args.min_area, args.simplify))
    print(json.dumps(result) if args.json else f"{result['polygons']} polygons\n{result['output']}")
    return EXIT_DONE


def _worker(_: argparse.Namespace) -> int:
    from .worker import main as serve

    return serve()


if __name__ == "__main__":
    sys.exit(main())
