/** Starts the watchers beside the bench, so that neither it nor the servers share an event loop. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { WatchOrder, WatchPlan, WatchReport } from './watch-plan.ts'

const MAIN = fileURLToPath(new URL('./watch-load-main.ts', import.meta.url))

export interface Watchers {
  /** Resolves when all of them have seen the history of their jobs. Rejects when a stream is refused or ends early. */
  watch(plan: WatchPlan): Promise<void>
  /** How late the ends of jobs arrived since the last report, in milliseconds, and the CPU that noting it took. */
  report(): Promise<{ latenciesMs: number[]; cpuSeconds: number }>
  stop(): void
}

export function startWatchers(): Watchers {
  const child = fork(MAIN, { execArgv: ['--import', 'tsx'] })
  const ask = <Kind extends WatchReport['kind']>(order: WatchOrder, kind: Kind) =>
    new Promise<Extract<WatchReport, { kind: Kind }>>((resolve, reject) => {
      const hear = (report: WatchReport): void => {
        if (report.kind !== kind && report.kind !== 'failed') return
        child.off('message', hear)
        if (report.kind === 'failed') reject(new Error(report.error))
        else resolve(report as Extract<WatchReport, { kind: Kind }>)
      }
      child.on('message', hear)
      child.send(order)
    })
  return {
    watch: async (plan) => void (await ask({ kind: 'watch', plan }, 'watching')),
    report: () => ask({ kind: 'report' }, 'ends'),
    stop: () => void child.kill('SIGKILL'),
  }
}
