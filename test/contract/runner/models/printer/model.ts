/** Prints in every way that could end up in the log of another run. */
import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel } from '@millrace/model'
import { z } from 'zod'

const both = (text: string | Buffer): void => {
  process.stdout.write(text)
  process.stderr.write(text)
}
/** Prints once when told by a file, and then says so by another. */
const LATE =
  'printf early; while [ ! -e go ]; do sleep 0.02; done; echo "late of $1"; echo "late of $1" >&2; touch said'

async function bar(ms: number): Promise<void> {
  for (let step = 0; step <= 20; step += 1) {
    process.stderr.write(`\rloading: ${step * 5}%|##| ${step}/20 [00:01<00:01]`)
    await wait(ms)
  }
}

const ACTS: Record<string, (says: string) => unknown> = {
  tail: (says) => both(says),
  line: (says) => console.log(says),
  half: (says) => both(Buffer.concat([Buffer.from(says), Buffer.from('é').subarray(0, 1)])),
  raw: (says) => writeSync(1, says),
  native: (says) => writeSync(1, says),
  exit: (says) => (both(says), process.exit(3)),
  kill: (says) => (both(says), process.kill(process.pid, 'SIGKILL'), wait(60_000)),
  segfault: (says) => (both(says), process.kill(process.pid, 'SIGSEGV'), wait(60_000)),
  throw: (says) => {
    both(says)
    throw new Error('on purpose')
  },
  bar: async () => {
    await bar(5)
    process.stderr.write('\n')
  },
  'bar-only': () => bar(0),
  long: (says) => console.log(says.repeat(10_000)),
  many: () => {
    for (let index = 0; index < 1000; index += 1) console.log(`line ${index}`)
  },
  'start-child': (says) => {
    spawn('sh', ['-c', LATE, 'sh', says], { stdio: 'inherit', cwd: says })
  },
  background: (says) => {
    const timer = setInterval(() => console.log(`late of ${says}`), 5)
    setTimeout(() => clearInterval(timer), 2000)
  },
  wait: () => wait(200),
}

export default defineModel({
  name: 'printer',
  version: '1.0.0',
  input: z.object({ mode: z.enum(Object.keys(ACTS)), says: z.string().default('') }),
  output: z.object({ pid: z.int() }),
  setup: () => void process.stdout.write('setup without end'),
  predict: async ({ mode, says }) => {
    await ACTS[mode]?.(says)
    return { pid: process.pid }
  },
})
