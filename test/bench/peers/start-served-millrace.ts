/** Millrace as one of the stacks that are compared. Called by measurePeer. */
import { fileURLToPath } from 'node:url'
import { get, post } from '../stacks/bench-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import type { ServedStack } from '../stacks/start-peer-stack.ts'

const PAUSE = { folder: fileURLToPath(new URL('../models/pause', import.meta.url)), name: 'pause' }

/** `works`: with a runner per slot; else the no-op model is known, and nothing is taken from its line. */
export async function startServedMillrace(slots: number, works: boolean): Promise<ServedStack> {
  const stack = await startMillraceStack(works ? { slots, model: PAUSE } : {})
  return {
    url: stack.url,
    redis: stack.redis,
    get pids() {
      return stack.pids
    },
    submit: (text, ms) =>
      works
        ? post('/v1/models/pause/jobs', { input: { text, ms } })
        : post('/v1/models/noop/jobs', { input: { text } }),
    submitStatus: 202,
    read: get('/v1/jobs/{id}'),
    doneText: '"status":"succeeded"',
    crash: () => stack.crash(),
    stop: () => stack.stop(),
  }
}
