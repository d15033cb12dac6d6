import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { childrenOf, familyCpuSeconds, processCpuSeconds } from './cpu-clock.ts'
import { perRequest } from './measure-load.ts'

/** Counts for a tenth of a second or more. */
const WORK = 'for ((i = 0; i < 100000; i++)); do :; done'

describe('the clock of CPU time', () => {
  it('counts what a process has started, whether it has ended or goes on', async () => {
    // One child has worked and ended, another has worked and waits; their parent itself does nothing.
    const script = `exec 3<&0; bash -c '${WORK}'; bash -c '${WORK}; echo worked; read <&3' & wait`
    const parent = spawn('bash', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
    const pid = parent.pid as number
    try {
      await once(parent.stdout, 'data')
      const [child = 0] = await until('it has one child', () => (childrenOf(pid).length === 1 ? childrenOf(pid) : null))
      const [both, ended] = [familyCpuSeconds(pid), familyCpuSeconds(pid, new Set([child]))]
      expect(processCpuSeconds(pid)).toBeLessThan(0.1)
      expect(ended).toBeGreaterThan(0.05)
      expect(both - ended).toBeCloseTo(familyCpuSeconds(child), 1)
      expect(both - ended).toBeGreaterThan(0.05)
    } finally {
      parent.stdin.destroy()
      await once(parent, 'exit')
    }
    expect(familyCpuSeconds(pid)).toBe(0)
  })

  it('shares the time of each part among the requests, and adds it up', () => {
    const figures = perRequest({ redis: 1, api: 2 }, { redis: 1.5, api: 4 }, 1000)
    expect(figures).toEqual({ redisUs: 500, apiUs: 2000, allUs: 2500 })
  })
})
