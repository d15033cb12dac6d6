import { expect, it } from 'vitest'
import { ownLimits, type OwnLimitsDeps } from './own-limits.ts'

const HELD = {
  ...{ weight: 1, open_jobs: 10, running_jobs: null, submits_per_minute: null, device_seconds_per_day: 60 },
  ...{ stored_bytes: null, streams: 10, input_bytes: 1000, retention_seconds: 60 },
}

const ownOf = (usedMs: number, endsMs: number) =>
  ownLimits(
    {
      tenants: { jobsOf: async () => [{ model: 'm', queued: 1, running: 2 }] },
      usage: { deviceToday: async () => ({ usedMs, endsMs }), storedBytes: async () => 0 },
      limits: () => HELD,
    } as unknown as OwnLimitsDeps,
    'acme',
  )

it('ends the day of devices when it ends by the clock of Redis, whatever the clock here says', async () => {
  const { limits } = await ownOf(2500, Date.UTC(2031, 0, 2))
  expect(limits.device_seconds_per_day).toEqual({
    ...{ limit: 60, used: 2.5, remaining: 57.5 },
    resets_at: '2031-01-02T00:00:00.000Z',
  })
  expect(limits.open_jobs).toMatchObject({ limit: 10, used: 3, remaining: 7 })
  expect((await ownOf(0, Date.UTC(2031, 0, 2))).limits.device_seconds_per_day.resets_at).toBeNull()
})
