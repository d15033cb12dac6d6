/** Takes four runs in one process; runs can wait for each other, and one can take the others down. */
import { writeSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel } from '@millrace/model'
import { z } from 'zod'

let running = 0
let most = 0

export default defineModel({
  name: 'parallel',
  version: '1.0.0',
  input: z.object({
    mode: z.enum(['meet', 'wait', 'polite', 'never', 'exit1']),
    others: z.int().min(0).default(1).describe('How many other runs `meet` waits for.'),
    seconds: z.number().min(0).default(0).describe('How long `wait` takes.'),
    says: z.string().default('').describe('Logged, and printed, once the run has met the others.'),
  }),
  output: z.object({ most: z.int().describe('Runs at once, as the process has seen it.'), pid: z.int() }),
  concurrency: 4,
  cancelGraceSeconds: 0.3,
  predict: async ({ mode, others, seconds, says }, _model, ctx) => {
    running += 1
    most = Math.max(most, running)
    try {
      ctx.progress(0.5, `pid ${process.pid}`)
      if (mode === 'exit1') process.exit(1)
      if (mode === 'never') await new Promise(() => {})
      if (mode === 'polite') {
        await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))
      }
      if (mode === 'wait') await wait(seconds * 1000, undefined, { signal: ctx.signal })
      else while (running <= others) await wait(5, undefined, { signal: ctx.signal })
      if (says) {
        const told = Buffer.from(`told ${says} é\n`)
        process.stdout.write(told.subarray(0, -2))
        // As native code prints: nobody can tell whose it is.
        writeSync(1, `printed ${says}\n`)
        // Time for the one to arrive in the middle of the other.
        await wait(20)
        process.stdout.write(told.subarray(-2))
        ctx.log('info', `logged ${says}`)
        ctx.emit({ says })
      }
      // Until the others have seen it, too.
      await wait(50)
      return { most, pid: process.pid }
    } finally {
      running -= 1
    }
  },
})
