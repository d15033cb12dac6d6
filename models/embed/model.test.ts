import { manifestOf, runModel } from '@millrace/model'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Embedder, openEmbedder } from './embedder.ts'
import { isInstalled } from './is-installed.fixture.ts'
import model from './model.ts'

/** So much faster together than one by one. */
const LEAST_GAIN = 4
/** The first ones compile. */
const ROUNDS = 6
const TEXTS = Array.from({ length: 32 }, (_, n) => `red shoes ${n}`)

describe('the manifest of embed', () => {
  it('can be read where the packages are not installed, and says that several go together', () => {
    expect(manifestOf(model)).toMatchObject({ name: 'embed', batch: { max_size: 32, max_wait_ms: 0 } })
  })
})

describe.skipIf(!(await isInstalled()))('a loaded embed model (needs its packages)', () => {
  let embedder: Embedder
  beforeAll(async () => {
    embedder = await openEmbedder()
  })

  it('puts texts of like meaning near each other, and gives a text the same vector whatever is beside it', async () => {
    const [question, same, other] = await embedder.embed([
      'How do I reset my password?',
      'I forgot my login and need a new one.',
      'The volcano erupted during the night.',
    ])
    expect(likeness(question, same)).toBeGreaterThan(likeness(question, other) + 0.2)
    const { output } = await runModel(model, { text: ' How do I reset my password?' })
    expect(likeness(output.embedding, question)).toBeCloseTo(1, 4)
    expect(likeness(question, question)).toBeCloseTo(1, 4)
  })

  it(`takes 32 short texts at least ${LEAST_GAIN} times as fast together as one by one`, async () => {
    const costs = { together: [] as number[], oneByOne: [] as number[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      costs.together.push(await costOf(() => embedder.embed(TEXTS)))
      costs.oneByOne.push(
        await costOf(async () => {
          for (const text of TEXTS) await embedder.embed([text])
        }),
      )
    }
    expect(Math.min(...costs.oneByOne) / Math.min(...costs.together)).toBeGreaterThan(LEAST_GAIN)
  })
})

const likeness = (a: readonly number[] = [], b: readonly number[] = []): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)

/** Processor time, which is the same whoever else uses this machine. Milliseconds. */
async function costOf(act: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
