/** Starts the load generator beside the bench, so that neither it nor the servers share an event loop. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadPlan, LoadResult } from './load-plan.ts'

const MAIN = fileURLToPath(new URL('./load-generator-main.ts', import.meta.url))

export interface LoadGenerator {
  /** One plan at a time. Rejects when a connection breaks, or when an answer was wrong. */
  run(plan: LoadPlan): Promise<LoadResult>
  stop(): void
}

export function startLoadGenerator(): LoadGenerator {
  const child = fork(MAIN, { execArgv: ['--import', 'tsx'] })
  return {
    async run(plan) {
      child.send(plan)
      const [{ result, error }] = (await once(child, 'message')) as [{ result?: LoadResult; error?: string }]
      if (result === undefined) throw new Error(`the load generator failed: ${error}`)
      const { wrong, requests, firstWrong } = result
      if (wrong > 0) throw new Error(`${wrong} of ${requests} answers were wrong, the first: ${firstWrong}`)
      return result
    },
    stop: () => void child.kill('SIGKILL'),
  }
}
