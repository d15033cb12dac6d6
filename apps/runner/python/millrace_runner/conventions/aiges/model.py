"""A loaded wrapper: the fields that it declares, its abilities, and the meaning of its error codes. Made by
run_aiges.py."""
import os
import sys
import threading

from aiges.fields import DeclaredFields
from aiges.sdk import WrapperBase
from aiges.stream import SessionManager

from ...errors import ModelError, SetupError
from ...find.import_file import import_file, split_ref
from .calls import does, takes
from .config import OWN, AigesOptions, flat_config
from .result import AigesResults

# The platform's hosts construct it with these. Old wrappers take no argument.
_ARGUMENTS = {"legacy": False, "is_aipaas": True, "keep_schema_default_value": True}
SETTLE_SECONDS = 1


class AigesModel:
    """`open`: the session to which results by callback belong, or None. `reader`: the thread that asked for results
    last. `calls_back`: True once a result came by callback; then no thread asks for results."""

    def __init__(self, found, settings):
        file, name = split_ref(found.ref)
        module = import_file(os.path.join(settings.folder, file), "wrapper")
        made = getattr(module, name or "Wrapper", None)
        if not isinstance(made, type):
            raise SetupError("%s has no class %s" % (file, name or "Wrapper"))
        self.wrapper = made(**_ARGUMENTS) if takes(made, _ARGUMENTS) else made()
        self.options = AigesOptions(settings.config)
        self.fields = DeclaredFields(self.wrapper)
        self.results = AigesResults(self.fields.accepts, self.options.strict_results)
        self.once = does(self.wrapper, "wrapperOnceExec", WrapperBase)
        self.once_async = not self.once and does(self.wrapper, "wrapperOnceExecAsync", WrapperBase)
        self.sessions = all(does(self.wrapper, name, WrapperBase) for name in ("wrapperCreate", "wrapperWrite"))
        self.reads = does(self.wrapper, "wrapperRead", WrapperBase)
        self.open = None
        self.reader = None
        self.calls_back = False
        if not (self.once or self.once_async or self.sessions):
            raise SetupError("%s has neither wrapperOnceExec nor wrapperCreate and wrapperWrite" % made.__name__)

    def init(self, config):
        """Calls wrapperInit in the main thread. Raises SetupError when it answers anything but 0."""
        given = {key: value for key, value in config.items() if not str(key).startswith(OWN)}
        flat = flat_config(given, self.options.typed_config)
        if not given:
            # The configuration that the author wrote into the file, for running it by hand.
            flat = dict(getattr(self.wrapper, "config", None) or {})
        if not does(self.wrapper, "wrapperInit", WrapperBase):
            return
        code = self.wrapper.wrapperInit(flat)
        if code is not None and code != 0:
            raise SetupError("wrapperInit failed with %s%s" % (code, _after(self.text_of(code))))

    def fini(self):
        """Calls wrapperFini. Its errors are only logged."""
        try:
            if callable(getattr(self.wrapper, "wrapperFini", None)):
                self.wrapper.wrapperFini()
        except Exception as error:
            sys.stderr.write("wrapperFini raised %s: %s\n" % (type(error).__name__, error))

    def text_of(self, code):
        """The words of wrapperError for a code. Empty when it has none."""
        try:
            return str(self.wrapper.wrapperError(code) or "")
        except Exception:
            return ""

    def error(self, code, otherwise):
        """The error for a code. `otherwise`: says what failed when the wrapper has no words for it."""
        return ModelError(self.text_of(code) or "%s failed with %s" % (otherwise, code), details={"code": code})

    def misuse(self, what):
        """The error for an answer that is not valid. The platform's hosts make it -1."""
        return ModelError(what + _after(self.text_of(-1)), details={"code": -1})

    # --- sessions

    def receive(self, response, tags):
        """Takes a result by callback, from any thread. A result that belongs to no open session came too late and is
        dropped."""
        session = self.open
        if session is not None and session.owns(tags):
            session.take(response)
        else:
            sys.stderr.write("a result was given to a session that is not open; it is dropped\n")

    def worn_out(self):
        """The reason why no session can be opened any more, or None. Only a new process helps then."""
        if self.reader is not None and not self.calls_back:
            self.reader.join(SETTLE_SECONDS)
            if self.reader.is_alive():
                # That call would take the results of the next session.
                return "wrapperRead of a session that has ended does not return"
        manager = getattr(self.wrapper, "session", None)
        pool = manager.handle_pool if isinstance(manager, SessionManager) else None
        if pool is None or not pool.workers or _holds(pool.has_idle, SETTLE_SECONDS):
            return None
        return "all %d handles of the wrapper's pool are taken, and no session is open" % len(pool.workers)


def _holds(fact, seconds):
    """True when a fact becomes true soon: a thread of the wrapper gives its handle back only after its last result."""
    never = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if fact():
            return True
        never.wait(0.01)
    return fact()


def _after(text):
    return ": %s" % text if text else ""
