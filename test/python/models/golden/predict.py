"""Says each message of the runner protocol as its golden file has it, and gives back what it is sent."""
import os
import time
from typing import Any

from cog import Path, current_scope
from millrace import InvalidInput, ModelError, emit, log, progress, work_dir

LARGE = "x" * 1024 * 1024


def page():
    path = Path(work_dir()) / "page.png"
    path.write_bytes(b"\x89PNG")
    return path


def fail(error, *pieces):
    for piece in pieces:
        emit(piece)
    raise error


def wait(*pieces):
    for piece in pieces:
        emit(piece)
    progress(0.5, "waits")
    time.sleep(60)


def measure():
    for name, value in {"pages": 7, "mean_confidence": 0.93, "languages": ["eng", "deu"]}.items():
        current_scope().record_metric(name, value)
    return {"text": "Grüße"}


ACTS = {
    "canceled": wait,
    "canceled-partial": lambda: wait("Grüße"),
    "canceled-partial-large": lambda: wait(LARGE[: len(LARGE) // 2], LARGE[: len(LARGE) // 2]),
    "done": lambda: {"text": "Grüße", "pages": [page()]},
    "done-large": lambda: LARGE,
    "done-metrics": measure,
    "failed": lambda: fail(ModelError("the page is blank", text="Error: the page is blank\n    at predict")),
    "failed-details": lambda: fail(
        InvalidInput("lang: not one of eng, deu", {"status": 400, "errors": {"lang": ["not one of eng, deu"]}})
    ),
    "failed-partial": lambda: fail(ModelError("page 2 is blank"), "Grüße", page()),
    "log": lambda: log("page 3 has two columns"),
    "output": lambda: emit({"line": "Grüße"}),
    "progress": lambda: progress(0.42, "page 3 of 7"),
}


class Golden:
    def setup(self):
        if "NO_WEIGHTS" in os.environ:
            raise RuntimeError("the weights are missing")

    def healthcheck(self):
        if "NO_DEVICE" in os.environ:
            raise RuntimeError("the device does not answer")

    def predict(self, **inputs) -> Any:
        return ACTS[inputs["say"]]() if "say" in inputs else seen("prediction", inputs)


def train(**inputs) -> Any:
    return seen("training", inputs)


def seen(kind, inputs):
    """Files as their ending and text."""
    def plain(value):
        return [value.suffix, value.read_text()] if isinstance(value, Path) else value

    return {"kind": kind, "inputs": {name: plain(value) for name, value in inputs.items()}}
