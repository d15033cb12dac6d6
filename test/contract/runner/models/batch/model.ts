/** Takes four runs in one call and says in each output which call that was. A run may fail alone, make the call raise, or end the process. */
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel, ModelError } from '@millrace/model'
import { z } from 'zod'

const MODES = ['plain', 'fail', 'wrong', 'raise', 'crowd', 'few', 'emit', 'print', 'exit', 'never', 'keep'] as const
let calls = 0

export default defineModel({
  name: 'batch',
  version: '1.0.0',
  input: z.object({
    mode: z.enum(MODES).default('plain'),
    n: z.int().default(0),
    seconds: z.number().default(0).describe('How long the call takes at least.'),
    text: z.string().default(''),
  }),
  output: z.object({ n: z.int(), call: z.int(), together: z.int(), chars: z.int() }),
  batch: { maxSize: 4 },
  cancelGraceSeconds: 0.3,
  predict: async (inputs, _model, contexts) => {
    const call = ++calls
    const has = (mode: (typeof MODES)[number]): boolean => inputs.some((input) => input.mode === mode)
    if (has('exit')) process.exit(1)
    for (const [i, input] of inputs.entries()) if (input.mode === 'emit') contexts[i]?.emit({ n: input.n })
    if (has('print')) console.log('printed')
    await wait(1000 * Math.max(...inputs.map(({ seconds }) => seconds)))
    for (const [i, { mode, n }] of inputs.entries()) {
      // It rejects when that run was stopped, and the others go on.
      if (mode === 'keep') await contexts[i]?.checkpoint({ n }).catch(() => undefined)
    }
    if (has('never')) {
      await Promise.all(contexts.map(({ signal }) => aborted(signal)))
      throw new Error('stopped')
    }
    if (has('raise')) throw new Error('one of them cannot be')
    if (has('crowd') && inputs.length > 2) throw new Error('CUDA out of memory')
    const outputs = inputs.map(({ mode, n, text }, i) => {
      contexts[i]?.progress(0.5, `at ${n}`)
      contexts[i]?.log('info', `logged ${n}`)
      if (mode === 'fail') return new ModelError('this one cannot be', { n })
      const chars = mode === 'wrong' ? ('many' as never) : text.length
      return { n, call, together: inputs.length, chars }
    })
    return has('few') ? outputs.slice(1) : outputs
  },
})

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
