import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineModel } from '../define-model.ts'
import { file } from '../file.ts'
import { InvalidInputError, InvalidOutputError } from '../model-errors.ts'
import { localFile } from '../model-file.ts'
import type { ModelContext } from '../model-context.ts'
import { packageDir } from '../package-dir.ts'
import { runModel, trainModel } from './run-model.ts'

const HELLO_SHA256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
const here = fileURLToPath(import.meta.url)

describe('trainModel', () => {
  const model = defineModel({
    name: 'm',
    version: '1',
    input: z.object({}),
    output: z.object({}),
    setup: () => 'loaded',
    predict: () => ({}),
    training: {
      input: z.object({ epochs: z.int().default(2) }),
      output: z.object({ said: z.string() }),
      train: ({ epochs }, loaded, ctx) => {
        for (let epoch = 1; epoch <= epochs; epoch++) ctx.metric('loss', 1 / epoch)
        return { said: `${loaded} ${epochs}` }
      },
    },
  })

  it('trains by the schemas of the training, and gives back what was measured', async () => {
    expect(await trainModel(model, {})).toMatchObject({ output: { said: 'loaded 2' }, metrics: { loss: 0.5 } })
    await expect(trainModel(model, { epochs: 'many' as never })).rejects.toThrow(InvalidInputError)
  })

  it('leaves out what was measured under a name that is no text, and says so', async () => {
    const half = 'a\ud800'
    const measured = {
      ...model,
      training: {
        ...model.training!,
        train: (_input: { epochs: number }, _loaded: string, ctx: ModelContext) => {
          ctx.metric(half, 1)
          ctx.metric('loss', 2)
          return { said: 'ok' }
        },
      },
    }
    const run = await trainModel(measured, {})
    expect(run.metrics).toEqual({ loss: 2 })
    expect(run.logs).toMatchObject([{ level: 'warn', message: expect.stringContaining('half a surrogate pair') }])
  })

  it('refuses a model that cannot be trained', async () => {
    await expect(trainModel({ ...model, training: undefined }, {})).rejects.toThrow(/cannot be trained/)
  })
})

describe('runModel', () => {
  it('runs setup, predict and teardown, and gives back all that the model said', async () => {
    const order: string[] = []
    const model = defineModel({
      name: 'm',
      version: '1',
      input: z.object({ text: z.string().default('hello') }),
      output: z.object({ bytes: file(), stream: file(), path: file() }),
      setup: () => void order.push('setup'),
      teardown: () => void order.push('teardown'),
      predict: async ({ text }, _loaded, ctx) => {
        order.push('predict')
        ctx.progress(7, 'over')
        ctx.emit({ part: 1 })
        ctx.log('warn', 'careful')
        writeFileSync(join(ctx.workDir, 'own'), text)
        return {
          bytes: await ctx.file('a.txt', 'text/plain', text),
          stream: await ctx.file('a.txt', 'text/plain', Readable.from([text])),
          path: await ctx.file('../own', 'text/plain', { path: join(ctx.workDir, 'own') }),
        }
      },
    })
    const run = await runModel(model, {})
    expect(order).toEqual(['setup', 'predict', 'teardown'])
    expect(run).toMatchObject({
      chunks: [{ part: 1 }],
      progress: [{ fraction: 1, message: 'over' }],
      logs: [{ level: 'warn', message: 'careful' }],
    })
    for (const made of Object.values(run.output)) {
      expect(String(await made.bytes())).toBe('hello')
      expect(made).toMatchObject({ size: 5, sha256: HELLO_SHA256, contentType: 'text/plain' })
    }
  })

  it.each([
    ['the content type left out', ['a.png', Buffer.from('hi')], /contentType .*\(Buffer\); data is missing$/],
    ['a content type that is none', ['a.png', 'png', 'hi'], /: contentType should be a text such as 'image\/png', got/],
    ['no name', [undefined, 'image/png', 'hi'], /: name should be a text such as 'result.png', got undefined$/],
    ['no data', ['a.png', 'image/png'], /^ctx\.file\(name, contentType, data\): data is missing$/],
    ['an object as data', ['a.png', 'image/png', { width: 1 }], /: data should be bytes .*, got an object \(Object\)$/],
    ['a path that is none', ['a.png', 'image/png', { path: 7 }], /: data should be bytes/],
    ['a number as data', ['a.png', 'image/png', 7], /: data should be bytes .*, got a number$/],
  ])('refuses a call of ctx.file with %s before it opens anything', async (_, given, words) => {
    let left: string[] | undefined
    const model = defineModel({
      name: 'm',
      version: '1',
      input: z.object({}),
      output: z.string(),
      predict: async (_input, _loaded, ctx) => {
        const refused = await (ctx.file as (...args: unknown[]) => Promise<unknown>)(...given).catch((e: unknown) => e)
        left = readdirSync(ctx.workDir)
        return refused instanceof TypeError ? refused.message : 'no TypeError'
      },
    })
    expect((await runModel(model, {})).output).toMatch(words)
    expect(left).toEqual([])
  })

  it('gives the model a file of the disk', async () => {
    const model = defineModel({
      name: 'm',
      version: '1',
      input: z.object({ source: file('text/plain') }),
      output: z.string(),
      predict: async ({ source }) => `${source.name} ${(await source.bytes()).length === source.size}`,
    })
    expect((await runModel(model, { source: await localFile(here, 'text/plain') })).output).toBe(
      'run-model.test.ts true',
    )
    await expect(runModel(model, { source: 'text' as never })).rejects.toThrow('/input/source: expected a file')
  })

  it('rejects as a job would fail, and still tears down', async () => {
    let torn = 0
    const failing = (predict: () => unknown) =>
      defineModel({
        name: 'm',
        version: '1',
        input: z.object({}),
        output: z.unknown(),
        predict,
        teardown: () => void torn++,
      })
    await expect(
      runModel(
        failing(() => 1),
        'text' as never,
      ),
    ).rejects.toThrow(InvalidInputError)
    await expect(
      runModel(
        failing(() => 1n),
        {},
      ),
    ).rejects.toThrow(InvalidOutputError)
    const fault = new Error('mine')
    await expect(
      runModel(
        failing(() => Promise.reject(fault)),
        {},
      ),
    ).rejects.toBe(fault)
    expect(torn).toBe(3)
  })
})

describe('packageDir', () => {
  it('finds the folder of a package, and says when it is missing', () => {
    expect(packageDir('zod', import.meta.url)).toMatch(/node_modules[/\\]zod$/)
    expect(() => packageDir('no-such-package-here', import.meta.url)).toThrow('not installed')
  })
})
