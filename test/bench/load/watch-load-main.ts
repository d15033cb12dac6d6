/** The watchers' process: thousands of bare sockets, each on one event stream; notes how late each job's end arrives. */
import { connect } from 'node:net'
import type { WatchOrder, WatchPlan, WatchReport } from './watch-plan.ts'

/** Connections that are being opened at once; more would only wait for each other. */
const AT_ONCE = 100
/** The id of an event begins with the time at which the script wrote it, in whole milliseconds of Unix time. */
const END = /id: (\d+)-\d+\nevent: status\ndata: [^\n]*"status":"succeeded"/

let latencies: number[] = []
let cpu = process.cpuUsage()
const say = (report: WatchReport): void => void process.send?.(report)
const fail = (error: string): void => say({ kind: 'failed', error })

process.on('message', (order: WatchOrder) => {
  if (order.kind === 'watch') {
    watchAll(order.plan).then(
      () => say({ kind: 'watching' }),
      (error: Error) => fail(error.message),
    )
    return
  }
  const used = process.cpuUsage(cpu)
  say({ kind: 'ends', latenciesMs: latencies, cpuSeconds: (used.user + used.system) / 1e6 })
  latencies = []
  cpu = process.cpuUsage()
})
process.on('disconnect', () => process.exit(0))

async function watchAll({ url, ids }: WatchPlan): Promise<void> {
  const left = ids.values()
  const drive = async (): Promise<void> => {
    for (const id of left) await watch(new URL(url), id)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, drive))
}

/** Resolves when the history is there: two events, submit and claim. */
function watch({ hostname, port, host }: URL, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n\r\n`)
    })
    let text = ''
    let ended = false
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      const arrived = performance.timeOrigin + performance.now()
      text += chunk
      const at = ended ? undefined : END.exec(text)?.[1]
      if (at !== undefined) {
        ended = true
        latencies.push(arrived - Number(at))
      }
      if (text.includes('event: done\n')) socket.destroy()
      if (text.includes('"status":"running"')) resolve()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      if (ended) return
      const refused = text.split('\r\n', 1)[0] || 'nothing'
      reject(new Error(`a stream ended before its job: ${refused}`))
      fail(`a stream ended before its job: ${refused}`)
    })
  })
}
