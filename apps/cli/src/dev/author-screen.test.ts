import type { JobId, Manifest } from '@millrace/contracts'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { AuthorScreen } from './author-screen.ts'

const SLOW = { label: 'slow', path: '/models/slow/model.ts' }
const QUICK = { label: 'quick', path: '/models/quick/model.ts' }
const manifestOf = (name: string): Manifest =>
  ({ name, version: '1.0.0', input_schema: { type: 'object' } }) as unknown as Manifest

/** The lines on the screen, without the time of day. */
let said: string[]
let screen: AuthorScreen
beforeEach(() => {
  said = []
  screen = new AuthorScreen({
    write: (text) => said.push(text.replace(/^\d\d:\d\d:\d\d {2}/, '')),
    cwd: '/models',
    withKey: false,
    withPage: true,
  })
})
const banners = (): string[] => said.filter((text) => text.includes('Millrace is up at http://localhost:1'))

describe('the banner', () => {
  it('comes once, when each model has loaded or failed', () => {
    screen.up('http://localhost:1')
    screen.onLoading(SLOW)
    screen.onLoading(QUICK)
    screen.onServed(QUICK, manifestOf('quick'))
    expect(banners()).toEqual([])
    screen.onLoadFailed(SLOW, { message: 'no such word' })
    screen.onServed(QUICK, manifestOf('quick'))
    expect(banners()).toHaveLength(1)
    expect(banners()[0]).toContain('  slow   -      does not load, see above\n  quick  1.0.0  ready\n')
    expect(banners()[0]).toContain('http://localhost:1/v1/models/quick/jobs')
  })

  it('waits for the API when that comes last', () => {
    screen.onLoading(QUICK)
    screen.onServed(QUICK, manifestOf('quick'))
    expect(banners()).toEqual([])
    screen.up('http://localhost:1')
    expect(banners()).toHaveLength(1)
  })

  it('waits for a slow model only so long', () => {
    vi.useFakeTimers()
    try {
      screen.up('http://localhost:1')
      screen.onLoading(SLOW)
      vi.advanceTimersByTime(4999)
      expect(banners()).toEqual([])
      vi.advanceTimersByTime(1)
      expect(banners()[0]).toContain('  slow  -  still loading\n')
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('after the banner', () => {
  beforeEach(() => {
    screen.up('http://localhost:1')
    screen.onFolderFault('the folder is not there')
    said.length = 0
  })

  it('tells of each load, and whether it is the first', () => {
    screen.onLoading(QUICK)
    screen.onServed(QUICK, manifestOf('quick'))
    screen.onLoading(QUICK)
    screen.onGone(QUICK, manifestOf('quick'))
    screen.onLoading(QUICK)
    expect(said.map((text) => text.replace(/\d+\.\d s/, 'N s'))).toEqual([
      'quick: new, loading it',
      'quick 1.0.0 is ready (N s)',
      'quick: changed, loading it again',
      'quick: withdrawn, its file is gone; its jobs wait in the queue',
      'quick: new, loading it',
    ])
  })

  it('tells a fault once for as long as it stays the same', () => {
    for (const message of ['one', 'one', 'two']) screen.onLoadFailed(QUICK, { message })
    screen.onGivenUp(QUICK, new Error('two'))
    screen.onFolderFault('the folder is not there')
    screen.onFolderFault('the folder cannot be read')
    expect(said).toEqual([
      'quick does not load; its jobs wait until it does:\n    one',
      'quick does not load; its jobs wait until it does:\n    two',
      'the folder cannot be read',
    ])
  })

  it('gives each attempt a line with its end', () => {
    const attempt = {
      tenant: 'default',
      jobId: `job_${'a'.repeat(34)}` as JobId,
      model: 'quick',
      again: false,
      waitSeconds: 0.1,
      runSeconds: 1.234,
    }
    screen.onAttempt({ ...attempt, outcome: { kind: 'stopped' } as never })
    screen.onAttempt({ ...attempt, again: true, runSeconds: undefined, outcome: { kind: 'released' } as never })
    const error = { code: 'model_error', message: 'first\nsecond' }
    screen.onAttempt({ ...attempt, runSeconds: 12.3, outcome: { kind: 'failed', error } as never })
    expect(said).toEqual([
      '…aaaaaaaa  quick  canceled   1.23 s',
      '…aaaaaaaa  quick  again      -  back in the queue',
      '…aaaaaaaa  quick  failed     12 s  model_error: first',
    ])
  })
})

it('says what a stop waits for', () => {
  const inHand = [
    { model: 'ocr', runs: 1 },
    { model: 'slow', runs: 2 },
  ]
  screen.onWaiting(inHand, 30_000)
  expect(said.join()).toMatch(/^stopping, waits for 1 run of ocr, 2 runs of slow, at most 30 s; Ctrl-C again/)
})
