import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ApiClient } from '../../support/api-client.ts'
import { type AuthorFolder, makeAuthorFolder, modelSource } from '../../support/author-folder.ts'
import { type MillraceProcess, startMillrace } from '../../support/processes/millrace-process.ts'
import { until as untilSoon } from '../../support/until.ts'

/** The author's loop: save a model, and the next job runs its new code. Everything as a user starts it. */

vi.setConfig({ testTimeout: 90_000 })

let folder: AuthorFolder
let dev: MillraceProcess
let client: ApiClient

/** Loading a model is a start of a process, which takes its time on a busy machine. */
const until: typeof untilSoon = (what, ask) => untilSoon(what, ask, { timeoutMs: 30_000, everyMs: 50 })
const screen = () => dev.log.map((line) => (typeof line.text === 'string' ? line.text : JSON.stringify(line)))
const shows = (what: string) => until(`the screen shows "${what}"`, () => screen().find((line) => line.includes(what)))
const versionOf = async (model: string): Promise<string> =>
  ((await (await client.request(`/v1/models/${model}`)).json()) as { version: string }).version
const workersOf = async (model: string): Promise<number> =>
  ((await (await client.request(`/v1/models/${model}`)).json()) as { workers: number }).workers

beforeAll(async () => {
  folder = makeAuthorFolder()
  const body = `(() => {
    if (input.text === 'fail') throw new Error('not\\nthis \\x1b[31mone')
    return { text: input.text.toUpperCase() }
  })()`
  folder.save('shout/model.ts', modelSource({ name: 'shout', body }))
  folder.save('broken/model.ts', modelSource({ name: 'broken', setup: `throw new Error('no weights here')` }))
  dev = startMillrace('dev', {
    LOG_FORMAT: 'text',
    MILLRACE_DATA_DIR: folder.dataDir,
    MILLRACE_MODELS: folder.models,
  })
  const line = await shows('Millrace is up at')
  client = new ApiClient(line.replace('Millrace is up at ', ''))
}, 60_000)
afterAll(async () => {
  await dev.kill('SIGKILL')
  folder.delete()
})

it('greets with its address, its page, every model, and a command line for the first that works', async () => {
  await shows('Ctrl-C stops')
  const text = screen().join('\n')
  expect(text).toContain(`${client.url}/docs`)
  expect(text).toMatch(/^ {2}shout +1\.0\.0 +ready$/m)
  expect(text).toMatch(/^ {2}broken +- +does not load, see above$/m)
  expect(text).toContain(`-d '{"input":{"text":"hello"}}' ${client.url}/v1/models/shout/jobs`)
  expect(text).toMatch(
    /broken does not load; its jobs wait until it does:\n {4}no weights here\n {4}at .*model\.ts:\d+/,
  )
  expect(text).not.toMatch(/^\{/m)
  folder.remove('broken')
})

it('prints one line for each job as it ends, with the reason when it failed', async () => {
  const good = await client.run('shout', { text: 'hi' })
  const bad = await client.run('shout', { text: 'fail' })
  expect(await shows(`…${good.id.slice(-8)}`)).toMatch(/^\d\d:\d\d:\d\d {2}…\w{8} {2}shout {2}succeeded {2}\d\.\d\d s$/)
  expect(await shows(`…${bad.id.slice(-8)}`)).toMatch(/ shout {2}failed {5}\d\.\d\d s {2}model_error: not$/)
  expect(screen().filter((line) => line.includes(`…${good.id.slice(-8)}`))).toHaveLength(1)
})

it('runs the new code and publishes the new schema each time a model is saved', async () => {
  for (const [version, answer] of [
    ['1.1.0', 'one'],
    ['1.2.0', 'two'],
  ] as const) {
    const body = `{ text: '${answer} ' + input.words }`
    folder.save('shout/model.ts', modelSource({ name: 'shout', version, body, input: 'words: z.string()' }))
    await until(`${version} is published`, async () => (await versionOf('shout')) === version)
    const job = await until('the new schema is asked for', async () => {
      const response = await client.submit('shout', { input: { words: 'x' } })
      return response.status === 202 ? ((await response.json()) as { id: string }) : undefined
    })
    expect(await client.finished(job.id)).toMatchObject({
      status: 'succeeded',
      version,
      output: { text: `${answer} x` },
    })
  }
})

it('keeps the last good manifest of a model that no longer compiles, and its jobs wait until it does', async () => {
  folder.save('shout/model.ts', 'export default defineModel({ name: ')
  await shows('shout does not load; its jobs wait until it does')
  expect(screen().join('\n')).toMatch(/model\.ts:1:\d+: ERROR/)
  const waiting = await client.accepted('shout', { words: 'kept' })
  expect(await versionOf('shout')).toBe('1.2.0')
  expect(await workersOf('shout')).toBe(0)
  expect(await client.job(waiting.id)).toMatchObject({ status: 'queued', attempt: 0 })
  const body = '{ text: input.words }'
  folder.save('shout/model.ts', modelSource({ name: 'shout', version: '1.3.0', body, input: 'words: z.string()' }))
  expect(await client.finished(waiting.id)).toMatchObject({ status: 'succeeded', version: '1.3.0', attempt: 1 })
  expect(screen().filter((line) => line.includes('shout does not load'))).toHaveLength(1)
})

it('picks up a new model, and loads it alone again when any of its source files changes', async () => {
  const source = modelSource({ name: 'slow', body: '{ text: word + process.pid }' })
  folder.save('slow/word.ts', `export const word = 'old'`)
  folder.save('slow/model.ts', `import { word } from './word.ts'\n${source}`)
  await client.ready('slow')
  const runnersBefore = screen().filter((line) => line.includes('shout: changed'))
  folder.save('slow/word.ts', `export const word = 'new'`)
  await until('the new word is used', async () =>
    ((await client.run('slow', { text: '' })).output as { text: string }).text.startsWith('new'),
  )
  expect(screen().filter((line) => line.includes('shout: changed'))).toEqual(runnersBefore)
})

it('gives a running job back when its model changes, and finishes it with the new code, blaming nobody', async () => {
  const endless = `await new Promise((_, reject) => {
    ctx.progress(0.5)
    ctx.signal.onabort = () => reject(ctx.signal.reason)
  })`
  folder.save('slow/model.ts', modelSource({ name: 'slow', version: '2.0.0', body: endless }))
  await until('2.0.0 is published', async () => (await versionOf('slow')) === '2.0.0')
  const job = await client.accepted('slow', { text: 'again' })
  await until('it runs', async () => (await client.job(job.id)).progress)
  folder.save('slow/model.ts', modelSource({ name: 'slow', version: '3.0.0' }))
  const ended = await client.finished(job.id)
  expect(ended).toMatchObject({ status: 'succeeded', version: '3.0.0', output: { text: 'AGAIN' }, error: null })
  expect(await shows(`…${job.id.slice(-8)}  slow  again`)).toContain('back in the queue')
})

it('does the same for a Python model and its millrace.yaml, and tells the line of a key that does not exist', async () => {
  folder.save('adder/model.py', 'def predict(data):\n    return data + 1\n')
  await shows('adder 0.0.0 is ready')
  await client.ready('adder')
  expect((await client.run('adder', { data: 1 })).output).toEqual({ prediction: 2 })
  folder.save('adder/model.py', 'def predict(data):\n    return data + 10\n')
  await until('the new code answers', async () => {
    const { output } = await client.run('adder', { data: 1 })
    return (output as { prediction: number }).prediction === 11
  })
  folder.save('adder/millrace.yaml', 'version: "7"\ntime-out: 3\n')
  await shows('millrace.yaml, line 2: time-out: there is no such key; did you mean timeout?')
  folder.save('adder/millrace.yaml', 'version: "7"\ntimeout: 3\n')
  await until('the version is published', async () => (await versionOf('adder')) === '7')
  folder.remove('adder')
})

it('withdraws a model whose folder is removed', async () => {
  folder.remove('slow')
  await shows('slow: withdrawn')
  expect(await workersOf('slow')).toBe(0)
})

it('stops in order when it is asked to', async () => {
  dev.child.kill('SIGTERM')
  expect(await dev.gone).toBe(0)
})
