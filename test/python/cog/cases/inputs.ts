/** Scalars, lists, dicts: what is taken for what, bounds, choices, defaults. */
import { type CogModel, gives, refused } from './cog-model.ts'

export const inputs: CogModel[] = [
  {
    shows: 'a text is taken as it is, and nothing else for one',
    model: `from cog import BasePredictor
class Predictor(BasePredictor):
    def predict(self, name: str) -> str: return "<" + name + ">"
`,
    manifest: {
      input_schema: { properties: { name: { type: 'string', title: 'Name', 'x-order': 0 } }, required: ['name'] },
      output_schema: { type: 'string' },
    },
    tries: [
      [{ name: 'Ada' }, gives('<Ada>')],
      [{ name: '' }, gives('<>')],
      [{ name: '7' }, gives('<7>')],
      [{ name: 'https://host.example/v1?x=1' }, gives('<https://host.example/v1?x=1>')],
      [{ name: 'data:text/plain,x' }, gives('<data:text/plain,x>')],
      [{}, refused],
      [{ name: null }, refused],
      [{ name: 7 }, refused],
      [{ name: ['Ada'] }, refused],
      [{ name: { a: 1 } }, refused],
      [{ nickname: 'Ada' }, refused],
      [{ name: 'Ada', nickname: 'A' }, gives('<Ada>')],
    ],
  },
  {
    shows: 'whole numbers are doubled, below zero too',
    model: `from cog import BaseRunner
class Runner(BaseRunner):
    def run(self, amount: int) -> int: return amount + amount
`,
    tries: [
      [{ amount: 21 }, gives(42)],
      [{ amount: -21 }, gives(-42)],
      [{ amount: 0 }, gives(0)],
      [{ amount: '21' }, gives(42)],
      [{ amount: 21.0 }, gives(42)],
      [{ amount: 2.5 }, refused],
      [{ amount: 'many' }, refused],
      [{ amount: '' }, refused],
      [{ amount: [1] }, refused],
      [{ amount: {} }, refused],
    ],
  },
  {
    shows: 'a float takes whole numbers, and their texts',
    model: `from cog import Input
def run(ratio: float = Input(description="Part of the whole")) -> float: return ratio * 2.0
`,
    cogYaml: 'run: "predict.py:run"\n',
    manifest: { input_schema: { properties: { ratio: { description: 'Part of the whole' } }, required: ['ratio'] } },
    tries: [
      [{ ratio: 5 }, gives(10)],
      [{ ratio: -5 }, gives(-10)],
      [{ ratio: 0.25 }, gives(0.5)],
      [{ ratio: '0.25' }, gives(0.5)],
      [{ ratio: '1e2' }, gives(200)],
      [{ ratio: 'half' }, refused],
      [{ ratio: [0.5] }, refused],
    ],
  },
  {
    shows: 'a flag is told from its usual words',
    model: `from cog import BasePredictor
class Predictor(BasePredictor):
    def predict(self, on: bool) -> bool: return not on
`,
    tries: [
      [{ on: true }, gives(false)],
      [{ on: false }, gives(true)],
      [{ on: 'true' }, gives(false)],
      [{ on: 'FALSE' }, gives(true)],
      [{ on: 0 }, gives(true)],
      [{ on: 'perhaps' }, refused],
      [{ on: 3 }, refused],
    ],
  },
  {
    shows: 'bounds hold at both of their ends, also for texts and in lists',
    model: `from typing import List
from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(
        self,
        rounds: int = Input(default=3, ge=1, le=9),
        heat: float = Input(default=0.5, ge=0.0, le=2.0),
        tag: str = Input(default="abc", min_length=2, max_length=4),
        slug: str = Input(default="a-b", regex="^[a-z-]+$"),
        sizes: List[int] = Input(default=[2], ge=1, le=5),
    ) -> str:
        return f"{rounds} {heat} {tag} {slug} {sizes}"
`,
    manifest: {
      input_schema: {
        properties: {
          rounds: { minimum: 1, maximum: 9, default: 3 },
          heat: { minimum: 0, maximum: 2, default: 0.5 },
          tag: { minLength: 2, maxLength: 4, default: 'abc' },
          sizes: { type: 'array', items: { minimum: 1, maximum: 5 } },
        },
      },
    },
    tries: [
      [{}, gives('3 0.5 abc a-b [2]')],
      [{ rounds: 1 }, gives('1 0.5 abc a-b [2]')],
      [{ rounds: 9, heat: 2 }, gives('9 2.0 abc a-b [2]')],
      [{ rounds: 0 }, refused],
      [{ rounds: 10 }, refused],
      [{ rounds: '10' }, refused],
      [{ rounds: 'lots' }, refused],
      [{ rounds: null }, refused],
      [{ heat: -0.01 }, refused],
      [{ heat: 2.01 }, refused],
      [{ tag: 'a' }, refused],
      [{ tag: 'abcde' }, refused],
      [{ slug: 'A' }, refused],
      [{ slug: '' }, refused],
      [{ sizes: [1, 5] }, gives('3 0.5 abc a-b [1, 5]')],
      [{ sizes: [1, 6] }, refused],
      [{ sizes: [] }, gives('3 0.5 abc a-b []')],
    ],
  },
  {
    shows: 'choices are all there is, given as a list, the keys of a dict, or two lists',
    model: `from cog import BasePredictor, Input
SIZES = {"s": 1, "m": 2}
class Predictor(BasePredictor):
    def predict(
        self,
        speed: str = Input(default="slow", choices=["slow", "fast"]),
        level: int = Input(default=2, choices=[1, 2, 3]),
        size: str = Input(default="m", choices=list(SIZES.keys()) + ["xl"]),
        weight: int = Input(default=1, choices=list(SIZES.values())),
    ) -> str:
        return f"{speed} {level * 10} {size} {weight}"
`,
    manifest: { input_schema: { properties: { speed: { enum: ['slow', 'fast'] }, size: { enum: ['s', 'm', 'xl'] } } } },
    tries: [
      [{}, gives('slow 20 m 1')],
      [{ speed: 'fast', level: 3, size: 'xl', weight: 2 }, gives('fast 30 xl 2')],
      [{ level: '3' }, gives('slow 30 m 1')],
      [{ speed: 'medium' }, refused],
      [{ speed: 'FAST' }, refused],
      [{ level: 4 }, refused],
      [{ level: '4' }, refused],
      [{ size: 'l' }, refused],
      [{ weight: 3 }, refused],
    ],
  },
  {
    shows: 'defaults that are nothing, below zero or constants of the file are defaults',
    model: `from cog import BasePredictor, Input
WORD, COUNT, HELP = "hi", 5, "What to say"
class Predictor(BasePredictor):
    def predict(
        self,
        word: str = Input(default=WORD, description=HELP),
        count: int = Input(default=COUNT),
        plain: str = WORD,
        empty: str = "",
        zero: int = 0,
        none: float = 0.0,
        off: bool = False,
        below: int = -3,
    ) -> str:
        return repr((word, count, plain, empty, zero, none, off, below))
`,
    manifest: {
      input_schema: {
        properties: {
          word: { default: 'hi', description: 'What to say', 'x-order': 0 },
          count: { default: 5 },
          empty: { default: '' },
          zero: { default: 0 },
          off: { default: false },
          below: { default: -3, 'x-order': 7 },
        },
      },
    },
    tries: [
      [{}, gives("('hi', 5, 'hi', '', 0, 0.0, False, -3)")],
      [{ zero: 1, off: true, below: '4' }, gives("('hi', 5, 'hi', '', 1, 0.0, True, 4)")],
      [{ count: null }, refused],
    ],
  },
  {
    shows: 'lists of scalars hold their items to the type',
    model: `from typing import List
from cog import BasePredictor, Input
class Predictor(BasePredictor):
    def predict(
        self,
        names: List[str] = Input(description="Whom to greet"),
        counts: List[int] = [],
        ratios: List[float] = [],
        flags: List[bool] = [],
        mixed: list = [],
    ) -> str:
        return repr(("+".join(names), counts, ratios, flags, mixed))
`,
    tries: [
      [{ names: ['a', 'b'] }, gives("('a+b', [], [], [], [])")],
      [{ names: [] }, gives("('', [], [], [], [])")],
      [{ names: ['https://host.example/1'] }, gives("('https://host.example/1', [], [], [], [])")],
      [{ names: [], counts: [1, '2'], ratios: [1, '.5'] }, gives("('', [1, 2], [1.0, 0.5], [], [])")],
      [{ names: [], flags: [true, 'no'] }, gives("('', [], [], [True, False], [])")],
      [{ names: [], mixed: [1, 'a', null, { b: [] }] }, gives("('', [], [], [], [1, 'a', None, {'b': []}])")],
      [{ names: 'a' }, refused],
      [{ names: [1] }, refused],
      [{ names: [null] }, refused],
      [{ names: [], counts: [1, 'two'] }, refused],
      [{ names: [], counts: [1.5] }, refused],
      [{ names: [], ratios: ['x'] }, refused],
      [{ names: [], flags: ['perhaps'] }, refused],
      [{ names: { a: 1 } }, refused],
    ],
  },
  {
    shows: 'dicts and typed dicts are objects that nobody looks into',
    model: `from typing import Any, Dict, List, Optional, TypedDict
from cog import BasePredictor
class Person(TypedDict):
    name: str
    age: int
class Predictor(BasePredictor):
    def predict(
        self,
        facts: dict = {},
        scores: Dict[str, int] = {},
        people: List[Person] = [],
        chat: List[Dict[str, Any]] = [],
        one: Optional[Person] = None,
    ) -> str:
        return repr((facts, scores, [p["name"] for p in people], len(chat), one))
`,
    manifest: {
      input_schema: {
        properties: { facts: { type: 'object', title: 'Facts' }, chat: { type: 'array', items: { type: 'object' } } },
      },
    },
    tries: [
      [{}, gives('({}, {}, [], 0, None)')],
      [{ facts: { a: 1, b: { c: [null] } } }, gives("({'a': 1, 'b': {'c': [None]}}, {}, [], 0, None)")],
      [{ scores: { a: 'not held to int' } }, gives("({}, {'a': 'not held to int'}, [], 0, None)")],
      [{ people: [{ name: 'Ada' }, { name: 'Bo', more: 1 }] }, gives("({}, {}, ['Ada', 'Bo'], 0, None)")],
      [{ chat: [{ role: 'user' }, {}] }, gives('({}, {}, [], 2, None)')],
      [{ one: { name: 'Ada' } }, gives("({}, {}, [], 0, {'name': 'Ada'})")],
      [{ facts: [1] }, refused],
      [{ facts: 'x' }, refused],
      [{ people: { name: 'Ada' } }, refused],
      [{ people: ['Ada'] }, refused],
      [{ chat: [1] }, refused],
    ],
  },
  {
    shows: 'what is annotated as opaque or with other marks',
    model: `from typing import Annotated, List, Optional
from cog import BasePredictor, Opaque
class Tensor: pass
class Predictor(BasePredictor):
    def predict(
        self,
        blob: Annotated[Tensor, Opaque] = None,
        blobs: Annotated[List[Tensor], Opaque] = None,
        maybe: Annotated[Optional[Tensor], Opaque] = None,
        noted: Annotated[str, "a note"] = "n",
        many: List[Annotated[int, "a note"]] = [],
    ) -> str:
        return repr((blob, blobs, maybe, noted, many))
`,
    tries: [
      [{}, gives("(None, None, None, 'n', [])")],
      [{ blob: { shape: [2] }, blobs: [{ x: 1 }] }, gives("({'shape': [2]}, [{'x': 1}], None, 'n', [])")],
      [{ maybe: { a: 1 }, noted: 'm', many: ['1'] }, gives("(None, None, {'a': 1}, 'm', [1])")],
      [{ noted: 5 }, refused],
      [{ many: ['x'] }, refused],
    ],
  },
  {
    shows: 'annotations that are texts',
    model: `from __future__ import annotations
from typing import List, Optional
from cog import BasePredictor, Input, Path
class Predictor(BasePredictor):
    def setup(self) -> None: self.mark = "!"
    def predict(self, n: int, words: List[str] = Input(default=["a"]), note: Optional[str] = None) -> str:
        return f"{n + 1}{words}{note}{self.mark}"
`,
    tries: [
      [{ n: '1' }, gives("2['a']None!")],
      [{ n: 1, words: ['b'], note: 'x' }, gives("2['b']x!")],
      [{ n: 'x' }, refused],
    ],
  },
  {
    shows: 'enumerations as choices and as defaults are handed over as their values',
    model: `from enum import Enum
from cog import BasePredictor, Input
class Color(str, Enum):
    RED = "red"
    BLUE = "blue"
class Predictor(BasePredictor):
    def predict(self, color: str = Input(default=Color.RED, choices=[Color.RED, Color.BLUE])) -> str:
        return repr(color)
`,
    tries: [
      [{}, gives("'red'")],
      [{ color: 'blue' }, gives("'blue'")],
      [{ color: 'green' }, refused],
    ],
  },
  {
    shows: 'no inputs at all',
    model: 'def predict() -> str: return "here"\nimport cog\n',
    tries: [
      [{}, gives('here')],
      [{ x: 1 }, gives('here')],
    ],
  },
  {
    shows: 'a type that no input can have is told where it is',
    model: 'import cog\nclass Odd: pass\ndef predict(x: Odd) -> str: return ""\n',
    notLoaded: /Unsupported input type Odd for parameter `x`/,
  },
  {
    shows: 'a parameter without a type is told by its name',
    model: 'import cog\ndef predict(x) -> str: return ""\n',
    notLoaded: /No input type provided for parameter `x`/,
  },
  {
    shows: 'choices belong to texts and whole numbers',
    model: 'from cog import Input\ndef predict(x: float = Input(choices=[1.5, 2.5])) -> str: return ""\n',
    notLoaded: /choices/,
  },
]
