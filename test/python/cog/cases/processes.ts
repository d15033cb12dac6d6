/** Setting up, state between runs, async models, metrics and scope, training, what cog.yaml says. */
import { type CogModel, fails, gives, refused } from './cog-model.ts'

const METRICS = `from cog import BasePredictor, current_scope
class Predictor(BasePredictor):
    def predict(self, name: str = "", value: str = "x") -> str:
        scope = current_scope()
        if name: scope.record_metric(name, value)
        else:
            scope.record_metric("heat", 0.7)
            scope.record_metric("tokens", 1, mode="incr")
            scope.record_metric("tokens", 2, mode="incr")
            scope.record_metric("tags", "a", mode="append")
            scope.record_metric("tags", "b", mode="append")
            scope.record_metric("timing.load", 0.1)
            scope.record_metric("gone", 1)
            scope.record_metric("gone", None)
            scope.metrics["plain"] = "hello"
            self.record_metric("own", 3)
        return "ok"
`
const badName = (name: string, message = /model_error: ValueError/): [object, ReturnType<typeof fails>] => [
  { name },
  fails(message),
]

export const processes: CogModel[] = [
  {
    shows: 'what setup made is there, and state stays between runs',
    model: `from cog import BasePredictor
seen = []
class Predictor(BasePredictor):
    def setup(self) -> None:
        self.foo = "foo"
        self.calls = 0
    def predict(self, item: str) -> str:
        seen.append(item)
        self.calls += 1
        return f"{self.foo} {self.calls} {seen}"
`,
    tries: [
      [{ item: 'a' }, gives("foo 1 ['a']")],
      [{ item: 'b' }, gives("foo 2 ['a', 'b']")],
      [{ item: 'c' }, gives("foo 3 ['a', 'b', 'c']")],
    ],
  },
  {
    shows: 'a class that derives from nothing of Cog',
    model:
      'from cog import Input\nclass Predictor:\n    def predict(self, text: str = Input(default="x")) -> str: return "hello " + text\n',
    tries: [
      [{ text: 'you' }, gives('hello you')],
      [{}, gives('hello x')],
    ],
  },
  {
    shows: 'a method that is inherited, over two files',
    model: {
      'predict.py': 'from base import Shared\nclass Predictor(Shared):\n    pass\n',
      'base.py':
        'from cog import BaseRunner\nclass Shared(BaseRunner):\n    def run(self, s: str) -> str: return s + s\n',
    },
    cogYaml: 'run: "predict.py:Predictor"\n',
    tries: [
      [{ s: 'a' }, gives('aa')],
      [{}, refused],
    ],
  },
  {
    shows: 'run and predict in one class',
    model: `class Runner:
    def run(self, s: str) -> str: return s
    def predict(self, s: str) -> str: return s
`,
    cogYaml: 'run: "predict.py:Runner"\n',
    notLoaded: /either run\(\) or predict\(\)/,
  },
  {
    shows: 'neither run nor predict in the class',
    model: 'class Runner:\n    def setup(self): pass\n',
    cogYaml: 'run: "predict.py:Runner"\n',
    notLoaded: /run or predict/,
  },
  {
    shows: 'a name that the file does not have',
    model: 'import cog\n',
    cogYaml: 'run: "predict.py:Runner"\n',
    notLoaded: /Runner/,
  },
  {
    shows: 'a predictor in a folder below, which imports from the top',
    model: {
      'sub-folder/predict.py':
        'from cog import BasePredictor\nfrom lib import join\nclass Predictor(BasePredictor):\n    def predict(self, s: str) -> str: return join("hello", s)\n',
      'lib.py': 'def join(a, b): return a + " " + b\n',
    },
    cogYaml: 'predict: "sub-folder/predict.py:Predictor"\n',
    tries: [[{ s: 'you' }, gives('hello you')]],
  },
  {
    shows: 'a function by its name, beside others',
    model: 'import cog\ndef other() -> int: return 1\ndef shout(prompt: str) -> str: return prompt.upper()\n',
    cogYaml: 'predict: "predict.py:shout"\n',
    tries: [[{ prompt: 'hey' }, gives('HEY')]],
  },
  {
    shows: 'the variables of cog.yaml',
    model:
      'import os, cog\nAT_IMPORT = os.environ["COLOR"]\ndef predict(name: str) -> str: return AT_IMPORT + os.getenv(name, "-")\n',
    cogYaml: 'predict: "predict.py:predict"\nenvironment:\n  - COLOR=red\n  - EMPTY=\n  - PAIR=a=b\n',
    tries: [
      [{ name: 'COLOR' }, gives('redred')],
      [{ name: 'EMPTY' }, gives('red')],
      [{ name: 'PAIR' }, gives('reda=b')],
      [{ name: 'ABSENT' }, gives('red-')],
    ],
  },
  {
    shows: 'an async predict, and as many at once as cog.yaml says',
    model: `import asyncio
from cog import BasePredictor
class Predictor(BasePredictor):
    async def setup(self) -> None: self.lock = asyncio.Lock()
    async def predict(self, s: str, sleep: float = 0.0) -> str:
        async with self.lock:
            await asyncio.sleep(sleep)
        if s == "": raise ValueError("nothing to say")
        return "up " + s
`,
    cogYaml: 'predict: "predict.py:Predictor"\nconcurrency:\n  max: 5\n',
    manifest: { concurrency: 5 },
    tries: [
      [{ s: 'Ada', sleep: 0.01 }, gives('up Ada')],
      [{ s: '', sleep: '0' }, fails(/nothing to say/)],
      [{ s: 'Ada', sleep: 'x' }, refused],
    ],
  },
  {
    shows: 'an async setup beside a sync predict',
    model: 'class Predictor:\n    async def setup(self): pass\n    def predict(self) -> str: return ""\nimport cog\n',
    notLoaded: /async setup/,
  },
  {
    shows: 'a setup that raises',
    model:
      'class Predictor:\n    def setup(self): raise RuntimeError("no weights")\n    def predict(self) -> str: return ""\nimport cog\n',
    notLoaded: /no weights/,
  },
  {
    shows: 'sys.exit in predict',
    model: 'import sys, cog\ndef predict(leave: bool = False) -> str:\n    if leave: sys.exit(1)\n    return "alive"\n',
    tries: [
      [
        { leave: true },
        { crashed: true, differs: 'the process ends, as the model asked; the job says so and the next gets a new one' },
      ],
      [{ leave: false }, gives('alive')],
    ],
  },
  {
    shows: 'metrics of a run',
    model: METRICS,
    tries: [
      [
        {},
        gives('ok', {
          metrics: { heat: 0.7, tokens: 3, tags: ['a', 'b'], timing: { load: 0.1 }, plain: 'hello', own: 3 },
        }),
      ],
      [{ name: 'fine_name.a1' }, gives('ok', { metrics: { fine_name: { a1: 'x' } } })],
      ...([
        '_a',
        'a__b',
        'a_',
        '.a',
        'a..b',
        'a.',
        '1a',
        'a-b',
        'predict_time',
        'cog.x',
        'a.b.c.d.e',
        'a'.repeat(129),
      ].map((name) => badName(name)) as [Record<string, unknown>, ReturnType<typeof fails>][]),
      [{ name: 'a'.repeat(128) }, gives('ok')],
    ],
  },
  {
    shows: 'the older way to note a metric',
    model:
      'import cog\nfrom cog import emit_metric\ndef predict() -> str:\n    emit_metric("a", 42)\n    cog.emit_metric("b", 10)\n    return "ok"\n',
    tries: [[{}, gives('ok', { metrics: { a: 42, b: 10 } })]],
  },
  {
    shows: 'metrics of a stream, and the context of a run',
    model: `from typing import Iterator
from cog import current_scope, streaming
@streaming
def predict() -> Iterator[str]:
    current_scope().record_metric("heat", 0.7)
    yield f"context {len(current_scope().context)}"
    current_scope().record_metric("tokens", 2, mode="incr")
`,
    tries: [[{}, gives(['context 0'], { metrics: { heat: 0.7, tokens: 2 } })]],
  },
  {
    shows: 'what is printed is the log of the run',
    model:
      'import cog, sys\ndef predict(s: str) -> str:\n    print("out", s)\n    print("err", s, file=sys.stderr)\n    return s\n',
    tries: [[{ s: 'x' }, gives('x', { logs: /out x[^]*err x|err x[^]*out x/ })]],
  },
  {
    shows: 'training beside predictions, in a file of its own',
    model: {
      'predict.py':
        'from cog import BasePredictor\nclass Predictor(BasePredictor):\n    def predict(self, s: str) -> str: return "hello " + s\n',
      'train.py': `from cog import BaseModel, Input, Path
class Trained(BaseModel):
    weights: Path
def train(n: int = Input(ge=1)) -> Trained:
    with open("weights.bin", "w") as file: file.write("a" * n)
    return Trained(weights=Path("weights.bin"))
`,
    },
    cogYaml: 'predict: "predict.py:Predictor"\ntrain: "train.py:train"\n',
    trainRef: 'train.py:train',
    tries: [
      [{ s: 'a' }, gives('hello a')],
      [{ n: 4 }, gives({ weights: { file: 'aaaa' } }, { kind: 'training' })],
      [{ n: '2' }, gives({ weights: { file: 'aa' } }, { kind: 'training' })],
      [{ n: 0 }, { refused: true, kind: 'training' }],
      [{}, { refused: true, kind: 'training' }],
    ],
  },
  {
    shows: 'a trainer that is set up, and has a predict of its own',
    model: {
      'predict.py':
        'from cog import BasePredictor\nclass Predictor(BasePredictor):\n    def predict(self, s: str) -> str: return "hello " + s\n',
      'train.py': `from cog import BasePredictor
class Trainer(BasePredictor):
    def setup(self) -> None:
        print("the trainer is set up")
        self.word = "trained"
    def train(self, s: str) -> str: return self.word + " " + s
    def predict(self, s: str) -> str: return "not this"
`,
    },
    cogYaml: 'predict: "predict.py:Predictor"\ntrain: "train.py:Trainer"\n',
    trainRef: 'train.py:Trainer',
    tries: [
      [{ s: 'a' }, gives('trained a', { kind: 'training', logs: /the trainer is set up/ })],
      [{ s: 'a' }, gives('hello a')],
    ],
  },
  {
    shows: 'a subprocess of setup, to which each run speaks',
    model: `import subprocess, sys
from cog import BasePredictor
class Predictor(BasePredictor):
    def setup(self):
        code = "import sys\\nfor line in sys.stdin:\\n    print('pong', line.strip(), flush=True)"
        self.bg = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    def predict(self, s: str) -> str:
        if self.bg.poll() is not None: raise SystemExit
        print(s, file=self.bg.stdin, flush=True)
        return self.bg.stdout.readline().strip()
`,
    tries: [
      [{ s: 'one' }, gives('pong one')],
      [{ s: 'two' }, gives('pong two')],
    ],
  },
  {
    shows: 'weights that are named for setup, or not there',
    model: {
      'predict.py':
        'from typing import Optional\nfrom cog import BasePredictor, Path\nclass Predictor(BasePredictor):\n    def setup(self, weights: Optional[Path] = None): self.weights = weights\n    def predict(self) -> str: return f"{self.weights} {self.weights and self.weights.read_text()}"\n',
      weights: 'heavy',
    },
    tries: [[{}, gives('weights heavy')]],
  },
]
