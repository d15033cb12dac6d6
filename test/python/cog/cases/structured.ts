/** Structured outputs: cog.BaseModel, dataclasses, typed dicts, models of pydantic. */
import { type CogModel, fails, file, gives } from './cog-model.ts'

export const structured: CogModel[] = [
  {
    shows: 'a BaseModel with lists, optional fields and defaults',
    model: `from typing import List, Optional
from cog import BaseModel, BasePredictor
class Report(BaseModel):
    title: str
    count: int
    score: float
    passed: bool
    tags: List[str]
    note: Optional[str]
    extra: Optional[List[str]]
    kind: str = "plain"
class Predictor(BasePredictor):
    def predict(self, title: str) -> Report:
        if title == "bare":
            return Report(title=title, count=0, score=0, passed=False, tags=[], note=None, extra=None)
        return Report(title=title, count=2, score=0.5, passed=True, tags=["a"], note="n", extra=["e"], kind="k")
`,
    manifest: { output_schema: { type: 'object', required: ['title', 'count', 'score', 'passed', 'tags'] } },
    tries: [
      [
        { title: 't' },
        gives({ title: 't', count: 2, score: 0.5, passed: true, tags: ['a'], note: 'n', extra: ['e'], kind: 'k' }),
      ],
      [
        { title: 'bare' },
        gives({ title: 'bare', count: 0, score: 0, passed: false, tags: [], note: null, extra: null, kind: 'plain' }),
      ],
    ],
  },
  {
    shows: 'a BaseModel is a dataclass: fields, asdict, replace, equality, order of arguments',
    model: `import dataclasses
from typing import Any, List, Optional
from cog import BaseModel, Path
class Inner(BaseModel):
    value: int
class Outer(BaseModel):
    inner: Inner
    name: str = "n"
    tags: List[str] = dataclasses.field(default_factory=lambda: ["made"])
class Child(Outer):
    more: Optional[str] = None
class Manual(BaseModel, auto_dataclass=False):
    x: int
    def __init__(self, x): self.x = x * 2
def predict(what: str) -> Any:
    one = Outer(inner=Inner(value=4))
    if what == "asdict": return dataclasses.asdict(one)
    if what == "fields": return [field.name for field in dataclasses.fields(Child)]
    if what == "is": return [dataclasses.is_dataclass(kind) for kind in (Outer, Child, one)]
    if what == "replace": return dataclasses.replace(one, name="other")
    if what == "equal": return [one == Outer(Inner(4)), one == Outer(Inner(5)), one.tags is not Outer(Inner(4)).tags]
    if what == "child": return Child(Inner(1), "c", [], "m")
    if what == "manual": return [Manual(3).x, dataclasses.is_dataclass(Manual)]
    if what == "path": return [str(dataclasses.asdict(Weights(Path("a.bin")))["file"])]
    if what == "missing": return Outer(name="n")
    if what == "repr": return repr(Inner(value=4))
class Weights(BaseModel):
    file: Path
`,
    tries: [
      [{ what: 'asdict' }, gives({ inner: { value: 4 }, name: 'n', tags: ['made'] })],
      [{ what: 'fields' }, gives(['inner', 'name', 'tags', 'more'])],
      [{ what: 'is' }, gives([true, true, true])],
      [{ what: 'replace' }, gives({ inner: { value: 4 }, name: 'other', tags: ['made'] })],
      [{ what: 'equal' }, gives([true, false, true])],
      [{ what: 'child' }, gives({ inner: { value: 1 }, name: 'c', tags: [], more: 'm' })],
      [{ what: 'manual' }, gives([6, false])],
      [{ what: 'path' }, gives(['a.bin'])],
      [{ what: 'repr' }, gives('Inner(value=4)')],
      [{ what: 'missing' }, fails(/TypeError: .*inner/)],
    ],
  },
  {
    shows: 'files in a BaseModel, and models in models',
    model: `import tempfile
from typing import List, Optional
from cog import BaseModel, BasePredictor, Path
class Part(BaseModel):
    file: Path
    size: int
class Out(BaseModel):
    ok: bool
    error: Optional[str]
    part: Optional[Part]
    parts: List[Part]
class Predictor(BasePredictor):
    def predict(self, msg: str) -> Out:
        if msg == "": return Out(ok=False, error="empty", part=None, parts=[])
        path = Path(tempfile.mkdtemp()) / "p.txt"
        path.write_text(msg)
        part = Part(file=path, size=len(msg))
        return Out(ok=True, error=None, part=part, parts=[part])
`,
    tries: [
      [{ msg: '' }, gives({ ok: false, error: 'empty', part: null, parts: [] })],
      [
        { msg: 'abc' },
        gives({
          ...{ ok: true, error: null },
          ...{ part: { file: file('abc'), size: 3 }, parts: [{ file: file('abc'), size: 3 }] },
        }),
      ],
    ],
  },
  {
    shows: 'a list and a dict of models, one that contains itself',
    model: `from typing import Dict, List, Optional
from cog import BaseModel
class Node(BaseModel):
    name: str
    below: Optional["Node"] = None
def predict() -> List[Node]:
    return [Node(name="a", below=Node(name="b")), Node(name="c")]
`,
    tries: [
      [
        {},
        gives([
          { name: 'a', below: { name: 'b', below: null } },
          { name: 'c', below: null },
        ]),
      ],
    ],
  },
  {
    shows: 'a model from another file, under another name, from a package beside it',
    model: {
      'predict.py': `import kinds.deep
from cog import BasePredictor
from kinds import Shape as Form
class Predictor(BasePredictor):
    def predict(self, n: int) -> Form:
        return Form(side=n, label=kinds.deep.LABEL)
`,
      'kinds/__init__.py': `from cog import BaseModel
class Shape(BaseModel):
    side: int
    label: str = ""
`,
      'kinds/deep.py': 'LABEL = "deep"\n',
    },
    manifest: { output_schema: { properties: { side: { type: 'integer' } }, required: ['side'] } },
    tries: [[{ n: 4 }, gives({ side: 4, label: 'deep' })]],
  },
  {
    shows: 'a typed dict, whole or with keys that may be missing',
    model: `from typing import TypedDict
import cog
class Base(TypedDict):
    name: str
class Out(Base, total=False):
    count: int
def predict(full: bool = True) -> Out:
    return {"name": "Ada", "count": 3} if full else {"name": "Ada"}
`,
    manifest: { output_schema: { type: 'object' } },
    tries: [
      [{}, gives({ name: 'Ada', count: 3 })],
      [{ full: false }, gives({ name: 'Ada' })],
    ],
  },
  {
    shows: 'opaque fields hold any JSON',
    model: `from typing import Annotated, List
from cog import BaseModel, Opaque
class Odd: pass
class Out(BaseModel):
    one: Annotated[Odd, Opaque]
    many: "Annotated[List[Odd], Opaque]"
def predict(one: Annotated[Odd, Opaque], many: Annotated[List[Odd], Opaque]) -> Out:
    return Out(one=one, many=many)
`,
    tries: [[{ one: { a: 2 }, many: [{ b: 1 }, { b: 2 }] }, gives({ one: { a: 2 }, many: [{ b: 1 }, { b: 2 }] })]],
  },
  {
    shows: 'a model of the real pydantic, with defaults and optional fields',
    packages: true,
    model: `from typing import Dict, List, Optional
import pydantic
from pydantic import BaseModel as Pydantic
from cog import BasePredictor
class Result(Pydantic):
    name: str
    score: float = 0.5
    tags: List[str] = []
    note: Optional[str] = None
    facts: Dict[str, int] = pydantic.Field(default_factory=dict)
class Predictor(BasePredictor):
    def predict(self, name: str, score: float = 0.5) -> Result:
        if name == "wrong": return Result(name=name, score="high")
        return Result(name=name, score=score, tags=["t"])
`,
    manifest: { output_schema: { properties: { name: { type: 'string' } }, required: ['name'] } },
    tries: [
      [{ name: 'Ada', score: 0.95 }, gives({ name: 'Ada', score: 0.95, tags: ['t'], note: null, facts: {} })],
      [{ name: 'wrong' }, fails(/model_error: .*Result/)],
    ],
  },
]
