"""Makes the packages of a clone importable, and their metadata readable, as if the clone had been installed. Metadata
of a package that is really installed wins. Called by the convention `deepaas`, whose models are packages."""
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import re
import sys


def use_clone(project):
    """Makes the project's packages importable, wherever they are in its folder."""
    place = sys.path.index(project.folder) + 1
    sys.path[place:place] = [root for root in project.roots if root not in sys.path]
    if project.package_dirs:
        sys.meta_path.insert(0, _PackageFinder(project.package_dirs))
    if "name" in project.metadata:
        sys.meta_path.append(_MetadataFinder(project.metadata))


class _PackageFinder(importlib.abc.MetaPathFinder):
    """Finds packages whose folder has another name than the package."""

    def __init__(self, folders):
        self._folders = folders

    def find_spec(self, fullname, path=None, target=None):
        folder = self._folders.get(fullname)
        if folder is None:
            return None
        file = os.path.join(folder, "__init__.py")
        if os.path.isfile(file):
            return importlib.util.spec_from_file_location(fullname, file, submodule_search_locations=[folder])
        spec = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [folder]
        return spec


class _MetadataFinder(importlib.metadata.DistributionFinder):
    def __init__(self, said):
        self._said = said

    def find_spec(self, fullname, path=None, target=None):
        return None

    def find_distributions(self, context=importlib.metadata.DistributionFinder.Context()):
        if context.name is None or _normal(context.name) == _normal(self._said["name"]):
            yield _Clone(self._said)


class _Clone(importlib.metadata.Distribution):
    """The distribution that the project would be if it were installed."""

    _KEYS = (("name", "Name"), ("version", "Version"), ("summary", "Summary"), ("author", "Author"), ("license", "License"))

    def __init__(self, said):
        self._said = said

    def read_text(self, filename):
        if filename not in ("METADATA", "PKG-INFO"):
            return None
        said = {"version": "0.0.0", **self._said}
        lines = ["%s: %s" % (key, " ".join(said[field].split())) for field, key in self._KEYS if field in said]
        return "\n".join(["Metadata-Version: 2.1", *lines, ""])

    def locate_file(self, path):
        return path


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
