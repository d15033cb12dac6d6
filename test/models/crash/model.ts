/** Ends its process in every way a process can end. */
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'crash',
  version: '1.0.0',
  input: z.object({
    mode: z.enum([
      'ok',
      'exit0',
      'exit1',
      'segfault',
      'abort',
      'oom',
      'stray-rejection',
      'stray-throw',
      'memory',
      'words',
    ]),
  }),
  output: z.object({ pid: z.int() }),
  predict: async ({ mode }) => {
    if (mode === 'exit0') process.exit(0)
    if (mode === 'exit1') process.exit(1)
    if (mode === 'segfault') process.kill(process.pid, 'SIGSEGV')
    if (mode === 'abort') process.abort()
    if (mode === 'oom') for (const hoard: unknown[] = []; ; ) hoard.push(Array.from({ length: 1e5 }, Math.random))
    if (mode === 'memory') return { pid: new ArrayBuffer(2 ** 52).byteLength }
    if (mode === 'words') throw new TypeError('I ran out of memory, said the caller')
    if (mode === 'stray-rejection') void Promise.reject(new Error('nobody awaits this'))
    if (mode === 'stray-throw') {
      setImmediate(() => {
        throw new Error('nobody catches this')
      })
    }
    if (mode !== 'ok') await new Promise(() => {})
    return { pid: process.pid }
  },
})
