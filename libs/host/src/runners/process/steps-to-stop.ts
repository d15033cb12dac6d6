/** How a run in a process is stopped. Called by RunnerProcess. */
import type { HostMessage } from '@millrace/contracts'

interface Means {
  /** Takes back what the process holds behind its run. */
  recall(): void
  /** Ends the process, which did not stop the run. */
  displace(): void
  report(error: unknown): void
}

/** See StopSteps. */
export function stepsToStop(id: string, child: { send(message: HostMessage): void }, means: Means) {
  const tell = (message: HostMessage): void => child.send(message)
  const ask = (): void => {
    means.recall()
    tell({ type: 'cancel', id })
  }
  return { ask, kill: means.displace, tell, report: means.report }
}
