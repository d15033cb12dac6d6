"""DEEPaaS V2: a module, object or class behind the entry point `deepaas.v2.model`. It is loaded and warmed once, and
one process runs all jobs, so what `warm` keeps stays. Called by main.py."""
import functools
import importlib
import inspect
import os
import re
import sys

from deepaas.model.v2.base import BaseModel

from ...errors import InvalidInput, InvalidOutput, SetupError
from ...find.import_file import import_file
from ...project.clone_imports import use_clone
from ...project.project import Project
from ...runs.serve import serve
from ..instances import instance_of, the_one
from .arguments import Arguments
from .errors import answer_to, not_implemented
from .install import told_when_not_installed
from .library import told_when_missing
from .response import Accept, Response

_FUNCTIONS = ("get_metadata", "warm", "get_predict_args", "predict", "get_train_args", "train")
_METADATA_KEY = "x-deepaas-metadata"


def run(found, session):
    project = Project(session.settings.folder)
    use_clone(project)
    with told_when_not_installed(project):
        name, model = load(found.ref, session.settings)
    model = Model(name, model, project.metadata)
    session.ready(**model.manifest)
    serve(session, model.predict, model.train)


def load(ref, settings):
    """The name of the model, and the model."""
    name, target = split_entry_point(ref)
    place, _, attribute = target.partition(":")
    with told_when_missing():
        if place.endswith(".py"):
            module = import_file(os.path.join(settings.folder, place), os.path.splitext(os.path.basename(place))[0])
        else:
            module = importlib.import_module(place)
    try:
        thing = functools.reduce(getattr, attribute.split("."), module) if attribute else model_in(module)
    except AttributeError as error:
        raise SetupError("%s has no %s" % (place, attribute)) from error
    return name, made(thing, settings.config)


def split_entry_point(ref):
    """Splits `name = package.module:attr [extra]`. When only the part behind the equals sign is given, the module is
    the name."""
    name, _, target = ref.rpartition("=")
    target = re.sub(r"\s*\[.*\]\s*$", "", target).strip()
    return name.strip() or target, target


def model_in(module):
    """The module itself, or the one class or object in it that is a model."""
    if any(callable(getattr(module, name, None)) for name in _FUNCTIONS):
        return module
    own = [value for value in vars(module).values() if getattr(value, "__module__", None) == module.__name__]
    classes = [value for value in own if inspect.isclass(value) and callable(getattr(value, "get_predict_args", None))]
    objects = [value for value in vars(module).values() if type(value) in classes]
    things = objects or classes
    return the_one(things, [getattr(thing, "__name__", type(thing).__name__) for thing in things]) if things else module


def made(thing, config):
    """A class whose functions are all static or class methods is the model itself. Any other class is made into an
    object."""
    if not inspect.isclass(thing):
        return thing
    given = [inspect.getattr_static(thing, name) for name in _FUNCTIONS if hasattr(thing, name)]
    if given and all(isinstance(function, (staticmethod, classmethod)) for function in given):
        return thing
    return instance_of(thing, config)


class Model:
    """`manifest`: the model's description of itself. `predict(run)` and `train(run)` return the output of a run."""

    def __init__(self, name, model, project):
        """`project`: the description in the files of its project, by the names of Project.metadata."""
        self._name = name
        self._project = project
        self._predict = self._function("predict", model)
        self._train = self._function("train", model)
        if self._predict is None and self._train is None:
            raise SetupError("%s has neither predict nor train; name the model by `ref:` in millrace.yaml" % name)
        with told_when_missing():
            self._predict_args = Arguments(self._call(model, "get_predict_args", {}), "get_predict_args")
            self._train_args = Arguments(self._call(model, "get_train_args", {}), "get_train_args")
            self._accept = Accept(self._predict_args)
            self._response = Response(getattr(model, "schema", None), self._accept)
        self.manifest = self._manifest(model)
        self._call(model, "warm", None)

    @staticmethod
    def _function(name, model):
        function = getattr(model, name, None)
        # A method inherited from the base class does not count.
        inherited = getattr(function, "__func__", None) is getattr(BaseModel, name)
        return function if callable(function) and not inherited else None

    def _call(self, model, name, otherwise):
        """The result of a function of the model, or `otherwise` when the model lacks the function."""
        function = self._function(name, model)
        try:
            return otherwise if function is None else function()
        except NotImplementedError:
            return otherwise

    def _metadata(self, model):
        """The model's description of itself. A model whose description fails can still be served."""
        try:
            said = self._call(model, "get_metadata", None)
        except Exception as error:
            words = "get_metadata raised %s: %s; the model is served without what it would say of itself"
            print(words % (type(error).__name__, error), file=sys.stderr, flush=True)
            return {}
        try:
            return dict(said or {})
        except (TypeError, ValueError):
            return {}

    def _manifest(self, model):
        said = self._metadata(model)
        # Older templates return the headers of a package, which begin with a capital letter.
        by_key = {str(key).lower(): value for key, value in said.items() if value}
        by_key = {**self._project, **by_key}
        version = str(by_key.get("version") or "")
        nothing = "Could not load description from underlying model (loaded '%s')" % self._name
        manifest = {
            "description": str(by_key.get("description") or by_key.get("summary") or nothing)[:4096],
            "version": version if 1 <= len(version) <= 64 else None,
            "input_schema": dict(self._predict_args.schema, **{_METADATA_KEY: plain(said)}),
            "output_schema": self._response.output_schema,
        }
        if self._train is not None:
            manifest["training"] = {"input_schema": self._train_args.schema, "output_schema": {}}
        return manifest

    def predict(self, run):
        if self._predict is None:
            raise not_implemented(self._name)
        arguments = self._answered(self._predict_args.load, self._accept.ask(run.input))
        return self._response.encode(self._answered(self._predict, **arguments), self._accept.chosen(arguments))

    def train(self, run):
        if self._train is None:
            raise not_implemented(self._name)
        return self._answered(self._train, **self._answered(self._train_args.load, run.input))

    def _answered(self, function, *args, **kwargs):
        try:
            return function(*args, **kwargs)
        except (InvalidInput, InvalidOutput):
            raise
        except Exception as error:
            raise answer_to(error, self._name) from error


def plain(said):
    """Metadata as JSON. Values that are not JSON become text."""
    if isinstance(said, dict):
        return {str(key): plain(value) for key, value in said.items()}
    if isinstance(said, (list, tuple)):
        return [plain(item) for item in said]
    return said if said is None or isinstance(said, (str, bool, int)) else str(said)
