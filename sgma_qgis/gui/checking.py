"""Looks at the layers in the background whenever a choice changes: badges, expected accuracy, tiles, estimate."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Protocol, Sequence, Tuple

from qgis.core import QgsCoordinateReferenceSystem
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from .. import exchange, report, settings, tasks, wording
from ..guess import LayerPick
from ..i18n import tr
from ..model.contract.card import Card
from ..model.contract.errors import Cancelled, SgmaError
from ..model.contract.job import CheckJob, Options, Source
from ..model.contract.modality import BY_KEY
from ..rendering import is_fileless
from .badge import BAD, DOUBT, GOOD, NEUTRAL, Badge
from .rendering import Renderer
from .texts import tiles

DELAY_MS = 400
SAME = 1.001  # pixels of degrees or feet are not round numbers of metres
NEARLY_ALL = 0.95  # of the area: what is missing is a rim


class Choices(Protocol):
    """The layers to look at; `job_builder.JobBuilder` has the dock's."""

    def picks(self) -> Dict[str, LayerPick]:
        """Return the layers picked, by sensor."""

    def checkable(self, rendered: Dict[str, str]) -> Tuple[Tuple[Source, ...], Dict[str, SgmaError]]:
        """Return what can be looked at, and what is wrong with the others. rendered: of layers without a file."""

    def check_job(self, sources: Tuple[Source, ...]) -> CheckJob:
        """Return the job that looks at these. Raises SgmaError."""

    def options(self) -> Options:
        """Return how layers are read."""


class Checker(QObject):
    """`checked(found)`: a check job's result, or None while nothing can be looked at.

    renderer: None where layers without a file cannot be used. topic: another look of the same one ends this one.
    badges: by sensor, of the last look. problem: why no run can start, '' when one can.
    """

    checked = pyqtSignal(object)

    def __init__(self, builder: Choices, renderer: Optional[Renderer], parent: QObject, topic: str = "") -> None:
        super().__init__(parent)
        self._topic = topic
        self._builder = builder
        self._renderer = renderer
        self._task: Optional[tasks.Task] = None
        self._wrong: Dict[str, Badge] = {}
        self._sources: Tuple[Source, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self._start)
        self.badges: Dict[str, Badge] = {}
        self._nothing = False  # was picked when last looked
        self.problem = ""
        self.found: Optional[Dict[str, Any]] = None

    @property
    def looking(self) -> bool:
        """Whether an answer is on its way, or soon will be."""
        return self._task is not None or self._timer.isActive()

    def look(self) -> None:
        """Look again soon; several changes make one look."""
        if self._nothing:
            self.problem = ""  # something may be picked now: whether it is can be told without looking
        self._timer.start()

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()
            self._task = None  # its answer may be on its way, and Qt deletes us before it comes

    def sensors(self) -> Tuple[str, ...]:
        """Return the sensors that the last look found usable."""
        if self.found is None:
            return ()
        return tuple(key for key, state in self.found["states"].items() if state["state"] in ("used", "partial"))

    def gsd(self, card: Optional[Card]) -> Optional[float]:
        """Return the ground sampling distance that the model would see, in metres: the map's, or a coarser layer's."""
        if card is None or self.found is None or not self.found["layers"]:
            return None
        finest, asked = self._finest(), self._builder.options().resolution
        if asked is not None and asked < card.gsd[0]:
            return asked  # however coarse the layers are, things are larger than any that the model has seen
        return max(finest, asked or card.gsd[0])

    def grid_text(self, card: Optional[Card]) -> str:
        """Return the grid of the last look in words, and why its pixels are not the finest layer's."""
        if self.found is None or self.found["grid"] is None:
            return ""
        text = grid_text(self.found)
        if card is None or self._builder.options().resolution is not None or not self.found["layers"]:
            return text
        finest, (least, _, most) = self._finest(), card.gsd
        if finest * SAME < least:
            own = tr("The finest layer has {own:g} m; the model was made for {least:g} m and coarser.")
        elif most * SAME < finest <= 2 * most:
            own = tr("The finest layer has {own:g} m; the model was made for {most:g} m and finer.")
        else:
            return text
        return text + "\n" + own.format(own=round(finest, 3), least=least, most=most)

    def _finest(self) -> float:
        return min(layer["resolution"] for layer in self.found["layers"])

    def warnings(self, card: Optional[Card] = None) -> List[str]:
        """Return what the last look warned of, in the dock's words; but for what this card warns of itself."""
        found = self.found["warnings"] if self.found is not None else []
        return [self.named(text) for text in found if card is None or text != f"{card.id}: {card.caution}"]

    def named(self, text: str) -> str:
        """Return a sentence of the engine in the dock's words, with layers by name."""
        picks = self._builder.picks()
        names = {
            source.path: picks[source.modality].layer.name() for source in self._sources if source.modality in picks
        }
        return wording.in_dock(text, names)

    def _start(self) -> None:
        self._task = None  # what it will say is of choices that are gone
        sources, wrong = self._builder.checkable(self._rendered())
        self._wrong = {key: self._refused(key, error) for key, error in wrong.items()}
        self._nothing = not sources and not wrong
        if not sources:
            self._finish(None, "" if self._wrong else tr("Pick at least one layer."))
            return
        try:
            job = self._builder.check_job(sources)
        except SgmaError as error:
            self._finish(None, " ".join(report.lines(error)))
            return
        self.badges = {**{source.modality: self._badge_meanwhile(source) for source in sources}, **self._wrong}
        self._sources = sources
        python = settings.load().runtime_python
        task = tasks.interact_task(tr("Check layers"), job, topic=self._topic, python_setting=python)
        task.succeeded.connect(lambda found, t=task: self._succeeded(t, found))
        task.failed.connect(lambda error, t=task: self._failed(t, error))
        self._task = task
        self.checked.emit(None)

    def _badge_meanwhile(self, source: Source) -> Badge:
        """Return what the last look said of just this source, though the area may be another now."""
        known = self.badges.get(source.modality) if source in self._sources else None
        return known or Badge(NEUTRAL, tr("looking…"))

    def _rendered(self) -> Dict[str, str]:
        try:
            return self._renderer.ready() if self._renderer is not None else {}
        except SgmaError:  # told by the sensor's badge
            return {}

    def _refused(self, key: str, error: SgmaError) -> Badge:
        pick = self._builder.picks().get(key)
        if key == "rgb" and self._renderer is not None and pick is not None and is_fileless(pick.layer):
            text = tr("no file: its 8-bit picture is taken when a preview or run starts")
            return Badge(DOUBT, text, tr("A picture has lost the values of the sensor; results may suffer."))
        return Badge(BAD, error.message, error.hint)

    def _succeeded(self, task: tasks.Task, found: Dict[str, Any]) -> None:
        if task is self._task:
            self._task = None
            self._finish(found, "")

    def _failed(self, task: tasks.Task, error: Exception) -> None:
        if task is self._task:
            self._task = None
            cancelled = tr("The look at the layers was cancelled: change a choice to look again.")
            told = cancelled if isinstance(error, Cancelled) else self.named(" ".join(report.lines(error)))
            self._finish(None, told)

    def _finish(self, found: Optional[Dict[str, Any]], problem: str) -> None:
        self.found, self.problem = found, problem
        self.badges = dict(self._wrong)
        if found is not None:
            self.badges.update({key: _badge(key, found, self.named) for key in found["states"]})
            self.problem = self._stops(found)
        self.checked.emit(found)

    def _stops(self, found: Dict[str, Any]) -> str:
        """Return why a run with just these layers would be refused, '' when it would not be."""
        if found["grid"] is None:
            return tr("No layer can be used in this area: see the marks above.")
        for key, badge in self._wrong.items():
            if badge.kind == BAD:
                return f"{BY_KEY[key].title}: {badge.text} {badge.hint}"
        for state in found["states"].values():
            if state["state"] in ("no_overlap", "unusable"):
                return self.named(state["text"])
        return ""


def estimate_text(found: Dict[str, Any]) -> str:
    """Return '214 tiles, about 2 min, 1.2 GB of memory, 30 MB of disk'."""
    parts: List[str] = []
    if found["tiles"]:
        parts.append(tiles(found["tiles"]["run"]))
    if found.get("eta_s") is not None:
        parts.append(tr("about {time}").format(time=exchange.duration(found["eta_s"])))
    need = found["estimate"]
    if need:
        parts.append(tr("{size} of memory").format(size=size(need["memory_bytes"])))
        parts.append(tr("{size} of disk").format(size=size(need["disk_bytes"])))
    whole = ", ".join(part.replace(" ", "\u00a0") for part in parts)  # lines break between them
    return tr("Run: {parts}").format(parts=whole) if parts else ""


def grid_text(found: Dict[str, Any]) -> str:
    """Return '4096 × 4096 px of 0.5 m, EPSG:32616'."""
    grid = found["grid"]
    return tr("{width} × {height} px of {resolution:g} m, {crs}").format(
        width=grid["width"],
        height=grid["height"],
        resolution=round(grid["resolution"], 4),
        crs=crs_name(str(grid["crs"])),
    )


def crs_name(text: str) -> str:
    """Return the 'EPSG:32616' of a CRS given as such or as WKT; its description where it has none."""
    crs = QgsCoordinateReferenceSystem()
    crs.createFromUserInput(text)
    return crs.authid() or crs.description()


def size(count: float) -> str:
    """Return '1.2 GB', '570 MB' or '0.1 MB': rounded as the engine does in what it says of the same."""
    if count >= 0.95e9:
        return tr("{count} GB").format(count=f"{count / 1e9:.{int(count < 9.95e9)}f}")
    megabytes = max(count, 0) / 1e6
    rounded = f"{round(megabytes, -1):.0f}" if megabytes >= 100 else f"{megabytes:.{int(0 < megabytes < 10)}f}"
    return tr("{count} MB").format(count=rounded)


def _badge(key: str, found: Dict[str, Any], named: Callable[[str], str]) -> Badge:
    """Return a layer's mark. named: puts a sentence of the engine into words of the dock."""
    state = found["states"][key]
    kind, words = _kind(state)
    text = named(state["text"])
    hints = [text]
    for layer in found["layers"]:
        if layer["modality"] == key:
            hints += [named(hint) for hint in (*layer["notes"], *layer["warnings"])]
            if layer["warnings"]:
                kind = DOUBT if kind == GOOD else kind
                words += " · " + _short(layer["warnings"])
    for shift in found["registration"]:
        if shift["key"] == key and shift["measurable"]:
            hints.append(shift["text"])
            if shift["warning"]:
                kind = DOUBT if kind == GOOD else kind
                words += " · " + tr("offset {pixels:.1f} px to {sensor}").format(
                    pixels=shift["offset_px"], sensor=BY_KEY[shift["reference"]].title
                )
    if kind == BAD and text:
        words = f"{words}: {text}"
    return Badge(kind, words, "\n".join(filter(None, hints)))


def _kind(state: Dict[str, Any]) -> Tuple[str, str]:
    """Return a badge's kind and first words."""
    if state["state"] == "partial":
        share = tr("{percent:.0f} %").format(percent=100 * state["coverage"])
        if state["coverage"] >= NEARLY_ALL:
            return GOOD, tr("used, {share} of the area").format(share=share)
        return DOUBT, tr("partial {share}").format(share=share)
    return {
        "used": (GOOD, tr("used")),
        "no_overlap": (BAD, tr("no overlap")),
        "all_nodata": (BAD, tr("all nodata")),
        "unusable": (BAD, tr("cannot be used")),
    }[state["state"]]


def _short(warnings: Sequence[str]) -> str:
    """Return in a few words what a layer is warned of; the tooltip has the sentences."""
    found = {words: None for text in warnings for part, words in _about() if part in text}
    return ", ".join(found) if found else tr("see the note below")


def _about() -> Tuple[Tuple[str, str], ...]:
    """Return a part of the engine's sentence, and what it is about."""
    return (
        ("do not fit", tr("values do not fit the unit")),
        ("are not 8-bit numbers", tr("values do not fit the unit")),
        ("is this a surface model", tr("unit in doubt")),
        ("cannot be converted", tr("unit is not the model's")),
        ("no calibrated backscatter", tr("not calibrated")),
        ("pixels are 0", tr("empty border")),
        ("is taken as", tr("bands in doubt")),
        ("looks like a picture", tr("looks like a picture")),
    )
