"""Finds the version of cog that a model runs with: the one installed in its environment, else the one that cog.yaml
or requirements.txt pins, else the newest that is known here. docs/models.md has a table of the differences."""
import os
import re
import sys

from millrace_runner import current

NEWEST = "0.23.1"
_INSTALLED = re.compile(r"cog-(\d[\w.]*?)(?:-py[\d.]+)?\.(?:dist|egg)-info")
_PIN = re.compile(r"^\s*cog\s*(?:\[[^\]]*\]\s*)?(?:===?|~=)\s*v?(\d[\w.]*)", re.M)


def find_version(settings):
    """The version as text. `settings`: those of the runner, or None in a process that the model spawned, which has
    only its own environment."""
    return _installed() or _pinned(settings) or NEWEST


def _installed():
    for place in sys.path:
        try:
            names = os.listdir(place or ".")
        except OSError:
            continue
        found = next(filter(None, map(_INSTALLED.fullmatch, names)), None)
        if found:
            return found.group(1)
    return None


def _pinned(settings):
    if settings is None:
        return None
    pin = (settings.cog or {}).get("sdk")
    if pin and _numbers(pin):
        return pin
    try:
        with open(os.path.join(settings.folder, "requirements.txt"), encoding="utf-8") as file:
            found = _PIN.search(file.read())
    except (OSError, UnicodeDecodeError):
        return None
    return found and found.group(1)


def _numbers(text):
    found = re.match(r"v?(\d+)\.(\d+)", text)
    return found and tuple(map(int, found.groups()))


VERSION = find_version(getattr(current.session, "settings", None))
_RUNS_WITH = _numbers(VERSION) or _numbers(NEWEST)


def at_least(major, minor):
    """True when the model runs with this version or a later one."""
    return _RUNS_WITH >= (major, minor)
