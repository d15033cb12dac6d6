// `npm run alerts`: brings about a real fault for each alert of deploy/prometheus/alerts.yaml, and waits until it fires. About four
// minutes, because a worker offers an output to a dead object store for two. Needs Prometheus, or root on Debian to fetch it.
import { setTimeout as pause } from 'node:timers/promises'
import { findPrometheus } from '../support/servers/prometheus.ts'
import { openAlertStand } from './open-alert-stand.ts'
import { faultsOf } from './faults-of.ts'

/** What takes longest is an output that is not stored. */
const MOST_MS = 180_000

const programs = findPrometheus()
if (!programs) {
  console.error('Prometheus is needed: apt-get install prometheus')
  process.exit(1)
}
const stand = await openAlertStand(programs.prometheus)
const firing = async () =>
  new Map(
    (await stand.prometheus.alerts()).filter(({ state }) => state === 'firing').map((alert) => [alert.name, alert]),
  )
let missing = 0
try {
  for (const { what, alerts, cause, mend } of faultsOf(stand)) {
    const before = await firing()
    const begun = performance.now()
    await cause()
    for (const name of alerts) {
      let alert = (await firing()).get(name)
      while (!alert && performance.now() - begun < MOST_MS) {
        await pause(250)
        alert = (await firing()).get(name)
      }
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      const isNew = alert && !before.has(name)
      if (!isNew) missing++
      const end = isNew ? `after ${seconds} s: ${alert?.annotations.summary}` : alert ? 'FIRED BEFORE' : 'DID NOT FIRE'
      console.log(`${name.padEnd(28)} ${what} → ${end}`)
    }
    await mend?.()
  }
} finally {
  await stand.stop()
}
console.log(missing === 0 ? 'every alert fired' : `${missing} did not fire as they should`)
process.exit(missing === 0 ? 0 : 1)
