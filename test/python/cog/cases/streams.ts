/** Outputs of Cog predictors that come in pieces, with what Cog gives for them. Run by cog-cases.test.ts. */
import { type CogModel, fails, file, gives } from './cog-model.ts'

/** A model that gives the words of `text` one after the other. */
const words = (annotation: string, line = 'yield word', head = ''): string => `import asyncio, time
from typing import *
import cog
from cog import AsyncConcatenateIterator, BasePredictor, ConcatenateIterator, concurrent, streaming
class Predictor(BasePredictor):
    ${head}
    ${annotation.startsWith('Async') ? 'async ' : ''}def predict(self, text: str = "a b", stop: str = "") -> ${annotation}:
        for word in text.split():
            if word == stop: raise RuntimeError("stopped at " + word)
            ${line}
`

export const streams: CogModel[] = [
  ...[
    'Iterator[str]',
    'Generator[str, None, None]',
    'Iterable[str]',
    'AsyncIterator[str]',
    'AsyncGenerator[str, None]',
  ].map(
    (annotation): CogModel => ({
      shows: `${annotation} comes piece by piece, and is a list in the end`,
      model: words(annotation),
      manifest: {
        streams: true,
        output_schema: { type: 'array', items: { type: 'string' }, 'x-cog-array-type': 'iterator' },
      },
      tries: [
        [{}, gives(['a', 'b'], { chunks: ['a', 'b'] })],
        [{ text: '' }, gives([], { chunks: [] })],
        [
          { text: 'x y z', stop: 'z' },
          fails(/model_error: .*stopped at z/, { partial: ['x', 'y'], chunks: ['x', 'y'] }),
        ],
        [{ text: 'x', stop: 'x' }, fails(/stopped at x/, { chunks: [] })],
      ],
    }),
  ),
  ...['ConcatenateIterator[str]', 'AsyncConcatenateIterator[str]', 'ConcatenateIterator'].map(
    (annotation): CogModel => ({
      shows: `${annotation} is meant to be put together`,
      model: words(annotation, 'yield word + " "'),
      manifest: {
        streams: true,
        output_schema: { 'x-cog-array-type': 'iterator', 'x-cog-array-display': 'concatenate' },
      },
      tries: [[{}, gives(['a ', 'b '], { chunks: ['a ', 'b '] })]],
    }),
  ),
  ...['@streaming', '@cog.streaming', '@streaming()', '@cog.streaming()'].map(
    (mark): CogModel => ({
      shows: `${mark} is said in the schema, and changes nothing in what comes`,
      model: words('Iterator[str]', 'yield word', mark),
      manifest: { streams: true, output_schema: { type: 'array', 'x-cog-streaming': true } },
      tries: [[{}, gives(['a', 'b'], { chunks: ['a', 'b'] })]],
    }),
  ),
  ...[
    '@dressed\n    @streaming',
    '@streaming\n    @dressed',
    '@dressed\n    @cog.streaming()',
    '@streaming\n    @concurrent',
  ].map(
    (marks): CogModel => ({
      shows: `${marks.replace(/\s+/, ' ')}: the mark is seen with others above or below it`,
      model: words(
        'AsyncIterator[str]',
        'yield word',
        `def dressed(inner):
        def outer(*args, **kwargs): return inner(*args, **kwargs)
        return outer
    ${marks}`,
      ),
      manifest: { streams: true, output_schema: { 'x-cog-streaming': true } },
      tries: [[{}, gives(['a', 'b'], { chunks: ['a', 'b'] })]],
    }),
  ),
  {
    shows: '@streaming on what gives one value',
    model: 'from cog import streaming\n@streaming\ndef predict() -> str: return "a"\n',
    manifest: { streams: false, output_schema: { type: 'string', 'x-cog-streaming': true } },
    tries: [[{}, gives('a')]],
  },
  ...['@concurrent', '@concurrent()', '@concurrent(max=3)', '@cog.concurrent(max=3)'].map(
    (mark): CogModel => ({
      shows: `${mark} on a stream`,
      model: words('AsyncIterator[str]', 'yield word', mark),
      manifest: mark.includes('3') ? { streams: true, concurrency: 3 } : { streams: true },
      tries: [[{}, gives(['a', 'b'])]],
    }),
  ),
  ...(
    [
      ['2', 'from cog import concurrent\n@concurrent(max=2)\ndef predict() -> str: return ""\n', /async/],
      ['0', 'from cog import concurrent\n@concurrent(max=0)\nasync def predict() -> str: return ""\n', /at least 1/],
      ['"2"', 'from cog import concurrent\n@concurrent(max="2")\nasync def predict() -> str: return ""\n', /integer/],
      ['True', 'from cog import concurrent\n@concurrent(max=True)\nasync def predict() -> str: return ""\n', /integer/],
      ['by position', 'from cog import concurrent\n@concurrent(2)\nasync def predict() -> str: return ""\n', /max=/],
    ] as [string, string, RegExp][]
  ).map(([max, model, notLoaded]): CogModel => ({ shows: `@concurrent that cannot be: ${max}`, model, notLoaded })),
  {
    shows: 'pieces that are files, dicts, lists, models',
    model: `import tempfile
from typing import Iterator
from cog import Path
def predict(count: int = 2) -> Iterator[Path]:
    for index in range(count):
        path = Path(tempfile.mkdtemp()) / "a.txt"
        path.write_text(str(index))
        yield path
`,
    tries: [[{}, gives([file('0'), file('1')])]],
  },
  {
    shows: 'pieces that are objects',
    model: `from typing import Dict, Iterator
import cog
def predict() -> Iterator[Dict[str, int]]:
    yield {"a": 1}
    yield {}
`,
    tries: [[{}, gives([{ a: 1 }, {}])]],
  },
  {
    shows: 'pieces that are lists',
    model:
      'from typing import Iterator, List\nimport cog\ndef predict() -> Iterator[List[int]]:\n    yield [1]\n    yield []\n',
    tries: [[{}, gives([[1], []])]],
  },
  {
    shows: 'pieces that are models',
    model: `from typing import Iterator
from cog import BaseModel
class Step(BaseModel):
    n: int
    last: bool = False
def predict() -> Iterator[Step]:
    yield Step(n=1)
    yield Step(n=2, last=True)
`,
    tries: [
      [
        {},
        gives([
          { n: 1, last: false },
          { n: 2, last: true },
        ]),
      ],
    ],
  },
]
