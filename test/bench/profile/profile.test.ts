import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { JobLine } from '../rows/depth/job-line.ts'
import { parseCommandStats, plainOf } from './command-stats.ts'
import { learnScriptNames } from './learn-script-names.ts'
import { processCosts } from './process-costs.ts'
import { renderProfile } from './render-profile.ts'
import { costsOf, readSlowLog, startSlowLog } from './slow-log.ts'

const STATS = [
  '# Commandstats',
  'cmdstat_evalsha:calls=20,usec=3000,usec_per_call=150.00,rejected_calls=0,failed_calls=0',
  'cmdstat_hset:calls=40,usec=400,usec_per_call=10.00,rejected_calls=0,failed_calls=0',
  'cmdstat_config|set:calls=10,usec=100,usec_per_call=10.00,rejected_calls=0,failed_calls=0',
].join('\r\n')

describe('the profile of a load', () => {
  it('knows the scripts of a Redis by their names, and counts and times each', async () => {
    const line = await JobLine.open()
    try {
      const names = await learnScriptNames(`redis://127.0.0.1:${line.redis.options.port}`)
      expect([...names.values()]).toEqual(expect.arrayContaining(['handout/take', 'BullMQ moveToActive']))
      await line.submit()
      await startSlowLog(line.redis)
      await line.fill(65)
      const costs = await readSlowLog(line.redis, names)
      expect(costs.map(({ name, calls }) => [name, calls])).toEqual([['jobs/submit', 1]])
      expect(costs[0]?.us).toBeGreaterThan(100)
    } finally {
      await line.stop()
    }
  })

  it('gives a script what its commands took, and keeps apart what a client sends alone', () => {
    const [client, script] = ['127.0.0.1:1', '?:0']
    const costs = costsOf(
      [
        [4, 0, 30, ['EVALSHA', 'a1', '1', 'key'], client, ''],
        [3, 0, 20, ['hset', 'key'], script, ''],
        [2, 0, 10, ['evalsha', 'a1', '1', 'key'], client, ''],
        [1, 0, 7, ['hmget', 'key'], client, ''],
        [0, 0, 5, ['fcall', 'mr_jobs_submit_0123456789abcdef', '1', 'key'], client, ''],
      ],
      new Map([['a1', 'handout/take']]),
    )
    expect(costs).toEqual([
      { name: 'handout/take', calls: 2, p50Us: 20, p99Us: expect.closeTo(29.8), us: 40 },
      { name: 'hmget', calls: 1, p50Us: 7, p99Us: 7, us: 7 },
      { name: 'jobs/submit', calls: 1, p50Us: 5, p99Us: 5, us: 5 },
    ])
  })

  it('says in sentences what a job costs: each process, and in Redis scripts, commands and the rest', () => {
    const commands = parseCommandStats(STATS)
    expect(plainOf(commands)).toEqual({ calls: 50, us: 500 })
    const sentences = renderProfile(
      {
        figures: { requests: 10, perSecond: 100, redisUs: 390, apiUs: 500, allUs: 890 },
        processes: { api: { userSeconds: 0.003, systemSeconds: 0.001, wakes: 15 } },
        commands,
        bytes: { received: 10_240, sent: 20_480 },
        scripts: [{ name: 'handout/take', calls: 5, p50Us: 90, p99Us: 99, us: 450 }],
        clockedRequests: 5,
      },
      'job',
    )
    expect(sentences).toEqual([
      'CPU µs per job, 100/s: redis 390, api 500 (25 % in the kernel, 1.5 wakes); in all 890.',
      'Redis, µs per job: scripts 300 in 2.0 calls; all commands, in them or alone, 50 in 5.0; sockets, protocol and the append-only file 90; 1.0 KB in, 2.0 KB out.',
      'By script and command of a client, µs with a clock on them: handout/take 90.0 (1.00 calls, p50 90, p99 99).',
      'By command, in scripts or alone, µs (times): hset 40.0 (4.00), config|set 10.0 (1.00).',
    ])
  })

  it('counts how often a process gave its core away to wait', async () => {
    const cat = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] })
    try {
      // On a busy machine it may not get as far as to wait before there is more to read.
      await until('it has waited often', async () => {
        cat.stdin.write('a')
        await once(cat.stdout, 'data')
        return processCosts([cat.pid as number]).wakes > 5
      })
    } finally {
      cat.stdin.end()
      await once(cat, 'exit')
    }
  })
})
