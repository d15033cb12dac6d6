import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type Manifest, manifestSchema } from '@millrace/contracts'
import { afterEach, describe, expect, it } from 'vitest'
import { validateInput } from '../../../apps/api/src/input/validate-input.ts'
import { compileOutputCheck } from '@millrace/host'
import { removeRunFolders } from '../../contract/runner/run-in-folder.ts'
import { onceExample, runWithFiles, saidBy, startWrapper, wrappers } from './aiges-run.ts'
import { removePythonModels, startPythonModel } from '../python-model.ts'

const main = fileURLToPath(new URL('../../../apps/runner/python/run_model.py', import.meta.url))
const golden = fileURLToPath(new URL('./once-schema.json', import.meta.url))

/** What the runner says on descriptor 4 when it is to print the platform's document. */
async function printed(folder: string, settings: Record<string, unknown> = {}): Promise<unknown[]> {
  const given = { folder, host_pid: process.pid, print: 'aiges_schema', ...settings }
  const child = spawn('python3', ['-u', main, JSON.stringify(given)], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
  })
  const said = await text(child.stdio[4] as Readable)
  return said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** The input with its defaults, as the API would pass it on; throws when it would refuse it. */
async function accepted(manifest: Manifest, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  return (await validateInput({ manifest, input: structuredClone(input), nodes: 100 })).input
}
const manifestOf = async (ref: string) => (await startWrapper(ref)).start()
const REFUSED = "The input does not fit the model's schema"
const image = 'data:image/png;base64,AAAA'

afterEach(async () => {
  await removePythonModels()
  removeRunFolders()
})

describe('the schema of an aiges wrapper', { timeout: 30_000 }, () => {
  it('holds what each field states itself, and none of the defaults of the platform', async () => {
    const { input_schema, version, description } = await manifestOf('shapes.py:Declared')
    expect({ version, description }).toEqual({ version: '2.1', description: 'Declares a bit of all.' })
    expect(input_schema.properties).toMatchObject({
      mode: { type: 'string', minLength: 2, default: 'fast', description: 'How.' },
      text: { type: 'string' },
      options: { type: ['object', 'array', 'string'] },
      text2: { format: 'file', contentMediaType: 'image/*, application/octet-stream' },
    })
    const properties = input_schema.properties as Record<string, unknown>
    expect(properties.ratio).toEqual({
      ...{ type: ['number', 'string'], maximum: 1.5 },
      'x-number-text': { reads: 'float', maximum: 1.5 },
    })
    expect(properties.seed).toEqual({
      ...{ type: ['integer', 'string'], default: 123456 },
      'x-number-text': { reads: 'float' },
    })
    expect(properties.loud).toEqual({ type: ['boolean', 'string'], default: true })
    expect(properties.level).toEqual({ type: ['integer', 'string'], enum: [1, 2, '1', '2'] })
    expect(properties.style).toEqual({ type: 'string', enum: ['a'] })
    expect(properties.note).toEqual({ type: 'string', maxLength: 5 })
    expect(properties.own).toEqual({ type: 'string' })
    expect(input_schema.required).toEqual(['level', 'note'])
  })

  it('refuses nothing that the wrapper takes, and what it states that it does not', async () => {
    const runner = await startWrapper('shapes.py:Declared')
    const manifest = await runner.start()
    const least = { level: 1, note: 'n' }
    for (const input of [
      least,
      { level: '2', note: '' },
      { ...least, ratio: '1.5', seed: ' 1_0 ' },
      { ...least, ratio: -5, seed: 1e6, loud: 'TRUE', options: [] },
    ]) {
      await accepted(manifest, input)
    }
    for (const input of [
      { note: 'n' },
      { ...least, ratio: 2 },
      { ...least, ratio: '2' },
      { ...least, ratio: 'lots' },
      { ...least, level: 3 },
      { ...least, nothing: 1 },
    ]) {
      await expect(accepted(manifest, input)).rejects.toThrow(REFUSED)
    }
    const given = await accepted(manifest, { ...least, text: '中', options: { a: [1] }, text2: image })
    const run = {
      ...given,
      text2: null,
      parameter: { extra: 1, mode: 'slow' },
      payload: { mode: 'as data', more: { b: 2 } },
    }
    await accepted(manifest, { ...run, text2: image })
    const { params, nodes } = (
      await runWithFiles(runner, run, { '/text2': { bytes: Buffer.from('png'), type: 'image/png' } }).outcome.then(
        (outcome) => ('output' in outcome ? outcome.output : outcome) as { result: Record<string, unknown> },
      )
    ).result
    // `style` has a default that its own list forbids: it is delivered, as the platform's debug run does.
    expect(params).toEqual({
      mode: 'slow',
      seed: '123456',
      loud: 'true',
      level: '1',
      note: 'n',
      style: '',
      extra: '1',
    })
    expect(nodes).toEqual([
      ['text', 'd6d0', 0],
      ['options', '{"a":[1]}', 0],
      ['text2', 'png', 2],
      ['mode', 'as data', 0],
      ['more', '{"b":2}', 0],
    ])
  })

  it('says of each result what it is, and fits several of one name', async () => {
    const { output_schema } = await manifestOf('shapes.py:Declared')
    const check = compileOutputCheck(output_schema)
    const file = { path: 'x', name: 'x', content_type: 'image/png' }
    expect(
      await check({ plain: 'a', result: { any: 1 }, picture: null }, [{ ...file, pointer: '/picture' }]),
    ).toBeUndefined()
    expect(await check({ plain: ['a', 'b'], picture: [null] }, [{ ...file, pointer: '/picture/0' }])).toBeUndefined()
    expect(await check({ plain: 1 }, [])).toMatchObject({ pointer: '/plain' })
    expect(await check({ picture: 'text' }, [])).toMatchObject({ pointer: '/picture' })
  })

  it('lets everything through where the wrapper declares nothing', async () => {
    const runner = await startWrapper('shapes.py:Two')
    const manifest = await runner.start()
    const input = { prompt: 'hello', temperature: 0.5, image }
    const { places } = await validateInput({ manifest, input: structuredClone(input), nodes: 10 })
    expect([...places.keys()]).toEqual(['/image'])
    expect(await saidBy(runner, { prompt: 'hello', temperature: 0.5 })).toMatchObject({
      params: { temperature: '0.5' },
      data: ['hello'],
    })
  })

  it('offers frames only where there are sessions, and asks for them where there is nothing else', async () => {
    const talk = await manifestOf('talk.py')
    expect(talk.input_schema.required).toEqual(['frames'])
    await accepted(talk, { frames: [{ text: 'a', status: 'begin' }, { voice: 'data:audio/wav;base64,AAAA' }] })
    await expect(accepted(talk, { text: 'a' })).rejects.toThrow(REFUSED)
    await expect(accepted(talk, { frames: [{ txt: 'a' }] })).rejects.toThrow(REFUSED)
    expect(await compileOutputCheck(talk.output_schema)({ frames: [{ result: 'A' }] }, [])).toBeUndefined()
    const once = await (await startPythonModel({ source: onceExample })).start()
    expect(once).toMatchObject({ streams: false, version: 'v1' })
    expect(once.input_schema.properties).not.toHaveProperty('frames')
    expect(await accepted(once, { text: 'a' })).toEqual({ text: 'a', lang: 'en', threshold: 0.5, top: 2, upper: false })
    expect(() => manifestSchema.parse(once)).not.toThrow()
  })
})

describe('the document of the platform', { timeout: 30_000 }, () => {
  it('is printed in place of a run, without the model being loaded', async () => {
    expect(await printed(onceExample, { config: { fail_init: 1 } })).toEqual([
      { type: 'aiges_schema', document: JSON.parse(readFileSync(golden, 'utf8')) },
    ])
  })

  it('is refused to a wrapper that declares too little for it, and to what is no wrapper', async () => {
    const of = (ref: string) => printed(wrappers, { convention: 'aiges', ref })
    expect(await of('shapes.py:Two')).toMatchObject([
      { type: 'setup_failed', message: expect.stringContaining('declares no input') },
    ])
    expect(await of('reading.py')).toMatchObject([
      { type: 'setup_failed', message: expect.stringContaining('serviceId') },
    ])
    const service = fileURLToPath(new URL('../examples/ai_inference_service/', import.meta.url))
    expect(await printed(service, { ref: 'custom_model.py:DummyModel' })).toMatchObject([
      { type: 'setup_failed', message: expect.stringContaining('only an aiges model has that document') },
    ])
  })
})

describe('an aiges wrapper that its author runs by hand', { timeout: 30_000 }, () => {
  it('prints its document and checks itself', async () => {
    const shim = fileURLToPath(new URL('../../../apps/runner/python/shims/aiges', import.meta.url))
    const child = spawn('python3', ['wrapper.py'], {
      cwd: onceExample,
      env: { ...process.env, PYTHONPATH: shim, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
    expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync(golden, 'utf8')))
    expect(err).toContain('the wrapper answers as it should')
  })
})
