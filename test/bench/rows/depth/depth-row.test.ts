import { describe, expect, it } from 'vitest'
import { bytesIn } from '../../measure/redis-memory.ts'
import { measureRows } from '../../measure-rows.ts'
import { depthRow } from './depth-row.ts'
import { JobLine } from './job-line.ts'
import { depthsUpTo } from './measure-depth.ts'

describe('the row about depth', () => {
  it('compares each operation on a long line with a short one, and weighs jobs that wait and that have ended', async () => {
    const pace = { rounds: 1, roundMs: 1, singleJobs: 1, depth: 1500, operations: 20 }
    const rows = await measureRows([depthRow], pace)
    expect(rows.map(({ row }) => row)).toEqual(['10a', '10b', '10c', '10d', '10e', '10f', '10g'])
    for (const { ratio } of rows.slice(0, 5)) expect(ratio?.median).toBeGreaterThan(0)
    expect(rows[0]?.what).toBe('CPU of Redis per submit, 1,500 waiting, 1000 tenants; bare is the same at 1000')
    for (const { millrace } of rows.slice(5)) expect(Number.parseFloat(millrace)).toBeGreaterThan(0)
  }, 90_000)

  it('fills a line with the jobs of many tenants, and takes samples from its whole length', async () => {
    const line = await JobLine.open()
    try {
      await line.fill(1200)
      expect(await line.redis.dbsize()).toBeGreaterThan(1200)
      const sample = line.sample(3)
      expect(sample.map(({ tenant }) => tenant)).toEqual(['tenant-0', 'tenant-400', 'tenant-800'])
      const last = await line.queue.jobs.get(sample[2]!.id, { tenant: 'tenant-800' })
      // Of its tenant, it is the first.
      expect(last.outcome === 'found' && (await line.queue.jobs.place(last.record))).toMatchObject({ position: 1 })
      expect(new Set(line.sample(3000)).size).toBe(1200)
    } finally {
      await line.stop()
    }
  })

  it('grows tenfold up to the depth it was given', () => {
    expect(depthsUpTo(1_000_000)).toEqual([10_000, 100_000, 1_000_000])
    expect(depthsUpTo(20_000)).toEqual([10_000, 20_000])
    expect(depthsUpTo(5000)).toEqual([5000])
  })

  it('leaves out of the memory of Redis what its connections take', () => {
    const info = 'used_memory:5000\r\nused_memory_rss:9000\r\nmem_clients_normal:1200\r\nmem_aof_buffer:300\r\n'
    expect(bytesIn(info)).toBe(3500)
  })
})
