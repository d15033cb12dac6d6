"""The command that installs a project, for the message when its model cannot be loaded from the clone. Called by
run_deepaas.py."""
import contextlib
import importlib.metadata
import os
import shlex
import sys

from ...errors import SetupError


@contextlib.contextmanager
def told_when_not_installed(project):
    """Around the import of the model: a package or a distribution that is not there becomes a SetupError with the
    command, if the folder is a project at all."""
    try:
        yield
    except importlib.metadata.PackageNotFoundError as error:
        # Before ModuleNotFoundError, of which it is a subclass.
        raise _advice(project, error, "the metadata of the distribution %s is asked for, which is not installed" % error.name) from error
    except ModuleNotFoundError as error:
        raise _advice(project, error, "No module named %r" % error.name) from error
    except Exception as error:
        # The error of pkg_resources, which need not be installed.
        if type(error).__name__ != "DistributionNotFound":
            raise
        raise _advice(project, error, str(error)) from error


def _advice(project, error, what):
    if not project.exists:
        return error
    return SetupError("%s; install the project and what it needs: %s" % (what, install_command(project.folder)))


def install_command(folder):
    """For a shell. Into the environment that runs this; when it is none, into one of the model's own."""
    if sys.prefix != sys.base_prefix:
        return "%s -m pip install -e %s" % (shlex.quote(sys.executable), shlex.quote(folder))
    home = os.path.join(folder, ".venv")
    python = os.path.join(home, "bin", "python")
    return "python3 -m venv %s && %s -m pip install -e %s" % tuple(shlex.quote(path) for path in (home, python, folder))
