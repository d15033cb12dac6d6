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
    """Used around the import of the model. When a package or a distribution is missing and the folder is a project,
    it raises a SetupError with the command that installs it."""
    try:
        yield
    except importlib.metadata.PackageNotFoundError as error:
        # Must come before ModuleNotFoundError, because it is a subclass of that.
        raise _advice(project, error, "the metadata of the distribution %s is asked for, which is not installed" % error.name) from error
    except ModuleNotFoundError as error:
        raise _advice(project, error, "No module named %r" % error.name) from error
    except Exception as error:
        # The error belongs to pkg_resources, which may not be installed.
        if type(error).__name__ != "DistributionNotFound":
            raise
        raise _advice(project, error, str(error)) from error


def _advice(project, error, what):
    if not project.exists:
        return error
    return SetupError("%s; install the project and what it needs: %s" % (what, install_command(project.folder)))


def install_command(folder):
    """A command for a shell. It installs into the environment that runs this process. When that is not a virtual
    environment, it makes one for the model."""
    if sys.prefix != sys.base_prefix:
        return "%s -m pip install -e %s" % (shlex.quote(sys.executable), shlex.quote(folder))
    home = os.path.join(folder, ".venv")
    python = os.path.join(home, "bin", "python")
    return "python3 -m venv %s && %s -m pip install -e %s" % tuple(shlex.quote(path) for path in (home, python, folder))
