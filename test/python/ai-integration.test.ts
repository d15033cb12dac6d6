import { readFileSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../libs/host/src/runners/runner-process.ts'
import { newRunFolder, removeRunFolders, startRun } from '../contract/runner/run-in-folder.ts'
import { until } from '../support/until.ts'
import { removePythonModels, startPythonModel } from './python-model.ts'

const source = fileURLToPath(new URL('./examples/ai_integration/', import.meta.url))
const startLoopMulti = () => startPythonModel({ source, ref: 'loop_multi.py' })

/** A run whose named inputs are files with these bytes. */
function runWith(runner: RunnerProcess, files: Record<string, string>, input: Record<string, unknown> = {}) {
  const workDir = newRunFolder()
  const refs = Object.entries(files).map(([name, bytes]) => {
    writeFileSync(join(workDir, name), bytes)
    const size = Buffer.byteLength(bytes)
    return { pointer: `/${name}`, path: name, name, content_type: 'image/png', size, sha256: '0'.repeat(64) }
  })
  const empty = Object.fromEntries(Object.keys(files).map((name) => [name, null]))
  return startRun(runner, { ...input, ...empty }, { workDir, files: refs })
}
const ask = (runner: RunnerProcess, text: string, options: Record<string, unknown> = {}) =>
  runWith(runner, { image: 'twelve bytes' }, { text, ...options })

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

describe('an ai_integration model with its own loop', { timeout: 30_000 }, () => {
  it('publishes its inputs once it asks for the first', async () => {
    const runner = await startLoopMulti()
    expect((await runner.start()).input_schema).toMatchObject({
      properties: { image: { format: 'file' }, text: { type: 'string' } },
      required: ['image', 'text'],
    })
  })

  it('may spawn workers, which import its file anew', async () => {
    const runner = await startPythonModel({
      source: {
        'app.py': `
import ai_integration, multiprocessing
def shout(text):
    return text.upper()
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        while True:
            with ai_integration.get_next_input(inputs_schema={"text": {"type": "text"}}) as inputs:
                said = pool.apply(shout, (inputs["text"],))
                ai_integration.send_result({"content-type": "text/plain", "data": said, "success": True})
`,
      },
    })
    for (const text of ['a', 'b']) {
      expect(await startRun(runner, { text }).outcome).toMatchObject({ output: { data: text.toUpperCase() } })
    }
  })

  it('answers with JSON, files and text, in one process that stays warm', async () => {
    const runner = await startLoopMulti()
    const { pid } = runner
    for (const [calls, factor] of [
      [1, '3'],
      [2, 3],
    ] as const) {
      expect(await ask(runner, 'json', { factor }).outcome).toMatchObject({
        kind: 'done',
        output: { content_type: 'application/json', data: { bytes: 12, x: 36, calls } },
      })
    }
    const png = ask(runner, 'png')
    const outcome = await png.outcome
    expect(outcome).toMatchObject({ output: { content_type: 'image/png', data: null }, files: [{ pointer: '/data' }] })
    const path = outcome.kind === 'done' ? (outcome.files[0]?.path ?? '') : ''
    expect(readFileSync(join(png.workDir, path))).toHaveLength(69)
    expect(await ask(runner, 'text').outcome).toMatchObject({
      output: { content_type: 'text/plain', data: 'Fake output' },
    })
    expect(runner.pid).toBe(pid)
  })

  it('fails a run with the traceback that the model sent, and is kept', async () => {
    const runner = await startLoopMulti()
    const { pid } = runner
    expect(await ask(runner, 'caught').outcome).toMatchObject({
      kind: 'failed',
      code: 'model_error',
      message: 'ZeroDivisionError: division by zero',
      traceback: expect.stringContaining('1 / 0'),
    })
    expect(await ask(runner, 'text').outcome).toMatchObject({ kind: 'done' })
    expect(runner.pid).toBe(pid)
  })

  it('fails a run that raises, and is replaced before it takes another', async () => {
    const runner = await startLoopMulti()
    const { pid } = runner
    expect(await ask(runner, 'raise').outcome).toMatchObject({
      kind: 'failed',
      code: 'model_error',
      message: 'RuntimeError: bad CUDA state',
      traceback: expect.stringMatching(/^Traceback .*\n {2}File "[^"]*loop_multi\.py", line \d+, in <module>/),
    })
    expect(await ask(runner, 'json').outcome).toMatchObject({ output: { data: { calls: 1 } } })
    expect(runner.pid).not.toBe(pid)
  })

  it('fails a run that it forgot to answer, and is kept', async () => {
    const runner = await startLoopMulti()
    const { pid } = runner
    expect(await ask(runner, 'forget').outcome).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('Caught Programming Error'),
    })
    expect(await ask(runner, 'json').outcome).toMatchObject({ output: { data: { calls: 2 } } })
    expect(runner.pid).toBe(pid)
  })

  it('crashes with the code that it exits with', async () => {
    const runner = await startLoopMulti()
    expect(await ask(runner, 'exit').outcome).toMatchObject({ kind: 'crashed', exitCode: 3 })
    expect(await ask(runner, 'text').outcome).toMatchObject({ kind: 'done' })
  })

  it('has an input refused that lacks what the schema lists', async () => {
    const runner = await startLoopMulti()
    expect(await startRun(runner, { text: 'json' }).outcome).toMatchObject({
      kind: 'failed',
      code: 'invalid_input',
      message: 'input not provided: image',
    })
  })

  const loop = (body: string) => ({
    'model.py': `import ai_integration, time
while True:
    with ai_integration.get_next_input(inputs_schema={"text": {"type": "text"}}) as inputs:
${body
  .split('\n')
  .map((line) => `        ${line}`)
  .join('\n')}
`,
  })

  it('never hands the second result of one input to the next', async () => {
    const runner = await startPythonModel({
      source: loop(
        'for n in (1, 2):\n    ai_integration.send_result({"content-type": "text/plain", "data": inputs["text"] + str(n), "success": True})',
      ),
    })
    for (const text of ['a', 'b']) {
      const run = startRun(runner, { text })
      expect(await run.outcome).toMatchObject({ output: { data: `${text}1` } })
      expect(run.logs).toMatchObject([{ message: expect.stringContaining('second send_result') }])
    }
  })

  it('keeps a result that was sent before the exception that ends its process', async () => {
    const runner = await startPythonModel({
      source: loop(
        'ai_integration.send_result({"content-type": "text/plain", "data": "fine", "success": True})\nif inputs["text"] == "raise":\n    raise RuntimeError("too late")',
      ),
    })
    const { pid } = runner
    expect(await startRun(runner, { text: 'raise' }).outcome).toMatchObject({ kind: 'done', output: { data: 'fine' } })
    expect(await startRun(runner, { text: 'go on' }).outcome).toMatchObject({ kind: 'done' })
    expect(runner.pid).not.toBe(pid)
  })

  it('stops in the middle of a sleep when it is canceled, and is kept', async () => {
    const runner = await startPythonModel({
      source: loop('print("asleep")\nif inputs["text"] == "sleep":\n    time.sleep(60)'),
    })
    const { pid } = runner
    const run = startRun(runner, { text: 'sleep' })
    await until('it sleeps', () => run.logs.length > 0)
    run.cancel()
    expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: false })
    expect(await startRun(runner, { text: 'go on' }).outcome).toMatchObject({ kind: 'failed' })
    expect(runner.pid).toBe(pid)
  })

  it('may catch what it raises around the block, and is kept', async () => {
    const runner = await startPythonModel({
      source: {
        'model.py': `import ai_integration
while True:
    try:
        with ai_integration.get_next_input(inputs_schema={}) as inputs:
            raise ValueError("caught outside")
    except ValueError:
        pass
`,
      },
    })
    const { pid } = runner
    for (const _ of [1, 2]) {
      expect(await startRun(runner, {}).outcome).toMatchObject({ message: 'ValueError: caught outside' })
    }
    expect(runner.pid).toBe(pid)
  })

  it('cannot be loaded when it ends without asking for an input', async () => {
    await expect(startPythonModel({ source: { 'model.py': 'import ai_integration\n' } })).rejects.toThrow(
      'ended without asking for an input',
    )
  })
})

describe('an ai_integration model of the older style', { timeout: 30_000 }, () => {
  const start = () => startPythonModel({ source, ref: 'shim_legacy.py' })

  it('has its function called with bytes, and gives a file', async () => {
    const run = runWith(await start(), { style: 'ab', content: '  ' })
    const outcome = await run.outcome
    expect(outcome).toMatchObject({ kind: 'done', output: { content_type: 'image/jpeg', data: null } })
    const path = outcome.kind === 'done' ? (outcome.files[0]?.path ?? '') : ''
    expect(readFileSync(join(run.workDir, path), 'utf8')).toBe('AB')
  })

  it('has a missing input refused, and is kept', async () => {
    const runner = await start()
    const { pid } = runner
    expect(await runWith(runner, { style: 'ab' }).outcome).toMatchObject({ kind: 'failed', code: 'invalid_input' })
    expect(await runWith(runner, { style: 'ab', content: 'ab' }).outcome).toMatchObject({ kind: 'done' })
    expect(runner.pid).toBe(pid)
  })

  it('is replaced after an exception', async () => {
    const runner = await start()
    const { pid } = runner
    expect(await runWith(runner, { style: 'BOOM', content: 'x' }).outcome).toMatchObject({
      kind: 'failed',
      message: 'RuntimeError: style exploded',
    })
    expect(await runWith(runner, { style: 'ab', content: 'ab' }).outcome).toMatchObject({ kind: 'done' })
    expect(runner.pid).not.toBe(pid)
  })
})
