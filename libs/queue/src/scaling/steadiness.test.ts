/** What happens when somebody does what is said: workers are started and ended by it, on paper, and it neither swings nor lets jobs wait. */
import { expect, it } from 'vitest'
import { randomFrom } from '../waiting/random.ts'
import { planPools } from './plan-pools.ts'
import type { DemandReply } from './seen-demand.ts'

interface Load {
  seconds: number
  /** Jobs for each second, at that second. */
  rate: (second: number) => number
  runSeconds: number
  coldStartSeconds: number
  slotsEach: number
  targetWaitSeconds: number
}

const POLL_SECONDS = 15

/** A pool of workers, second by second. Whoever is asked to end does so when its job has. */
class PaperPool {
  readonly waits: number[] = []
  /** How many there were to be, at each poll. */
  readonly wanted: number[] = []
  /** Jobs that were there at once, at most. */
  peak = 0
  readonly #load: Load
  readonly #random = randomFrom(7)
  #waiting: number[] = []
  #running: number[] = []
  #arrivals: number[] = []
  #ready = 0
  #coming: number[] = []
  #kept: Record<string, string> = {}

  constructor(load: Load) {
    this.#load = load
    for (let second = 0; second < load.seconds; second++) this.#tick(second)
  }

  #tick(second: number): void {
    const { rate, slotsEach } = this.#load
    this.#arrive(second, rate(second))
    this.#ready += this.#coming.filter((at) => at <= second).length
    this.#coming = this.#coming.filter((at) => at > second)
    this.#running = this.#running.filter((end) => end > second)
    while (this.#waiting.length > 0 && this.#running.length < this.#ready * slotsEach) {
      this.waits.push(second - (this.#waiting.shift() as number))
      this.#running.push(second + this.#load.runSeconds * (0.5 + this.#random()))
    }
    this.peak = Math.max(this.peak, this.#waiting.length + this.#running.length)
    if (second % POLL_SECONDS === 0) this.#scale(second)
  }

  /** As many as come at random in a second of this rate. */
  #arrive(second: number, rate: number): void {
    for (let at = -Math.log(1 - this.#random()) / rate; at < 1; at -= Math.log(1 - this.#random()) / rate) {
      this.#waiting.push(second)
      this.#arrivals.push(second)
    }
  }

  #scale(second: number): void {
    const { targetWaitSeconds, coldStartSeconds } = this.#load
    const { state, fresh } = planPools(this.#seen(second), { targetWaitMs: targetWaitSeconds * 1000 })
    for (const [field, workers] of fresh) this.#kept[field] = String(workers)
    const wanted = state.pools[0]?.wanted ?? 0
    this.wanted.push(wanted)
    const more = wanted - this.#ready - this.#coming.length
    for (let i = 0; i < more; i++) this.#coming.push(second + coldStartSeconds)
    // First those that are not there yet.
    this.#coming.length = Math.max(0, Math.min(this.#coming.length, wanted - this.#ready))
    this.#ready = Math.min(this.#ready, wanted)
  }

  #seen(second: number): DemandReply {
    const { runSeconds, slotsEach, coldStartSeconds } = this.#load
    const from = (Math.floor(second / 60) - 2) * 60
    const step = String(Math.floor(4 * Math.log2(runSeconds * 1000)))
    const busy = this.#ready === 0 ? 0 : Math.min(1, this.#running.length / (this.#ready * slotsEach))
    return {
      ...{ nowMs: second * 1000, current: '1', queued: this.#waiting.length, scheduled: 0, paused: {}, soon: [] },
      ...{ running: this.#running.length, kept: this.#kept },
      ...{ came: this.#arrivals.filter((at) => at >= from).length, cameMs: Math.max(1, second - from) * 1000 },
      places: Array.from({ length: this.#ready }, () => `${slotsEach} v:1 ${busy}`),
      versions: [{ version: '1', workers: this.#ready, served: `${slotsEach} ${coldStartSeconds * 1000} v:1` }],
      rows: [
        {
          ...{ line: 'v:1', queued: this.#waiting.length, bounded: [], runs: { [step]: '1600' } },
          sinceMs: (this.#waiting[0] ?? second) * 1000,
        },
      ],
    }
  }
}

/** How often it went down after it had gone up. */
function swings(wanted: readonly number[]): number {
  let [count, isUp] = [0, false]
  for (const [i, now] of wanted.entries()) {
    const before = wanted[i - 1] ?? 0
    if (now > before) isUp = true
    if (now < before && isUp) {
      count++
      isUp = false
    }
  }
  return count
}

const SHORT = { runSeconds: 2, coldStartSeconds: 20, slotsEach: 1, targetWaitSeconds: 30 }

it('under a steady load it settles near what is needed, and jobs do not wait', () => {
  const pool = new PaperPool({ ...SHORT, seconds: 3600, rate: () => 4 })
  const settled = pool.wanted.slice(40)
  // 4 jobs of 2 s in each second are 8 places.
  expect([Math.min(...settled) >= 9, Math.max(...settled) <= 16]).toEqual([true, true])
  // In 50 minutes, a poll each quarter of a minute.
  expect(swings(settled)).toBeLessThan(20)
  const waits = pool.waits.slice(500).toSorted((a, b) => a - b)
  expect(waits.at(Math.floor(waits.length * 0.99))).toBeLessThan(10)
})

it('a burst from nothing has begun in time, and what was started for it stays until it is done and then goes', () => {
  const pool = new PaperPool({ ...SHORT, seconds: 900, rate: (second) => (second < 10 ? 100 : 0.0001) })
  expect(Math.max(...pool.waits)).toBeLessThanOrEqual(40 + POLL_SECONDS)
  expect(swings(pool.wanted)).toBeLessThanOrEqual(3)
  expect(pool.wanted.at(-1)).toBe(0)
})

it('long jobs that come seldom have a worker each, and it does not swing between them', () => {
  const pool = new PaperPool({
    ...{ runSeconds: 600, coldStartSeconds: 60, slotsEach: 1, targetWaitSeconds: 60, seconds: 4 * 3600 },
    rate: () => 1 / 150,
  })
  expect(Math.max(...pool.waits)).toBeLessThan(180)
  expect(Math.max(...pool.wanted)).toBeLessThanOrEqual(pool.peak + 1)
})

it('a load that swings itself is followed, up at once and down after a while', () => {
  const pool = new PaperPool({ ...SHORT, seconds: 7200, rate: (second) => (second % 2400 < 1200 ? 8 : 1) })
  expect(swings(pool.wanted)).toBeLessThan(60)
  const waits = pool.waits.toSorted((a, b) => a - b)
  expect(waits.at(Math.floor(waits.length * 0.95))).toBeLessThan(40)
})
