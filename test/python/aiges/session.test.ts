import { afterEach, describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { until } from '../../support/until.ts'
import { runWithFiles, startWrapper } from './aiges-run.ts'
import { removePythonModels } from '../python-model.ts'

/** A session of frames with these texts. */
const talk = (runner: RunnerProcess, ...texts: string[]) =>
  startRun(runner, { frames: texts.map((text) => ({ text })) })
const partialOf = async (run: ReturnType<typeof talk>) => {
  const outcome = await run.outcome
  return 'partial' in outcome ? outcome.partial?.output : outcome
}

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

describe('a session with an aiges wrapper', { timeout: 30_000 }, () => {
  it('takes frames in order, tells each result as it comes, and gives them all at the end', async () => {
    const runner = await startWrapper('talk.py')
    expect(await runner.start()).toMatchObject({ streams: true, version: 'v1' })
    const run = talk(runner, 'one', 'two', 'three')
    const frames = [{ result: 'ONE' }, { result: 'TWO' }, { result: 'THREE' }]
    expect(await run.outcome).toMatchObject({ kind: 'done', output: { frames } })
    expect(run.chunks).toEqual(frames)
  })

  it('is destroyed whatever became of it, and its handle is free again', async () => {
    const runner = await startWrapper('talk.py', { 'common.lic': 1 })
    const { pid } = runner
    await talk(runner, 'one').outcome
    await talk(runner, 'two', 'three').outcome
    expect(await talk(runner, 'count').outcome).toMatchObject({ output: { frames: [{ result: '2 destroyed' }] } })
    expect(runner.pid).toBe(pid)
  })

  it('gives files and takes them, frame by frame', async () => {
    const runner = await startWrapper('talk.py')
    const run = runWithFiles(
      runner,
      {
        frames: [
          { voice: null, status: 'begin' },
          { text: 'end', status: 2 },
        ],
      },
      {
        '/frames/0/voice': { bytes: Buffer.from('speak'), type: 'audio/wav' },
      },
    )
    expect(await run.outcome).toMatchObject({
      kind: 'done',
      output: { frames: [{ speech: null }, { result: 'END' }] },
      files: [{ pointer: '/frames/0/speech', name: 'speech.wav', content_type: 'audio/wav' }],
    })
    expect(run.chunks[0]).toMatchObject({ speech: { object: 'file', name: 'speech.wav' } })
  })

  it('hears a result by sid and handle, and drops one that is too late', async () => {
    const runner = await startWrapper('talk.py')
    expect(await talk(runner, 'late', 'by handle').outcome).toMatchObject({
      output: { frames: [{ result: 'LATE' }, { result: 'BY HANDLE' }] },
    })
  })

  it('may go on when the caller says that more is to come, and ends where the wrapper says so', async () => {
    const runner = await startWrapper('talk.py', { 'session.idle_seconds': 0.3 })
    const frames = [
      { text: 'a', status: 'begin' },
      { text: 'b', status: 'continue' },
    ]
    expect(await startRun(runner, { frames }).outcome).toMatchObject({
      kind: 'failed',
      message: 'the session gave no result for 0.3 seconds',
      details: { code: 10019 },
      partial: { output: [{ result: 'A' }, { result: 'B' }] },
    })
  })

  it('ends with an error code of a result, or of a write, and keeps what was given before', async () => {
    const runner = await startWrapper('talk.py', { 'common.lic': 5 })
    const error = { kind: 'failed', code: 'model_error', message: 'cannot hear you', details: { code: 4001 } }
    expect(await talk(runner, 'one', 'fail', 'three').outcome).toMatchObject({
      ...error,
      partial: { output: [{ result: 'ONE' }] },
    })
    expect(await talk(runner, 'refuse').outcome).toMatchObject(error)
    expect(await talk(runner, 'again').outcome).toMatchObject({ kind: 'done' })
  })

  it('ends when nothing comes for the idle time', async () => {
    const runner = await startWrapper('talk.py', { session: { idle_seconds: 0.3 } })
    const outcome = await talk(runner, 'one', 'silent').outcome
    expect(outcome).toMatchObject({ message: 'the session gave no result for 0.3 seconds', details: { code: 10019 } })
    expect(outcome.runSeconds).toBeLessThan(5)
  })

  it('can be canceled while it waits; what came is kept, and the process goes on', async () => {
    const runner = await startWrapper('talk.py')
    const { pid } = runner
    const run = talk(runner, 'one', 'silent')
    await until('the first result is told', () => run.chunks.length === 1)
    run.cancel()
    expect(await run.outcome).toMatchObject({ kind: 'canceled', killed: false })
    expect(await partialOf(run)).toEqual([{ result: 'ONE' }])
    expect(await talk(runner, 'count').outcome).toMatchObject({ output: { frames: [{ result: '1 destroyed' }] } })
    expect(runner.pid).toBe(pid)
  })

  it('has a clear error when no handle is idle, and a new process when none ever will be', async () => {
    const runner = await startWrapper('talk.py', { 'common.lic': 1, 'session.idle_seconds': 0.3 })
    const { pid } = runner
    await talk(runner, 'silent').outcome
    await until('another process is ready', () => runner.ready && runner.pid !== pid)
    expect(await talk(runner, 'well').outcome).toMatchObject({ kind: 'done' })
    const none = await startWrapper('talk.py', { 'common.lic': 0 })
    expect(await talk(none, 'one').outcome).toMatchObject({ message: 'no handle is idle', details: { code: -1 } })
  })

  it('is refused to a job without frames when the wrapper takes nothing else', async () => {
    const runner = await startWrapper('talk.py')
    for (const input of [{ text: 'x' }, { frames: [] }, { frames: [1] }, { frames: [{ text: 'x', status: 'soon' }] }]) {
      expect(await startRun(runner, input).outcome).toMatchObject({ kind: 'failed', code: 'invalid_input' })
    }
  })

  it('may be asked for its results instead', async () => {
    const runner = await startWrapper('reading.py', { 'session.idle_seconds': 0.6 })
    const { pid } = runner
    const run = talk(runner, 'one', 'two', 'three')
    expect(await run.outcome).toMatchObject({
      kind: 'done',
      output: { frames: [{ result: 'one' }, { result: 'two' }, { result: 'three' }] },
    })
    expect(run.chunks).toHaveLength(3)
    expect(await talk(runner, 'one', 'code').outcome).toMatchObject({
      message: 'wrapperRead failed with -7',
      details: { code: -7 },
      partial: { output: [{ result: 'one' }] },
    })
    // It says that it lives, and nothing else.
    expect(await talk(runner, 'one', 'stay silent').outcome).toMatchObject({ details: { code: 10019 } })
    expect(runner.pid).toBe(pid)
    expect(await talk(runner, 'hang').outcome).toMatchObject({ details: { code: 10019 } })
    await until('another process is ready', () => runner.ready && runner.pid !== pid)
  })
})
