"""The runner's end of the two pipes: newline-framed JSON of at most 1 MB. A thread of its own reads the frames, so that
a cancel is heard while the model runs. Made by session.py."""
import json
import os
import threading
import traceback

from ..errors import InvalidOutput

FROM_HOST = 3
TO_HOST = 4
FRAME_BYTES = 1024 * 1024
# Made once, because json.dumps makes a new encoder for every call whose options are not the defaults.
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_json(value):
    """The JSON text of a value that `encode` made. Half a surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    text = _encoder.encode(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


class HostPipe:
    def __init__(self, shield):
        """`shield`: a context in which the main thread is not interrupted."""
        self._shield = shield
        self._lock = threading.Lock()
        self._is_ours = True
        # A program that the model starts, or a process that it forks, must not hold the pipes open.
        for descriptor in (FROM_HOST, TO_HOST):
            os.set_inheritable(descriptor, False)
        os.register_at_fork(before=self._lock.acquire, after_in_parent=self._lock.release, after_in_child=self._let_go)

    def send(self, message):
        """Writes before it returns, so that the message is sent whatever the model does next. Raises InvalidOutput
        for a message that is larger than a frame."""
        self.send_text(to_json(message))

    def send_text(self, text):
        frame = text.encode("utf-8") + b"\n"
        if len(frame) > FRAME_BYTES:
            raise InvalidOutput("a message is larger than 1 MB; put large data into a file")
        with self._shield, self._lock:
            # A process that the model forked must not write here: in it, that descriptor may be something else.
            view = memoryview(frame if self._is_ours else b"")
            while view:
                try:
                    view = view[os.write(TO_HOST, view):]
                except BlockingIOError:
                    # A library of the model may have made the pipe non-blocking.
                    os.set_blocking(TO_HOST, True)
                except OSError:
                    # Nobody reads any more.
                    os._exit(0)

    def listen(self, on_message, on_end):
        """Calls back in a thread for each message, and once when the worker has closed its end."""
        threading.Thread(target=self._read, args=(on_message, on_end), name="millrace-pipe", daemon=True).start()

    @staticmethod
    def _read(on_message, on_end):
        try:
            with os.fdopen(FROM_HOST, "rb", buffering=1 << 16, closefd=False) as frames:
                for line in frames:
                    on_message(json.loads(line))
        except BaseException:  # noqa: B902 - deaf to the worker, this process is of no use
            try:
                traceback.print_exc()
            finally:
                os._exit(1)
        on_end()

    def _let_go(self):
        self._lock = threading.Lock()
        self._is_ours = False
        for descriptor in (FROM_HOST, TO_HOST):
            try:
                os.close(descriptor)
            except OSError:
                pass
