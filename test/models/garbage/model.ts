/** Answers with everything that a model should not. */
import { spawn } from 'node:child_process'
import { symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createModelFile, defineModel, type ModelContext } from '@millrace/model'
import { z } from 'zod'

const TO_HOST = 4

const handMade = (path: string) => createModelFile({ path, name: 'x', contentType: 'text/plain', size: 1 })

function cycle(): unknown {
  const value: Record<string, unknown> = {}
  value.self = value
  return value
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = [value]
  return value
}

function link(ctx: ModelContext): unknown {
  symlinkSync('/etc/passwd', join(ctx.workDir, 'link'))
  return handMade(join(ctx.workDir, 'link'))
}

function manyFiles(ctx: ModelContext): unknown {
  writeFileSync(join(ctx.workDir, 'one'), 'x')
  return Array.from({ length: 10_000 }, () => handMade(join(ctx.workDir, 'one')))
}

/** Says it ran on the pipe itself, behind the runner's back. */
function pipe(text: string): Promise<never> {
  writeSync(TO_HOST, text)
  return new Promise(() => {})
}

const ACTS: Record<string, (ctx: ModelContext) => unknown> = {
  ok: () => 'ok',
  'wrong-type': () => undefined,
  nan: () => [Number.NaN],
  cycle,
  deep: () => nested(10_000),
  bigint: () => 1n,
  function: () => () => 1,
  'throw-undefined': () => {
    throw undefined
  },
  'throw-string': () => {
    throw 'just words'
  },
  'print-50mb': () => {
    for (let index = 0; index < 50; index += 1) writeSync(1, 'x'.repeat(1024 * 1024))
    return 'printed'
  },
  'print-lines': () => {
    for (let index = 0; index < 5000; index += 1) console.log(`line ${index}`)
    return 'printed'
  },
  'fake-protocol': () => {
    console.log(JSON.stringify({ type: 'done', id: 'any', output: 'fake', files: [] }))
    return 'real'
  },
  'raw-bytes': () => pipe('\u0000\u0001 not json\n'),
  'no-message': () => pipe('{"type":"nonsense"}\n'),
  'other-run': () => pipe('{"type":"done","id":"another","files":[]}\n'),
  'oversized-frame': () => pipe('x'.repeat(2 * 1024 * 1024)),
  'lying-file': (ctx) =>
    pipe(
      `${JSON.stringify({ type: 'done', id: ctx.workDir.split('/').at(-1), output: { value: null }, files: [{ pointer: '/value', path: '../../etc/passwd', name: 'x', content_type: 'x' }] })}\n`,
    ),
  'outside-file': () => handMade('/etc/passwd'),
  'symlink-file': link,
  'outside-path': (ctx) => ctx.file('x', 'text/plain', { path: '../x' }),
  'odd-name': (ctx) => ctx.file('../../etc/pass\0wd', 'text/plain', 'odd'),
  'many-files': manyFiles,
  'huge-string': () => 'ü'.repeat(2 * 1024 * 1024),
  'huge-chunk': (ctx) => ctx.emit('x'.repeat(2 * 1024 * 1024)),
  'leave-child': () => spawn('sleep', ['3600'], { stdio: 'inherit' }).pid,
}

export default defineModel({
  name: 'garbage',
  version: '1.0.0',
  input: z.object({ mode: z.enum(Object.keys(ACTS)) }),
  output: z.object({ value: z.unknown().refine((value) => value !== undefined, 'is missing') }),
  predict: async ({ mode }, _model, ctx) => ({ value: await ACTS[mode]?.(ctx) }),
})
