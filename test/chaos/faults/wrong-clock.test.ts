import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

const CLOCK = new URL('wrong-clock.mjs', import.meta.url)
const DAY_MS = 86_400_000

it.each([2, -3])('shows a process a time of day that is %i days ahead, and leaves all given times alone', (days) => {
  const NODE_OPTIONS = `--import ${CLOCK.href}?days=${days}`
  const script =
    'console.log(JSON.stringify([Date.now(), +new Date(), +new Date(5), +new Date(2020, 1), Date.UTC(2020)]))'
  const out = execFileSync(process.execPath, ['-e', script], {
    env: { ...process.env, NODE_OPTIONS },
    encoding: 'utf8',
  })
  const [now = 0, fresh = 0, ...given] = JSON.parse(out) as number[]
  for (const time of [now, fresh]) {
    expect(Math.abs(time - Date.now() - days * DAY_MS)).toBeLessThan(60_000)
  }
  expect(given).toEqual([5, +new Date(2020, 1), Date.UTC(2020)])
})
