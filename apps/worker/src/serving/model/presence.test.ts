import type { Manifest } from '@millrace/contracts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeLifecycle } from '../../../../../libs/async/src/lifecycle/lifecycle.suite.ts'
import { Presence, type PresenceDeps } from './presence.ts'

const manifest = { name: 'echo', version: '1' } as Manifest
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

function aPresence(change: Partial<PresenceDeps['registry']> = {}) {
  const told: string[] = []
  const faults: string[] = []
  const presence = new Presence({
    registry: {
      publish: async () => {
        told.push('publish')
        return false
      },
      withdraw: async () => void told.push('withdraw'),
      ...change,
    },
    manifest,
    workerId: 'w_1',
    places: 2,
    logFault: (message) => void faults.push(message),
  })
  return { presence, told, faults }
}

describe('the presence of a model', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is told at once when it is to show, again every five seconds, and withdrawn once', async () => {
    const { presence, told } = aPresence()
    await presence.start()
    await pass(20_000)
    expect(told).toEqual([])
    presence.show()
    await pass()
    presence.show()
    await pass(10_000)
    expect(told.splice(0)).toEqual(['publish', 'publish', 'publish'])
    presence.hide()
    await pass(20_000)
    expect(told).toEqual(['withdraw'])
    await presence.stop(1000)
    expect(told).toEqual(['withdraw'])
  })

  it('ends with a stop', async () => {
    const { presence, told } = aPresence()
    presence.show()
    await presence.start()
    await pass()
    await presence.stop(1000)
    expect(told).toEqual(['publish', 'withdraw'])
  })

  it('is withdrawn after what is under way, however long that takes: else the late word would stand', async () => {
    let answer: () => void = () => undefined
    const publish = () => new Promise<boolean>((resolve) => (answer = () => resolve(false)))
    const { presence, told } = aPresence({ publish })
    presence.show()
    await presence.start()
    await pass()
    const stopped = presence.stop(1000)
    await pass(1000)
    await stopped
    expect(told).toEqual([])
    answer()
    await pass()
    expect(told).toEqual(['withdraw'])
  })

  it('is told again after a fault, and the fault is said', async () => {
    let isAway = true
    const { presence, told, faults } = aPresence({
      publish: async () => {
        if (isAway) throw new Error('Redis is away')
        told.push('publish')
        return false
      },
    })
    presence.show()
    await presence.start()
    await pass(5000)
    isAway = false
    await pass(5000)
    expect([faults, told]).toEqual([Array(2).fill('A model could not be published'), ['publish']])
    await presence.stop(0)
  })
})

describeLifecycle('the presence of a model', ({ work, onFault }) => {
  const presence = new Presence({
    registry: {
      publish: async () => {
        await work()
        return false
      },
      withdraw: async () => undefined,
    },
    manifest,
    workerId: 'w_1',
    places: 2,
    logFault: (_message, error) => onFault(error),
    everyMs: 1000,
  })
  presence.show()
  return { part: presence, everyMs: 1000 }
})
