/** What hangs on the version of Cog that a model has installed or pins: the table in docs/models.md. */
import { type CogModel, fails, gives, refused, type Try } from './cog-model.ts'

const pinned = (version: string): Pick<CogModel, 'cogYaml'> => ({
  cogYaml: `predict: "predict.py:Predictor"\nbuild:\n  python_packages:\n    - cog==${version}\n`,
})
const OLD = ['0.9.26', '0.16.12']
const NEW = ['0.17.2', '0.23.1']

const TELLS = `import cog
class Predictor:
    def predict(self) -> str: return cog.__version__
`
const CANCELATION = `from cog.server.exceptions import CancelationException
class Predictor:
    def predict(self) -> bool: return issubclass(CancelationException, Exception)
`
const UNION = `from typing import List, Union
from cog import BasePredictor
class Predictor(BasePredictor):
    def predict(self, x: Union[str, float] = "-", n: Union[List[int], List[float]] = []) -> str: return f"{x!r} {n}"
`
const OPTIONAL = `from typing import Optional
from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(self, told: Optional[str] = Input(description="T"), bare: Optional[str] = None) -> str: return f"{told} {bare}"
`
const BARE_OPTIONAL = `from typing import Optional
from cog import BasePredictor
class Predictor(BasePredictor):
    def predict(self, bare: Optional[str]) -> str: return f"{bare}"
`
const BOTH = `from cog import BasePredictor
class Predictor(BasePredictor):
    def run(self, s): return s * 2
    def predict(self, s: str) -> str: return self.run(s)
`
const OUTPUT = `from typing import List, Optional
from cog import BaseModel, BasePredictor, Path
class Inner(BaseModel):
    n: int = 1
class Out(BaseModel):
    name: str
    score: float = 0.5
    note: Optional[str] = None
    tags: List[str] = []
    inner: Inner = Inner()
    file: Optional[Path] = None
class Predictor(BasePredictor):
    def predict(self, how: str = "") -> Out:
        if how == "set": return Out(name="a", score=0.5, inner=Inner(n=2))
        if how == "wrong": return Out(name="a", score="high")
        if how == "text": return Out(name="a", score="0.25")
        return Out(name="a")
`
const ALL = { name: 'a', score: 0.5, note: null, tags: [], inner: { n: 1 }, file: null }
const row = (version: string, shows: string, model: string, tries: Try[], more: Partial<CogModel> = {}): CogModel => ({
  ...{ shows: `${version}: ${shows}`, model, ...pinned(version), tries, ...more },
})

export const versions: CogModel[] = [
  ...[...OLD, ...NEW].flatMap((version) => [
    row(version, 'the version of the package is told', TELLS, [[{}, gives(version)]]),
    row(version, 'what breaks a run off', CANCELATION, [[{}, gives(OLD.includes(version))]]),
  ]),
  ...OLD.map((version) =>
    row(version, 'a union makes a last resort of what can be made', UNION, [
      [{ x: 'a' }, gives("'a' []")],
      [{ x: true }, gives('1.0 []')],
      [{ n: ['3'] }, gives("'-' [3]")],
      [{ x: [] }, refused],
    ]),
  ),
  ...NEW.map((version) =>
    row(version, 'a union makes nothing into another', UNION, [
      [{ x: 'a' }, gives("'a' []")],
      [{ x: true }, refused],
      [{ n: ['3'] }, refused],
    ]),
  ),
  row('0.13.7', 'Optional with Input() has to be said', OPTIONAL, [
    [{}, refused],
    [{ told: null }, gives('None None')],
    [{ told: 'a' }, gives('a None')],
  ]),
  ...['0.14.12', '0.16.12', '0.23.1'].map((version) =>
    row(version, 'Optional with Input() is None', OPTIONAL, [
      [{}, gives('None None')],
      [{ told: 'a', bare: 'b' }, gives('a b')],
    ]),
  ),
  ...OLD.map((version) =>
    row(version, 'Optional alone has to be said', BARE_OPTIONAL, [
      [{}, refused],
      [{ bare: null }, gives('None')],
    ]),
  ),
  row('0.17.2', 'Optional alone is None', BARE_OPTIONAL, [[{}, gives('None')]]),
  row('0.19.3', 'run beside predict is its own business', BOTH, [[{ s: 'a' }, gives('aa')]]),
  row('0.20.0', 'run and predict are one too many', BOTH, [], { notLoaded: /either run\(\) or predict\(\)/ }),
  ...OLD.map((version) =>
    row(
      version,
      'BaseModel is that of pydantic, and what was not set is not in the output',
      OUTPUT,
      [
        [{}, gives({ name: 'a' })],
        [{ how: 'set' }, gives({ name: 'a', score: 0.5, inner: { n: 2 } })],
        [{ how: 'text' }, gives({ name: 'a', score: 0.25 })],
        [{ how: 'wrong' }, fails(/model_error: .*score/s)],
      ],
      { packages: true },
    ),
  ),
  row(
    '0.23.1',
    'BaseModel is a dataclass, and the output whole',
    OUTPUT,
    [
      [{}, gives(ALL)],
      [{ how: 'set' }, gives({ ...ALL, inner: { n: 2 } })],
      [
        { how: 'wrong' },
        fails(/invalid_output: \/score/, { differs: 'outputs are held to their annotation, whatever the version' }),
      ],
    ],
    { packages: true },
  ),
  row(
    '0.16.12',
    'options of Input() by position, Field() of pydantic for a parameter, lists as defaults',
    `from typing import List
from pydantic import Field
from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(
        self,
        a: int = Input(3, "How many", 1, 5),
        b: float = Field(default=0.5, ge=0, le=1, description="B"),
        c: List[str] = Field(default_factory=lambda: ["made"]),
        d: List[str] = Input(default=["x"]),
        e: str = Field(default="q", min_length=1, max_length=2),
    ) -> str:
        d.append("+")
        c.append("+")
        return f"{a} {b} {c} {d} {e}"
`,
    [
      [{}, gives("3 0.5 ['made', '+'] ['x', '+'] q")],
      [{}, gives("3 0.5 ['made', '+'] ['x', '+'] q")],
      [{ a: 5, b: 1, c: [], d: [], e: 'ab' }, gives("5 1.0 ['+'] ['+'] ab")],
      [{ a: 6 }, refused],
      [{ b: 1.5 }, refused],
      [{ e: 'abc' }, refused],
    ],
    {
      packages: true,
      manifest: {
        input_schema: {
          properties: { a: { description: 'How many', default: 3, minimum: 1 }, b: { description: 'B', maximum: 1 } },
        },
      },
    },
  ),
  row(
    '0.17.2',
    'field() of dataclasses as a default makes it for each run',
    `import dataclasses
from typing import List
from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(
        self,
        a: List[int] = Input(default=dataclasses.field(default_factory=lambda: [1])),
        b: int = Input(default=dataclasses.field(default=4)),
    ) -> str:
        a.append(2)
        return f"{a} {b}"
`,
    [
      [{}, gives('[1, 2] 4')],
      [{}, gives('[1, 2] 4')],
      [{ a: [] }, gives('[2] 4')],
    ],
  ),
  row(
    '0.23.1',
    'a default_factory for Input() is refused with what to do',
    'from cog import Input\nclass Predictor:\n    def predict(self, a: list = Input(default_factory=list)) -> str: return ""\n',
    [],
    { notLoaded: /default_factory/ },
  ),
  ...(
    [
      [
        'installed, whatever is pinned',
        { 'cog-0.15.11.dist-info/METADATA': '', 'requirements.txt': 'cog==0.9.1\n' },
        '0.15.11',
      ],
      ['of requirements.txt', { 'requirements.txt': 'numpy\ncog == 0.9.4  # old\n' }, '0.9.4'],
      ['compatible, of requirements.txt', { 'requirements.txt': 'cog~=0.13.2\n' }, '0.13.2'],
      ['none that is a range', { 'requirements.txt': 'cog>=0.9\ncogapp==1.0\n' }, '0.23.1'],
      ['none', {}, '0.23.1'],
    ] as [string, Record<string, string>, string][]
  ).map(
    ([shows, files, version]): CogModel => ({
      ...{ shows: `the version is ${shows}`, model: { 'predict.py': TELLS, ...files } },
      ...{ cogYaml: 'predict: "predict.py:Predictor"\n', tries: [[{}, gives(version)]] },
    }),
  ),
]
