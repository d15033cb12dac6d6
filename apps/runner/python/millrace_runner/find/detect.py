"""Finds out which convention a model's folder follows. It reads sources and runs none of them. Called by main.py and
missing_imports.py."""
import ast
import glob
import os
import re

from ..errors import SetupError
from .entry_points import GROUP, entry_points_in
from .import_file import split_ref
from .route_view import is_view

CONVENTIONS = ("ai_integration", "deepaas", "aiges", "cog", "predict")


class Found:
    """`ref` is the thing that the convention loads: `file.py`, `file.py:Name` or an entry point `name =
    package.module:attr`. `file` is the absolute path of the model's file, when it has one."""

    def __init__(self, convention, ref, train_ref=None, file=None):
        self.convention = convention
        self.ref = ref
        self.train_ref = train_ref
        self.file = file


def detect(settings):
    """Raises SetupError that says what to write into millrace.yaml."""
    convention, ref = settings.convention, settings.ref
    if convention is not None and convention not in CONVENTIONS:
        raise SetupError("convention %r is none of %s" % (convention, ", ".join(CONVENTIONS)))
    if ref is not None:
        found = _by_ref(settings.folder, convention, ref)
    else:
        found = _by_folder(settings)
    return Found(found.convention, found.ref, settings.train_ref or found.train_ref, found.file)


def _by_ref(folder, convention, ref):
    file = split_ref(ref)[0]
    path = os.path.join(folder, file)
    if not file.endswith(".py"):
        # The name of an entry point, or the module that one would lead to.
        entry = entry_points_in(folder).get(ref) if convention in (None, "deepaas") else None
        return Found(convention or "deepaas", ref if entry is None else "%s = %s" % (ref, entry))
    if not os.path.isfile(path):
        raise SetupError("millrace.yaml names %s, which is not in the folder" % file)
    if convention is None:
        source = _Source(path)
        convention = source.convention()
        if convention is None:
            raise SetupError("%s follows no convention that is known; say `convention: predict` if it has predict(data)" % file)
    return Found(convention, ref, file=path)


def _by_folder(settings):
    folder, convention = settings.folder, settings.convention
    found = _cog_yaml(settings)
    for step in (_entry_points, _wrapper_file, _sources):
        found = found or step(folder, convention)
    if found is not None:
        return found
    if convention is not None:
        raise SetupError("no %s model was found in the folder; name it by `ref:` in millrace.yaml" % convention)
    raise SetupError(
        "no model was found in the folder: there is no cog.yaml, no entry point %s, no wrapper.py, and no Python file that "
        "imports ai_integration or cog or has a predict function; name it by `convention:` and `ref:` in millrace.yaml" % GROUP
    )


def _cog_yaml(settings):
    """`settings.cog` is what the worker read in cog.yaml. When a person starts this program by hand, there is no
    YAML reader, so only plain keys at the left margin are read."""
    said = settings.cog or _plain_keys(os.path.join(settings.folder, "cog.yaml"))
    if settings.convention not in (None, "cog") or said is None:
        return None
    if said["fault"] is not None:
        raise SetupError(said["fault"])
    ref = said["predict"] or said["train"]
    if ref is None:
        return None
    return Found("cog", ref, said["train"], os.path.join(settings.folder, split_ref(ref)[0]))


def _plain_keys(path):
    if not os.path.isfile(path):
        return None
    with open(path, encoding="utf-8") as file:
        keys = dict(re.findall(r"""^(predict|run|train)\s*:\s*["']?([^"'#\n]+?)["']?\s*(?:#.*)?$""", file.read(), re.M))
    return {"fault": None, "predict": keys.get("predict") or keys.get("run"), "train": keys.get("train")}


def _entry_points(folder, convention):
    if convention not in (None, "deepaas"):
        return None
    entries = entry_points_in(folder)
    if len(entries) > 1:
        raise SetupError("the entry points %s are all there; name one by `ref:` in millrace.yaml" % ", ".join(sorted(entries)))
    return next((Found("deepaas", "%s = %s" % entry) for entry in entries.items()), None)


def _wrapper_file(folder, convention):
    path = os.path.join(folder, "wrapper.py")
    if convention not in (None, "aiges") or not os.path.isfile(path):
        return None
    if convention == "aiges" or _Source(path).has_class("Wrapper"):
        return Found("aiges", "wrapper.py", file=path)
    return None


def _sources(folder, convention):
    """The one file of the folder that follows a convention. When there are several, the convention with the clearest
    signs wins."""
    sources = [_Source(path) for path in sorted(glob.glob(os.path.join(folder, "*.py")))]
    for wanted in [convention] if convention else ["ai_integration", "cog", "aiges", "deepaas", "predict"]:
        files = [source for source in sources if wanted in source.conventions()]
        if wanted == "predict":
            # When a file makes a service, the other files are parts of it.
            files = [source for source in files if source.makes_service()] or files
        if len(files) > 1:
            named = ", ".join(os.path.basename(source.path) for source in files)
            raise SetupError("%s all look like %s models; name one by `ref:` in millrace.yaml" % (named, wanted))
        if files:
            name = os.path.basename(files[0].path)
            return Found(wanted, name, file=files[0].path)
    broken = next((source for source in sources if source.error), None)
    if broken is not None:
        raise SetupError("%s cannot be read: %s" % (os.path.basename(broken.path), broken.error))
    return None


class _Source:
    """The imports of a Python file and the definitions at its top level."""

    def __init__(self, path):
        self.path = path
        self.error = None
        self._tree = ast.Module(body=[], type_ignores=[])
        try:
            with open(path, "rb") as file:
                self._tree = ast.parse(file.read(), path)
        except (SyntaxError, ValueError, OSError) as error:
            self.error = str(error)

    def convention(self):
        return next(iter(self.conventions()), None)

    def conventions(self):
        imports = self._imports()
        found = []
        if "ai_integration" in imports:
            found.append("ai_integration")
        if "cog" in imports and self._predicts():
            found.append("cog")
        if self.has_class("Wrapper") and imports & {"aiges", "aiges_embed"}:
            found.append("aiges")
        if self._declares_arguments():
            found.append("deepaas")
        if self._predicts(data=True) or self.makes_service():
            found.append("predict")
        return found

    def makes_service(self):
        """True when the top level of the file makes an object of InferenceService, or of a class made from it."""
        services = {"InferenceService"}
        for node in self._tree.body:
            if isinstance(node, ast.ClassDef) and services & {_last_name(base) for base in node.bases}:
                services.add(node.name)
        made = [node.value for node in self._tree.body if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value]
        return any(isinstance(value, ast.Call) and _last_name(value.func) in services for value in made)

    def has_class(self, name):
        return any(isinstance(node, ast.ClassDef) and node.name == name for node in self._tree.body)

    def _imports(self):
        names = set()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names.add(node.module.split(".")[0])
        return names

    def _declares_arguments(self):
        """True for a function or method get_predict_args: only DEEPaaS has one."""
        bodies = [self._tree.body, *(node.body for node in self._tree.body if isinstance(node, ast.ClassDef))]
        return any(isinstance(node, ast.FunctionDef) and node.name == "get_predict_args" for body in bodies for node in body)

    def _predicts(self, data=False):
        """True for a function or method predict (or Cog's newer run of a Runner) at the top level of the file.
        `data`: a function must take an argument."""
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        for node in self._tree.body:
            if isinstance(node, functions) and node.name == "predict" and not is_view(node):
                if _takes_data(node) or not data:
                    return True
            if isinstance(node, ast.ClassDef):
                names = {item.name for item in node.body if isinstance(item, functions)}
                if "predict" in names or (node.name == "Runner" and "run" in names):
                    return True
        return False


def _last_name(node):
    """The last name of an expression: `InferenceService` for `InferenceService` and for
    `ai_inference_service.InferenceService`."""
    return getattr(node, "attr", None) or getattr(node, "id", None)


def _takes_data(function):
    given = function.args
    return bool(given.args or getattr(given, "posonlyargs", None) or given.vararg or given.kwonlyargs)
