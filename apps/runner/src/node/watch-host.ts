/**
 * Ends this process when its worker is gone, even while a model blocks the main loop: an orphan would keep the device.
 * A killed worker says nothing, so its end is seen by the change of the parent process.
 */
import { Worker } from 'node:worker_threads'

const POLL_MS = 200
const WATCH = `
  const { workerData } = require('node:worker_threads')
  setInterval(() => {
    if (process.ppid !== workerData.hostPid) process.kill(process.pid, 'SIGKILL')
  }, workerData.pollMs)
`

export function watchHost(hostPid: number): void {
  // Without the parent's options, or the thread would load the TypeScript loader as well.
  const worker = new Worker(WATCH, { eval: true, execArgv: [], workerData: { hostPid, pollMs: POLL_MS } })
  worker.unref()
}
