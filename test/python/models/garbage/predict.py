"""Answers with everything that a model should not. Modes that JavaScript alone has are what comes nearest in Python."""
import io
import json
import os
import subprocess
import time
from typing import Any

from cog import BaseModel, Input, Path
from millrace import ModelError, emit, work_dir

TO_HOST = 4


class Output(BaseModel):
    value: Any


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def cycle():
    value = {}
    value["self"] = value
    return value


def nested():
    value = 1
    for _ in range(10_000):
        value = [value]
    return value


def dangling():
    path = Path(work_dir()) / "link"
    path.symlink_to("nowhere")
    return path


def many_files():
    path = Path(work_dir()) / "one"
    path.write_text("x")
    return [path] * 10_000


def odd_name():
    file = io.BytesIO(b"odd")
    file.name = "../../etc/pass\0wd"
    return file


def throw(error):
    raise error


def pipe(text):
    """Says it on the pipe itself, behind the runner's back."""
    data = text.encode("latin-1")
    while data:
        data = data[os.write(TO_HOST, data):]
    time.sleep(3600)


def lie():
    file = {"pointer": "/value", "path": "../../etc/passwd", "name": "x", "content_type": "x"}
    said = {"type": "done", "id": os.path.basename(work_dir()), "output": {"value": None}, "files": [file]}
    pipe(json.dumps(said) + "\n")


def print_50mb():
    for _ in range(50):
        data = b"x" * 1024 * 1024
        while data:
            data = data[os.write(1, data):]
    return "printed"


def print_lines():
    for index in range(5000):
        print("line", index)
    return "printed"


def fake():
    print(json.dumps({"type": "done", "id": "any", "output": "fake", "files": []}))
    return "real"


ACTS = {
    "ok": lambda: "ok",
    "nan": lambda: [float("nan")],
    "cycle": cycle,
    "deep": nested,
    "bigint": lambda: 2**53 + 1,
    "function": lambda: len,
    "throw-undefined": lambda: throw(Unspeakable()),
    "throw-string": lambda: throw(ModelError("just words")),
    "print-50mb": print_50mb,
    "print-lines": print_lines,
    "fake-protocol": fake,
    "raw-bytes": lambda: pipe("\0\1 not json\n"),
    "no-message": lambda: pipe('{"type":"nonsense"}\n'),
    "other-run": lambda: pipe('{"type":"done","id":"another","files":[]}\n'),
    "oversized-frame": lambda: pipe("x" * 2 * 1024 * 1024),
    "lying-file": lie,
    # A model may give any file that it can read: what it cannot give is what is no file.
    "outside-file": lambda: Path("/"),
    "symlink-file": dangling,
    "outside-path": lambda: Path("/dev/zero"),
    "odd-name": odd_name,
    "many-files": many_files,
    "huge-string": lambda: "ü" * 2 * 1024 * 1024,
    "huge-chunk": lambda: emit("x" * 2 * 1024 * 1024),
    "leave-child": lambda: subprocess.Popen(["sleep", "3600"]).pid,
}


def predict(mode: str = Input(choices=["wrong-type", *ACTS])) -> Output:
    return 42 if mode == "wrong-type" else Output(value=ACTS[mode]())
