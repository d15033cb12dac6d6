/** What a Cog predictor declares is found whatever decorators are around it, and its healthcheck is asked however it is written. */
import { afterEach, describe, expect, it } from 'vitest'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

const start = (text: string, more: Record<string, string> = {}) =>
  startPythonModel({ source: { 'predict.py': text, 'cog.yaml': 'predict: "predict.py:Predictor"\n', ...more } })

const DECORATORS = `
import asyncio, functools
from cog import BasePredictor, Input
def plain(f):
    def wrapper(*args, **kwargs): return f(*args, **kwargs)
    return wrapper
def method(f):
    def wrapper(self, *args, **kwargs): return f(self, *args, **kwargs)
    return wrapper
def keywords(f):
    def wrapper(self, **kwargs): return f(self, **kwargs)
    return wrapper
def wraps(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs): return f(*args, **kwargs)
    return wrapper
def told(before):
    def around(f):
        def predict(*args, **kwargs):
            before()
            return f(*args, **kwargs)
        return predict
    return around
class Timed:
    def __init__(self, f): self.f = f
    def __call__(self, *args, **kwargs): return self.f(*args, **kwargs)
    def __get__(self, owner, kind=None): return functools.partial(self.f, owner) if owner is not None else self
def nothing(): pass
`
/** A class whose predict has these decorators. */
const decorated = (lines: string[]) => `${DECORATORS}
class Predictor(BasePredictor):
${lines.map((line) => `    @${line}\n`).join('')}    def predict(self, s: str = Input(description="A text."), n: int = 2) -> str:
        """Says it again."""
        return s * n
`

describe('a decorated predictor', { timeout: 30_000 }, () => {
  it.each([
    [['plain']],
    [['method']],
    [['keywords']],
    [['wraps', 'plain']],
    [['plain', 'wraps']],
    [['plain', 'method', 'plain']],
    [['told(nothing)']],
    [['plain', 'told(lambda: None)']],
  ])('is read as its author wrote it: %j', async (decorators) => {
    const runner = await start(decorated(decorators))
    expect(await runner.start()).toMatchObject({
      description: 'Says it again.',
      input_schema: {
        properties: { s: { type: 'string', description: 'A text.' }, n: { default: 2 } },
        required: ['s'],
      },
      output_schema: { type: 'string' },
    })
    expect(await startRun(runner, { s: 'a' }).outcome).toMatchObject({ output: 'aa' })
    expect(await startRun(runner, { n: 3 }).outcome).toMatchObject({ code: 'invalid_input' })
  })

  it('may be inherited, its annotations texts, its default a constant of the class', async () => {
    const text = `from __future__ import annotations
${DECORATORS}
class Base(BasePredictor):
    FACTOR = 3
    @plain
    def predict(self, s: str, n: int = FACTOR) -> str: return s * n
class Predictor(Base): pass
`
    expect(await startRun(await start(text), { s: 'a' }).outcome).toMatchObject({ output: 'aaa' })
  })

  it('may be a function, also one whose decorator comes from another file', async () => {
    const source = {
      'predict.py': 'from marks import plain\n@plain\n@plain\ndef predict(s: str, n: int = 2) -> str: return s * n\n',
      'marks.py': DECORATORS,
      'cog.yaml': 'predict: "predict.py:predict"\n',
    }
    const runner = await startPythonModel({ source })
    expect((await runner.start()).input_schema).toMatchObject({ required: ['s'] })
    expect(await startRun(runner, { s: 'a' }).outcome).toMatchObject({ output: 'aa' })
  })

  it('may be asynchronous, its concurrency marked below the decorator', async () => {
    const text = `${DECORATORS}import cog
class Predictor(BasePredictor):
    @plain
    @cog.concurrent(max=4)
    async def predict(self, s: str) -> str:
        await asyncio.sleep(0)
        return s
`
    const runner = await start(text)
    expect(await runner.start()).toMatchObject({ concurrency: 4 })
    expect(await startRun(runner, { s: 'a' }).outcome).toMatchObject({ output: 'a' })
  })

  it('may have a decorated setup that takes weights', async () => {
    const text = `${DECORATORS}from cog.types import Weights
class Predictor(BasePredictor):
    @plain
    def setup(self, weights: Weights | None): self.name = weights.name
    def predict(self) -> str: return self.name
`
    expect(await startRun(await start(text, { weights: 'w' }), {}).outcome).toMatchObject({ output: 'weights' })
  })

  it('is refused when it really takes anything by position', async () => {
    const text = 'class Predictor:\n    def predict(self, *texts: str) -> str: return ""\n'
    await expect(start(text)).rejects.toThrow('Unsupported variadic positional parameter *texts')
  })
})

describe('a healthcheck', { timeout: 30_000 }, () => {
  /** Asks the check itself, as each heartbeat does: what it answers, and while a run is under way. */
  const answers = async (check: string, body = 'return s', isAsync = false) => {
    const text = `import asyncio, os, threading, time
from cog import BasePredictor
class Predictor(BasePredictor):
    ${isAsync ? 'async ' : ''}def predict(self, s: str) -> str:
        from millrace_runner import current
        from millrace_runner.conventions.cog import health as cog_health
        cog_health.SECONDS = 0.5
        health = current.session.healthcheck
        found = []
        asking = threading.Thread(target=lambda: found.append(health() if health else None))
        asking.start()
        ${body}
        asking.join()
        return repr(found[0])
${check}
`
    const outcome = await startRun(await start(text), { s: 'a' }).outcome
    return outcome.kind === 'done' ? outcome.output : outcome
  }

  it.each([
    ['async', '    async def healthcheck(self): return True', "{'healthy': True}"],
    [
      'async that waits',
      '    async def healthcheck(self):\n        await asyncio.sleep(0.01)\n        return True',
      "{'healthy': True}",
    ],
    ['async that says no', '    async def healthcheck(self): return False', "'healthy': False"],
    ['async that raises', '    async def healthcheck(self): raise OSError("no device")', 'OSError: no device'],
    ['static', '    @staticmethod\n    def healthcheck(): return True', "{'healthy': True}"],
    ['with an argument that nobody gives', '    def healthcheck(self, device): return True', 'None'],
  ])('beside a plain predict runs: %s', async (_title, check, said) => {
    expect(await answers(check, 'pass')).toContain(said)
  })

  it('that needs the loop which a run holds says nothing of the process', async () => {
    const check = '    async def healthcheck(self): return True'
    expect(await answers(check, 'asking.join()', true)).toBe('{}')
  })
})
