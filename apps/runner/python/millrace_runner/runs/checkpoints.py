"""The checkpoints of one run: what the model has come to goes to the worker, which keeps it for the next attempt and
answers. Made by run.py, called by the package millrace and by the conventions."""
import collections.abc
import os
import shutil
import threading

from .. import current
from ..errors import InvalidOutput
from ..host.host_pipe import FRAME_BYTES, to_json
from ..values.encode_output import encode_output, to_strict_json

SPILL_BYTES = FRAME_BYTES // 2
STATE_BYTES = 64 * 1024 * 1024
MAX_FILES = 64
NAME_CHARS = 128
_FOLDER = ".checkpoints"


class Kept:
    """What became of a checkpoint; true when it is kept, whatever happens from now on. Else `code` and `message` say
    why it is not; that ends nothing."""

    def __init__(self, code=None, message=None):
        self.kept = code is None
        self.code = code
        self.message = message

    def __bool__(self):
        return self.kept

    def __repr__(self):
        return "Kept()" if self.kept else "Kept(%r, %r)" % (self.code, self.message)


OFF = Kept("off", "Nobody keeps checkpoints here.")


class Resumed:
    """What an earlier attempt at the same job had come to. `state`: as it was given, as JSON gives it back. `files`:
    absolute paths in the run's own folder, by the names that they were given."""

    def __init__(self, state, files):
        self.state = state
        self.files = files


class Checkpoints:
    def __init__(self, run_id, work_dir, send):
        self._id = run_id
        self._work_dir = work_dir
        self._send = send
        self._one_at_a_time = threading.Lock()
        self._answered = threading.Condition()
        self._made = 0
        self._answer = None
        self._is_over = False

    def keep(self, state, files=None):
        """Sends it and waits for the answer. Returns a Kept. In the main thread a stop that was asked for meanwhile is
        raised afterwards, so that what is under way is kept first."""
        with current.session.interrupt:
            with self._one_at_a_time:
                try:
                    return self._keep(state, files)
                except (InvalidOutput, TypeError, ValueError) as error:
                    return Kept("invalid", str(error)[:1024])
                except OSError as error:
                    return Kept("invalid", "a file of it cannot be read or written (%s)" % (error.strerror or "no reason"))

    def heard(self, message):
        """Called in the pipe's thread with the worker's answer."""
        with self._answered:
            if message["number"] == self._made:
                refused = message.get("refused")
                self._answer = Kept(refused["code"], refused["message"]) if refused else Kept()
                self._answered.notify_all()

    def close(self):
        """The run has its answer: nobody will say what became of a checkpoint."""
        with self._answered:
            self._is_over = True
            self._answered.notify_all()

    def _keep(self, state, files):
        # Nothing of it is a file: those go beside it.
        text = to_strict_json(encode_output(state, None)[0])
        size = len(text.encode("utf-8"))
        if size > STATE_BYTES:
            return Kept("too_large", "its state is above 64 MB: put it into a file")
        named = _named(files)
        if len(named) > MAX_FILES:
            return Kept("too_many_files", "it has %d files, and at most %d are kept" % (len(named), MAX_FILES))
        number = self._made + 1
        folder = os.path.join(self._work_dir, _FOLDER, str(number))
        try:
            said = {"type": "checkpoint", "id": self._id, "number": number}
            said["files"] = [{"name": name, "path": self._place(folder, at, file)} for at, (name, file) in enumerate(named)]
            if size <= SPILL_BYTES:
                return self._ask('%s,"state":%s}' % (to_json(said)[:-1], text))
            said["state_path"] = self._place(folder, len(named), text.encode("utf-8"))
            return self._ask(to_json(said))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _ask(self, frame):
        with self._answered:
            self._made += 1
            self._answer = None
            # The worker cannot answer before this thread waits.
            self._send(frame)
            while self._answer is None and not self._is_over:
                self._answered.wait()
            # One that was refused counts as false.
            return Kept("ended", "the run has ended") if self._answer is None else self._answer

    def _place(self, folder, index, file):
        """The path of the file, relative to the run's folder. What lies elsewhere, and bytes, are put there until the
        worker has them."""
        root = os.path.realpath(self._work_dir)
        if not isinstance(file, (bytes, bytearray, memoryview)):
            path = os.path.realpath(os.fspath(file))
            if os.path.commonpath([path, root]) == root:
                return os.path.relpath(path, root)
        os.makedirs(folder, exist_ok=True)
        target = os.path.join(folder, str(index))
        if isinstance(file, (bytes, bytearray, memoryview)):
            with open(target, "xb") as written:
                written.write(file)
        else:
            shutil.copyfile(path, target)
        return os.path.relpath(os.path.realpath(target), root)


def _named(files):
    """[(name, file)] of a dict, or of a list of paths, which have the names of their files."""
    if files is None:
        return []
    if isinstance(files, collections.abc.Mapping):
        named = list(files.items())
    elif isinstance(files, (str, bytes)):
        raise TypeError("files are a dict of names and paths, or a list of paths")
    else:
        named = [(os.path.basename(os.fspath(file)), file) for file in files]
    if len({name for name, _ in named}) < len(named):
        raise ValueError("two files have one name; give a dict of names and paths")
    for name, _ in named:
        if not isinstance(name, str) or not 1 <= len(name) <= NAME_CHARS:
            raise ValueError("the name of a file of a checkpoint has 1 to %d characters" % NAME_CHARS)
    return named
