"""One run of the model, as its convention sees it: the input, and the messages that it may send while it runs. Made
by session.py."""
import json
import os
import threading
import time

from ..errors import InvalidInput
from ..host.host_pipe import FRAME_BYTES, to_json
from ..values.encode_output import describe_files, encode_output, keep_files, plain_notes, to_strict_json
from ..values.input_file import InputFile
from ..values.json_pointer import place_at
from ..values.output_folder import OutputFolder
from .checkpoints import Checkpoints, Resumed

# A larger JSON value travels as a file. This leaves half a frame for the rest of the message.
SPILL_BYTES = FRAME_BYTES // 2
LOG_CHARS = 8 * 1024
# The most that a model may add to an error or a result.
NOTE_BYTES = 4 * 1024
PRINTED_CHARS = 64 * 1024


class Run:
    """`kind`: prediction or training. `input`: the JSON value with an InputFile in place of each file. `work_dir`:
    the run's own folder, deleted afterwards. `canceled`: whether it was asked to stop."""

    def __init__(self, order, send):
        self.id = order["id"]
        self.kind = order.get("kind", "prediction")
        self.work_dir = order["work_dir"]
        # It was sent ahead, and begins without the worker.
        self.was_held = "held" in order
        # What it prints is told by messages: in the pipe of the process nobody could tell whose it is.
        self.tells_text = self.was_held
        # Set once it, or a process that it started, may have printed.
        self.has_printed = False
        self.canceled = False
        self.interrupted = False
        self.answered = False
        self.metrics = {}
        self.chunks = []
        self._send = send
        self._order = order
        self._lock = threading.Lock()
        self._input = None
        self._resumed = None
        # The worker is about to stop.
        self.draining = False
        self.checkpoints = Checkpoints(self.id, self.work_dir, self._tell)
        self.outputs = OutputFolder(self.work_dir, time.time())
        # Called in the pipe's thread when the run is asked to stop. A convention may set it.
        self.on_cancel = None

    @property
    def input(self):
        if self._input is None:
            self._input = self._read_input()
        return self._input

    def _read_input(self):
        path = self._order.get("input_path")
        if path is None:
            value = self._order.get("input")
        else:
            with open(path, encoding="utf-8") as file:
                value = json.load(file)
        for file in self._order["files"]:
            placed = InputFile(
                os.path.join(self.work_dir, file["path"]), file["name"], file["content_type"], file["size"], file["sha256"]
            )
            if not place_at(value, file["pointer"], placed):
                raise InvalidInput("a file has no place in the input")
        return value

    @property
    def resumed(self):
        """What an earlier attempt had come to, as a Resumed. None: the run begins anew."""
        given = self._order.get("resumed")
        if self._resumed is None and given is not None:
            state = given.get("state")
            if given.get("state_path") is not None:
                with open(os.path.join(self.work_dir, given["state_path"]), encoding="utf-8") as file:
                    state = json.load(file)
            files = {file["name"]: os.path.join(self.work_dir, file["path"]) for file in given["files"]}
            self._resumed = Resumed(state, files)
        return self._resumed

    def checkpoint(self, state, files=None):
        """Keeps what the run has come to, so that the next attempt goes on from there. See docs/models.md."""
        kept = self.checkpoints.keep(state, files)
        if not kept and kept.code not in ("too_often", "off"):
            self.log("a checkpoint was not kept: %s" % kept.message, "warn")
        return kept

    def progress(self, fraction, message=None):
        """`fraction` from 0 to 1."""
        said = {"type": "progress", "id": self.id, "fraction": min(max(float(fraction), 0.0), 1.0)}
        self._say(dict(said, message=str(message)) if message is not None else said)

    def log(self, message, level="info"):
        """`level`: debug, info, warn or error."""
        # One character more than is kept, so that the worker can tell that the line was cut.
        self._say({"type": "log", "id": self.id, "level": level, "message": str(message)[: LOG_CHARS + 1]})

    def printed(self, stream, text):
        """Sends a piece of text printed on `stdout` or `stderr`, with its newlines. Long text is sent in several
        frames."""
        for at in range(0, len(text), PRINTED_CHARS):
            piece = text[at : at + PRINTED_CHARS]
            self._say({"type": "log", "id": self.id, "level": "info", "stream": stream, "message": piece})

    def printed_to(self, stream, name):
        """From here on, text that it prints on that stream comes through this named pipe in its folder."""
        self._say({"type": "log", "id": self.id, "level": "info", "stream": stream, "message": "", "path": name})

    def emit(self, chunk):
        """Sends one piece of a streamed output. A file in it is described, not carried. Returns the piece as it was
        sent, fit for `chunks`, because the model may change its own object later. Raises InvalidOutput."""
        value, files = encode_output(chunk, self.outputs)
        text = to_strict_json(value)
        self._say({"type": "output", "id": self.id, "chunk": describe_files(value, files)})
        self.outputs.keep_chunk('{"chunk":%s,"files":%s}' % (text, to_json(files)))
        return keep_files(value, files)

    def _say(self, message):
        self._tell(to_json(message))

    def _tell(self, frame):
        with self._lock:
            if not self.answered:
                self._send(frame)

    def begin_again(self):
        """The call in which it was has failed, and it is called again."""
        self._say({"type": "began", "id": self.id})

    def while_unanswered(self, act):
        """Calls `act` unless the run has its answer. No answer is given meanwhile."""
        with self._lock:
            if not self.answered:
                act()

    def answer(self, message, output=None, has_output=False, before=None):
        """Ends the run with exactly one message. A second answer is ignored and returns False. `before` is called just
        before it is sent. Raises InvalidOutput."""
        noted = {key: self._small(key, message[key]) for key in ("metrics", "details") if message.get(key)}
        said = {key: value for key, value in {**message, "id": self.id, **noted}.items() if value is not None}
        frame = self._framed(said, output) if has_output else to_json(said)
        if before is not None:
            before()
        with self._lock:
            if self.answered:
                return False
            self._send(frame)
            self.answered = True
        self.checkpoints.close()
        return True

    def _small(self, name, notes):
        """The notes that are JSON. None when there are none, or when they are too large."""
        plain = plain_notes(notes, "metric" if name == "metrics" else "detail", self.log)
        if len(to_json(plain).encode("utf-8")) <= NOTE_BYTES:
            return plain or None
        self.log("the %s were left out: they are no JSON of at most %d KB" % (name, NOTE_BYTES // 1024), "warn")
        return None

    def _framed(self, said, output):
        value, files = encode_output(output, self.outputs)
        text = to_strict_json(value)
        said["files"] = files
        if len(text.encode("utf-8")) <= SPILL_BYTES:
            return '%s,"output":%s}' % (to_json(said)[:-1], text)
        return to_json(dict(said, output_path=self.outputs.spill(text)))
