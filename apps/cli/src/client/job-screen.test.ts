import type { Job } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { createJobScreen, statusText } from './job-screen.ts'

const jobOf = (changes: Partial<Job>) =>
  ({ status: 'running', progress: null, queue: null, error: null, cancel_requested: false, ...changes }) as Job

const half = jobOf({ progress: { fraction: 0.5, message: 'page 1\x1b[2J of 2' } })

it('says where a job is, without the escape sequences of a model', () => {
  const queue = { position: 3, ahead: 2, eta_seconds: null, why: 'busy', workers: 1, note: null } as const
  const queued = (changes: Partial<NonNullable<Job['queue']>>) =>
    statusText(jobOf({ status: 'queued', queue: { ...queue, ...changes } }), true)
  expect(queued({})).toBe('queued, place 3 in line')
  expect(queued({ eta_seconds: { p50: 8, p90: 20 } })).toBe(
    'queued, place 3 in line, starts in about 8 s, at most 20 s',
  )
  expect(queued({ eta_seconds: { p50: 90, p90: 3600 }, ahead: 7 })).toBe(
    'queued, place 3 in line, 7 before it, starts in about 90 s, at most 60 min',
  )
  expect(queued({ why: 'no_worker', note: 'No worker serves it now.' })).toBe('queued: No worker serves it now.')
  const later = { position: null, ahead: null, why: 'scheduled', note: 'Its time has not come.' } as const
  expect(queued({ ...later, eta_seconds: { p50: 60, p90: 65 } })).toBe(
    'queued: Its time has not come. Starts in about 60 s, at most 65 s',
  )
  expect(statusText(half, true)).toBe('running  [##########          ]   50 %  page 1 of 2')
  expect(statusText(jobOf({ cancel_requested: true }), true)).toBe('canceling')
})

it('draws one line over and over on a terminal, which cuts it where it ends, and wipes it at the end', () => {
  const written: string[] = []
  const screen = createJobScreen({ write: (text) => written.push(text), isTTY: true })
  screen.show(half)
  screen.show(half)
  screen.close()
  expect(written).toEqual([expect.stringMatching(/ +0\.0 s {2}running.*of 2/), written[0], '\r\x1b[2K'])
  // The terminal must not wrap the line, whatever the width of its characters.
  expect([written[0]?.startsWith('\r\x1b[2K\x1b[?7l'), written[0]?.endsWith('\x1b[?7h')]).toEqual([true, true])
})

it('writes a line per change where nothing can be drawn over, and none when it shall be quiet', () => {
  const written: string[] = []
  const write = (text: string) => written.push(text)
  const screen = createJobScreen({ write })
  for (const fraction of [0.1, 0.11, 0.19, 0.2]) screen.show(jobOf({ progress: { fraction, message: null } }))
  expect(written).toEqual(['running   10 %\n', 'running   20 %\n'])
  const quiet = createJobScreen({ write }, { quiet: true })
  quiet.show(half)
  quiet.say('something')
  expect(written).toHaveLength(2)
})
