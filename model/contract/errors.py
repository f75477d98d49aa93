"""Every error that a person may see, with its exit code."""

from __future__ import annotations

EXIT_DONE = 0
EXIT_UNFORESEEN = 1
EXIT_BAD_INPUT = 2
EXIT_CANCELLED = 3
EXIT_GAPS = 4


class SgmaError(Exception):
    """Root of our errors.

    message: what came and what is needed, one sentence naming the file or option.
    hint: what to do, one sentence; may be empty.
    """

    code = "unforeseen"
    exit_code = EXIT_UNFORESEEN

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join(part for part in (self.message, self.hint) if part)


class BadInput(SgmaError, ValueError):
    """The caller gave something that cannot be used: a layer, option, model or path."""

    code = "bad_input"
    exit_code = EXIT_BAD_INPUT


class BadModel(BadInput):
    """A model package is missing, damaged, or not what its card says."""

    code = "bad_model"


class NothingLeft(BadInput):
    """All that could be used is left out: nothing remains to look at."""

    code = "nothing_left"


class Cancelled(SgmaError):
    """The caller asked to stop."""

    code = "cancelled"
    exit_code = EXIT_CANCELLED

    def __init__(self, message: str = "Cancelled.", hint: str = "") -> None:
        super().__init__(message, hint)


class InputLost(SgmaError):
    """An input that could be read at the start no longer can."""

    code = "input_lost"


class OutputFailed(SgmaError):
    """An output could not be written: the disk is full, gone, or the file is open elsewhere."""

    code = "output_failed"


class RuntimeUnavailable(SgmaError):
    """The runtime Python is missing, incomplete, or speaks another protocol."""

    code = "runtime_unavailable"


class WorkerCrashed(SgmaError):
    """The worker process ended without an answer."""

    code = "crashed"


class WorkerFailed(SgmaError):
    """The worker answered `failed`; code and exit code are those of the error raised there."""

    def __init__(self, code: str, message: str, hint: str = "", detail: str = "") -> None:
        super().__init__(message, hint)
        self.code = code
        self.detail = detail
        if code in (BadInput.code, BadModel.code, NothingLeft.code):
            self.exit_code = EXIT_BAD_INPUT
