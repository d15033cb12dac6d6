/** The promises that every part must keep that starts, works in rounds and stops. Called by the test of each such part. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Lifecycle } from './lifecycle.ts'

/** The world around the part under test. The suite decides how it behaves. */
export interface Outside {
  /** The part must call this once a round, where the round goes to the world. It answers at once, hangs or rejects. */
  work(): Promise<void>
  /** The part must call this with each fault that it reports. */
  onFault(error: unknown): void
}

export interface Subject {
  part: Lifecycle
  /** The longest pause from one round to the next, without faults and after one. Milliseconds. */
  everyMs: number
}

/**
 * How much longer than its grace a stop may take. Nothing but a turn or two of the event loop may happen in that time.
 * Milliseconds.
 */
const A_MOMENT = 10

/**
 * @param make Makes the part, not started. The time is simulated, so everything that the part needs from the world must be
 * passed in.
 */
export function describeLifecycle(name: string, make: (outside: Outside) => Subject): void {
  describe(`${name}, as something that is started and stopped`, () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    it('works in rounds from its start on, which anyone can wait for', async () => {
      const { part, world, everyMs } = setUp(make)
      const started = isTrue(part.started)
      await pass(3 * everyMs)
      expect([world.begun, started.yet]).toEqual([0, false])
      const starting = isTrue(part.start())
      await pass(4 * everyMs)
      expect([starting.yet, started.yet]).toEqual([true, true])
      expect(world.begun).toBeGreaterThanOrEqual(3)
      await part.stop(0)
    })

    it('is started once, however often it is asked to', async () => {
      const { part, world, everyMs } = setUp(make)
      const started = [isTrue(part.start()), isTrue(part.start())]
      await pass(everyMs)
      started.push(isTrue(part.start()))
      await pass(10 * everyMs)
      expect(started.every(({ yet }) => yet)).toBe(true)
      expect(world.most).toBe(1)
      await part.stop(0)
    })

    it('begins no round while one is under way', async () => {
      const { part, world, everyMs } = setUp(make)
      world.hangs = true
      void part.start()
      await pass(1.6 * everyMs)
      expect([world.begun, world.most]).toEqual([1, 1])
      world.answer()
      await pass(2 * everyMs)
      expect(world.begun).toBeGreaterThan(1)
      await part.stop(0)
    })

    it('goes on after a round that failed, and tells of it', async () => {
      const { part, world, everyMs } = setUp(make)
      world.fails = true
      void part.start()
      await pass(3 * everyMs)
      expect(world.told).toBeGreaterThan(0)
      const before = world.begun
      expect(before).toBeGreaterThan(1)
      world.fails = false
      await pass(3 * everyMs)
      expect(world.begun).toBeGreaterThan(before)
      await part.stop(0)
    })

    it('is stopped by many at once and again later, and then does nothing more', async () => {
      const { part, world, everyMs } = setUp(make)
      void part.start()
      await pass(3 * everyMs)
      const stopped = [part.stop(1000), part.stop(0), part.stopped].map(isTrue)
      // A round may be under way, which takes a moment.
      await pass(A_MOMENT)
      expect(stopped.every(({ yet }) => yet)).toBe(true)
      const before = world.begun
      await part.stop(1000)
      await part.start()
      await pass(10 * everyMs)
      expect(world.begun).toBe(before)
    })

    it('may be stopped before it is started, and then never begins', async () => {
      const { part, world, everyMs } = setUp(make)
      const facts = [part.stop(1000), part.started, part.stopped].map(isTrue)
      await pass()
      expect(facts.every(({ yet }) => yet)).toBe(true)
      const starting = isTrue(part.start())
      await pass(10 * everyMs)
      expect([starting.yet, world.begun]).toEqual([true, 0])
    })

    it('may be stopped while it starts', async () => {
      const { part, world, everyMs } = setUp(make)
      world.hangs = true
      void part.start()
      const facts = [part.stop(1000), part.started, part.stopped].map(isTrue)
      await pass(1000 + A_MOMENT)
      expect(facts.every(({ yet }) => yet)).toBe(true)
      world.answer()
      await pass(10 * everyMs)
      expect(world.begun).toBeLessThanOrEqual(1)
    })

    it('waits for the round under way when it is stopped, and begins no other', async () => {
      const { part, world, everyMs } = setUp(make)
      await hanging(part, world, everyMs)
      const stopped = [part.stop(0.4 * everyMs), part.stopped].map(isTrue)
      await pass(0.2 * everyMs)
      expect(stopped.some(({ yet }) => yet)).toBe(false)
      world.answer()
      await pass()
      expect(stopped.every(({ yet }) => yet)).toBe(true)
      await pass(10 * everyMs)
      expect(world.begun).toBe(1)
    })

    it('waits no longer than its grace for a round that hangs', async () => {
      const { part, world, everyMs } = setUp(make)
      await hanging(part, world, everyMs)
      const stopped = [part.stop(0.1 * everyMs), part.stopped].map(isTrue)
      await pass(0.1 * everyMs + A_MOMENT)
      expect(stopped.every(({ yet }) => yet)).toBe(true)
      world.answer()
      await pass(10 * everyMs)
      expect(world.begun).toBe(1)
    })
  })
}

function setUp(make: (outside: Outside) => Subject) {
  const world = new World()
  return { world, ...make({ work: () => world.work(), onFault: () => world.told++ }) }
}

/** Starts the part and waits until its first round hangs. */
async function hanging(part: Lifecycle, world: World, everyMs: number): Promise<void> {
  world.hangs = true
  void part.start()
  for (let waited = 0; world.begun === 0 && waited < 2 * everyMs; waited += everyMs / 10) await pass(everyMs / 10)
  expect(world.begun).toBe(1)
}

class World {
  begun = 0
  /** The rounds that are running now, and the most at one time. */
  #running = 0
  most = 0
  told = 0
  fails = false
  hangs = false
  #answer: () => void = () => undefined

  async work(): Promise<void> {
    this.begun++
    this.most = Math.max(this.most, ++this.#running)
    try {
      if (this.fails) throw new Error('the world is broken')
      if (this.hangs) await new Promise<void>((resolve) => (this.#answer = resolve))
      // Waits a moment, in which a second round could wrongly begin.
      else await pause(1)
    } finally {
      this.#running--
    }
  }

  /** Answers the round that hangs. Later rounds do not hang. */
  answer(): void {
    this.hangs = false
    this.#answer()
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

/** Tells whether it has resolved yet. */
function isTrue(fact: Promise<void>): { yet: boolean } {
  const seen = { yet: false }
  void fact.then(() => (seen.yet = true))
  return seen
}
