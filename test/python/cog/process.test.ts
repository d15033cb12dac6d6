/** The process of a Python model and its end: whatever the model does to it, the worker is never left waiting. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { isAlive } from '../../contract/runner/model-runner.suite.ts'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { until } from '../../support/until.ts'
import { createPythonModel, removePythonModels, startPythonModel } from '../python-model.ts'

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

const start = (text: string) => startPythonModel({ source: { 'predict.py': `import cog\n${text}` } })

describe('a Python process', { timeout: 30_000 }, () => {
  it('may print at import, on every descriptor, and read what is not there', async () => {
    const runner = await start(`
import os, subprocess, sys
print("hello"); os.write(1, b"{}\\n"); os.write(2, b"half a line"); subprocess.run(["echo", "child"])
assert sys.stdin.read() == "" and len(sys.argv) == 1
def predict(n: int) -> int:
    subprocess.run(["echo", "from a child"])
    return n
`)
    const run = startRun(runner, { n: 1 })
    expect(await run.outcome).toMatchObject({ kind: 'done', output: 1 })
    expect(run.logs.map((log) => log.message)).toContain('from a child')
  })

  it('ends when it is asked to, though threads of the model never do', async () => {
    const runner = await start(`
import threading, time
threading.Thread(target=lambda: time.sleep(3600)).start()
def predict() -> int:
    threading.Thread(target=lambda: threading.Event().wait()).start()
    return 1
`)
    expect(await startRun(runner, {}).outcome).toMatchObject({ kind: 'done' })
    const stopped = performance.now()
    await runner.stop(5000)
    expect(performance.now() - stopped).toBeLessThan(2000)
  })

  it('tells its exit code, with which it ends at once, from a thread or at import', async () => {
    const runner = await start(`
import os, sys, threading, time
def predict(how: str) -> int:
    if how == "thread":
        threading.Thread(target=lambda: os._exit(5)).start()
        time.sleep(60)
    if how == "text":
        sys.exit("no more")
    sys.exit(None)
`)
    expect(await startRun(runner, { how: 'thread' }).outcome).toMatchObject({ kind: 'crashed', exitCode: 5 })
    const text = startRun(runner, { how: 'text' })
    expect(await text.outcome).toMatchObject({ kind: 'crashed', exitCode: 1 })
    expect(text.logs).toMatchObject([{ message: 'no more' }])
    expect(await startRun(runner, { how: 'none' }).outcome).toMatchObject({ kind: 'crashed', exitCode: 0 })
    const failures: { message: string }[] = []
    const source = { 'predict.py': 'import cog\nraise SystemExit(4)\ndef predict() -> int: return 1\n' }
    void createPythonModel({ source, onLoadFailed: (failure) => void failures.push(failure) })
      .start()
      .catch(() => {})
    await until('it is told', () => failures.length > 0)
    expect(failures[0]?.message).toBe('SystemExit: 4')
  })

  it.each([
    ['def predict(text: str) -> list: return [text]', 'each parameter of predict() is a list; write `text: list[str]`'],
    ['def predict(text: list) -> str: return text[0]', 'predict() gives a list; write `-> list[str]`'],
    ['async def predict(text: list) -> list: return text', 'only a Cog predictor that is not async'],
  ])('says what is missing when it is to take several inputs in one call: %s', async (declared, advice) => {
    const failures: { message: string }[] = []
    const source = { 'predict.py': `import cog\n${declared}\n` }
    const manifest = { batch: { max_size: 4, max_wait_ms: 0 } }
    void createPythonModel({
      source,
      convention: 'cog',
      manifest,
      onLoadFailed: (failure) => void failures.push(failure),
    })
      .start()
      .catch(() => {})
    await until('it is told', () => failures.length > 0)
    expect(failures[0]?.message).toContain(advice)
  })

  it('is seen to end within a second, though a fork of it lives on with all descriptors', async () => {
    const runner = await start(`
import os, sys, time, millrace
def predict() -> int:
    child = os.fork()
    if child == 0:
        os.setsid()
        millrace.progress(0.5, "not mine to say")
        print("child lives without", [n for n in (3, 4) if not os.path.exists("/dev/fd/%d" % n)])
        while True: time.sleep(60)
    millrace.progress(0.1, str(child))
    time.sleep(0.5)
    os._exit(7)
`)
    const run = startRun(runner, {})
    const child = Number(await until('it forked', () => run.progress[0]?.message))
    try {
      const began = performance.now()
      expect(await run.outcome).toMatchObject({ kind: 'crashed', exitCode: 7 })
      expect(performance.now() - began).toBeLessThan(1500)
      expect(run.progress).toHaveLength(1)
      expect(run.logs.map((log) => log.message)).toEqual(['child lives without [3, 4]'])
    } finally {
      process.kill(child, 'SIGKILL')
    }
  })

  it.each(['fork', 'spawn'])('may have workers, which end without it (%s)', async (method) => {
    const runner = await start(`
import multiprocessing
def double(n):
    print("in a worker")
    return n * 2
def predict(n: int) -> int:
    with multiprocessing.get_context("${method}").Pool(2) as pool:
        return sum(pool.map(double, [n, n]))
`)
    for (const n of [1, 2]) expect(await startRun(runner, { n }).outcome).toMatchObject({ kind: 'done', output: 4 * n })
  })

  it.each(['block', 'polite'])('is gone within a second when its worker is killed (%s)', async (mode) => {
    const host = fileURLToPath(new URL('../python-host-main.ts', import.meta.url))
    const folder = fileURLToPath(new URL('../models/hang', import.meta.url))
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
    const worker = spawn(process.execPath, ['--import', tsx, host, folder, JSON.stringify({ mode })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    worker.stdout.on('data', (chunk: Buffer) => {
      said += chunk
    })
    const pid = Number(await until('the run is under way', () => /pid (\d+)\n/.exec(said)?.[1], { timeoutMs: 20_000 }))
    worker.kill('SIGKILL')
    await until('the model is gone', () => !isAlive(pid), { timeoutMs: 1000 })
  })

  it('says that a model raised Canceled by itself as its failure', async () => {
    const runner = await start(
      'from cog import CancelationException\ndef predict() -> int:\n    raise CancelationException("mine")\n',
    )
    expect(await startRun(runner, {}).outcome).toMatchObject({ kind: 'failed', code: 'model_error' })
  })

  it('breaks off a loop of Python, and lets cleaning up come to its end', async () => {
    const runner = await start(`
import os, millrace
def predict() -> int:
    millrace.progress(0.5)
    try:
        while True:
            try: len(str(os.getpid()))
            except Exception: pass
    finally:
        print("cleaned")
`)
    const { pid } = runner
    const run = startRun(runner, {})
    await until('it loops', () => run.progress.length > 0)
    run.cancel()
    expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: false })
    expect(run.logs).toMatchObject([{ message: 'cleaned' }])
    expect(runner.pid).toBe(pid)
  })
})
