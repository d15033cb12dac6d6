import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { removeRunFolders, startRun } from '../../contract/runner/run-in-folder.ts'
import { onceExample, runWithFiles, saidBy, seedExample, startWrapper } from './aiges-run.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'

const startOnce = (config?: Record<string, unknown>) =>
  startPythonModel({ source: onceExample, ...(config !== undefined && { config }) })
const outcomeOf = (runner: RunnerProcess, input: Record<string, unknown>) => startRun(runner, input).outcome
const png = readFileSync(join(onceExample, 'test_data/test.png'))

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

describe('an aiges wrapper', { timeout: 30_000 }, () => {
  it('gives one value per result: text as it is, an image as a file', async () => {
    const runner = await startOnce()
    const run = runWithFiles(
      runner,
      { text: 'héllo', img: null, upper: true, top: 5, threshold: 0.25 },
      {
        '/img': { bytes: png, type: 'image/png' },
      },
    )
    const outcome = await run.outcome
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome))
    const { result, thumb } = outcome.output as { result: string; thumb: null }
    expect(thumb).toBeNull()
    expect(outcome.files).toMatchObject([{ pointer: '/thumb', name: 'thumb.png', content_type: 'image/png' }])
    expect(readFileSync(join(run.workDir, outcome.files[0]?.path ?? ''))).toEqual(png.subarray(0, 8))
    expect(JSON.parse(result)).toMatchObject({
      text: 'HÉLLO',
      lang: 'en',
      top: 5,
      keys: ['img', 'text'],
      img_len: png.length,
      img_type: 2,
    })
  })

  it('gets all parameters as text, with the declared values of those that were left out, and a sid', async () => {
    const runner = await startOnce()
    const said = (await saidBy(runner, { text: 'hello' })) as { types: Record<string, string> }
    expect(said).toMatchObject({ lang: 'en', top: 2, keys: ['text'], img_md5: null })
    expect(said.types).toEqual({ lang: 'str', threshold: 'str', top: 'str', upper: 'str', sid: 'str' })
    const two = await startWrapper('shapes.py:Two')
    const { params } = (await saidBy(two, { text: 'x', a: 5, b: 0.5, c: 1e-7, d: true, e: 1e21, f: -2.5e-9 })) as {
      params: Record<string, string>
    }
    const numbers = { a: '5', b: '0.5', c: '0.0000001', e: '1000000000000000000000', f: '-0.0000000025' }
    expect({ ...params, sid: '' }).toEqual({ ...numbers, d: 'true', sid: '' })
  })

  it('takes the text of a number or boolean for it', async () => {
    const runner = await startOnce()
    expect(await saidBy(runner, { text: 'hello', top: '4', upper: 'true' })).toMatchObject({ text: 'HELLO', top: 4 })
    for (const input of [{ top: 'four' }, { top: '6' }, { threshold: '-0.1' }, { lang: 'fr' }]) {
      const parameter = Object.keys(input)[0]
      expect(await outcomeOf(runner, { text: 'hello', ...input })).toMatchObject({
        code: 'invalid_input',
        details: { parameter },
      })
    }
  })

  it('reports its own error codes in its own words, and goes on in the same process', async () => {
    const runner = await startOnce()
    const { pid } = runner
    expect(await outcomeOf(runner, { text: 'a' })).toMatchObject({
      kind: 'failed',
      code: 'model_error',
      message: 'text too short',
      details: { code: 100 },
    })
    expect(await outcomeOf(runner, { text: 'raise' })).toMatchObject({
      code: 'model_error',
      message: 'RuntimeError: engine crashed',
      traceback: expect.stringMatching(/^Traceback[^]*\n {2}File ".*wrapper\.py", line \d+, in wrapperOnceExec/),
    })
    for (const [text, message] of [
      ['none', 'wrapperOnceExec returned None, not a Response: user error -1'],
      ['int', 'user error -1'],
      ['empty', 'the Response holds no result: user error -1'],
    ] as const) {
      expect(await outcomeOf(runner, { text })).toMatchObject({ code: 'model_error', message, details: { code: -1 } })
    }
    expect(await saidBy(runner, { text: 'again' })).toMatchObject({ calls: 6 })
    expect(runner.pid).toBe(pid)
  })

  it('is not set up when wrapperInit answers a code', async () => {
    await expect(startOnce({ fail_init: 1 })).rejects.toThrow('wrapperInit failed with 30099: user error 30099')
  })

  it('may be of the first era: two arguments, and data assigned as text', async () => {
    const runner = await startPythonModel({ source: seedExample })
    const outcome = await runWithFiles(
      runner,
      { data: null, mode: 'music' },
      {
        '/data': { bytes: Buffer.from('sound'), type: 'audio/wav' },
      },
    ).outcome
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome))
    const { output_text } = outcome.output as { output_text: string }
    expect(JSON.parse(output_text)).toMatchObject({ code: 0, mode: 'music', bytes: 5, t: 'bytes' })
    const empty = { '/data': { bytes: Buffer.alloc(0), type: 'audio/wav' } }
    expect(await runWithFiles(runner, { data: null }, empty).outcome).toMatchObject({
      message: '参数非法',
      details: { code: 3006 },
    })
  })

  it('is called with the arguments that it takes', async () => {
    expect(await saidBy(await startWrapper('shapes.py:Three'), { text: 'x' })).toEqual({ tag: true })
    expect(await saidBy(await startWrapper('shapes.py:Odd'), { text: 'x' })).toEqual({ sid: true, data: 0, rest: 3 })
    const four = await startWrapper('shapes.py:Four')
    const run = startRun(four, { text: 'x' })
    expect(await run.outcome).toMatchObject({
      output: { result: '{"tag": true, "persId": 0}' },
      metrics: { tokens: 3 },
    })
    expect(run.logs).toContainEqual({ level: 'debug', message: 'step: one' })
  })

  it('may answer through a callback', async () => {
    const runner = await startWrapper('shapes.py:Async')
    expect(await saidBy(runner, { text: 'x' })).toEqual({ sid: true })
    expect(await outcomeOf(runner, { text: 'refuse' })).toMatchObject({
      message: 'wrapperOnceExecAsync failed with 77',
      details: { code: 77 },
    })
  })

  it('says what its results are by their declared types', async () => {
    const runner = await startWrapper('shapes.py:Results')
    expect(await outcomeOf(runner, { text: 'many' })).toMatchObject({ output: { plain: ['a', 'b'] } })
    expect(await outcomeOf(runner, { text: 'empty text' })).toMatchObject({ output: { plain: '' } })
    expect(await outcomeOf(runner, { text: 'no name' })).toMatchObject({ output: { output: 'x' } })
    expect(await outcomeOf(runner, { text: 'files' })).toMatchObject({
      output: { picture: null, sound: null, film: null },
      files: [
        { pointer: '/picture', name: 'picture.jpg', content_type: 'image/jpeg' },
        { pointer: '/sound', name: 'sound.bin', content_type: 'application/octet-stream' },
        { pointer: '/film', name: 'film.bin' },
      ],
    })
    expect(await outcomeOf(runner, { text: 'declared picture' })).toMatchObject({
      files: [{ name: 'picture.jpg', content_type: 'image/jpeg' }],
    })
  })

  it('is told what is wrong with an answer that cannot be read', async () => {
    const runner = await startWrapper('shapes.py:Results')
    for (const [text, message] of [
      ['wrong type', "the type of 'picture' is text, and image is declared"],
      ['not json', "'result' is declared as JSON, and is none"],
      ['not utf8', "the text of 'plain' is not utf8"],
      ['no bytes', "the data of 'plain' is dict, not bytes or text"],
    ] as const) {
      expect(await outcomeOf(runner, { text })).toMatchObject({ kind: 'failed', code: 'invalid_output', message })
    }
    for (const [text, message, code] of [
      ['err', 'error 9', 9],
      ['unknown err', 'wrapperOnceExec failed with 10', 10],
      ['number', 'wrapperOnceExec failed with 10', 10],
      ['untouched', 'the Response holds no result', -1],
      ['text', 'wrapperOnceExec returned str, not a Response', -1],
    ] as const) {
      expect(await outcomeOf(runner, { text })).toMatchObject({ code: 'model_error', message, details: { code } })
    }
  })

  it('hears in the log of a job what is odd, and fails by it where that is asked for', async () => {
    const loose = startRun(await startWrapper('shapes.py:Results'), { text: 'odd status' })
    expect(await loose.outcome).toMatchObject({ output: { plain: 'x' } })
    expect(loose.logs).toEqual([{ level: 'warn', message: "the status of 'plain' is continue, not once" }])
    const strict = await startWrapper('shapes.py:Results', { millrace: { strict_results: true } })
    expect(await outcomeOf(strict, { text: 'undeclared' })).toMatchObject({
      code: 'invalid_output',
      message: "'other' is no declared result",
    })
    expect(await outcomeOf(strict, { text: 'odd status' })).toMatchObject({ kind: 'done' })
  })

  it('gets its config as a flat map of text', async () => {
    const given = { common: { lic: 10 }, log: { level: 'info', on: true }, 'a.b': 0.5, none: null }
    const text = { 'common.lic': '10', 'log.level': 'info', 'log.on': 'true', 'a.b': '0.5' }
    const runner = await startWrapper('shapes.py:Configured', given)
    expect(await saidBy(runner, { flag: true })).toEqual({ config: text, params: 'true' })
    const typed = await startWrapper('shapes.py:Configured', {
      ...given,
      millrace: { typed_config: true, typed_params: true },
    })
    const values = { 'common.lic': 10, 'log.level': 'info', 'log.on': true, 'a.b': 0.5 }
    expect(await saidBy(typed, { flag: true })).toEqual({ config: values, params: true })
    const none = await startWrapper('shapes.py:Configured', {})
    expect(await saidBy(none, { flag: 1 })).toEqual({ config: { number: 1 }, params: '1' })
    await expect(startWrapper('shapes.py:Configured', { code: 5 })).rejects.toThrow('wrapperInit failed with 5\n')
  })

  it('finds what it imports by star, and its logs in the log of the job', async () => {
    const runner = await startWrapper('star.py')
    const run = startRun(runner, { text: 'x' })
    expect(await run.outcome).toMatchObject({ output: { names: '12' } })
    expect(run.logs).toEqual([
      { level: 'warn', message: 'careful' },
      { level: 'error', message: 'to a file' },
      { level: 'info', message: 'hello you' },
    ])
    expect(existsSync('/log/app')).toBe(false)
  })

  it('is ended by wrapperFini, and at once even when its threads never end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-aiges-'))
    const note = join(folder, 'ended')
    const runner = await startWrapper('shapes.py:Ends', { note })
    const before = performance.now()
    await runner.stop(10_000)
    expect(performance.now() - before).toBeLessThan(5000)
    expect(existsSync(note)).toBe(true)
    rmSync(folder, { recursive: true })
  })

  it('is refused when it can do nothing', async () => {
    await expect(startWrapper('shapes.py:Nothing')).rejects.toThrow('Nothing has neither wrapperOnceExec nor')
    await expect(startWrapper('shapes.py:Absent')).rejects.toThrow('shapes.py has no class Absent')
  })
})
