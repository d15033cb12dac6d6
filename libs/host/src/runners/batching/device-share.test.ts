import { expect, it } from 'vitest'
import { DeviceShare } from './device-share.ts'

function aShare() {
  let now = 5000
  return { share: new DeviceShare(() => now), pass: (ms: number) => (now += ms) }
}

it('charges runs that go on together a part each, and in sum what the process was busy for', () => {
  const { share, pass } = aShare()
  pass(700)
  const runs = Array.from({ length: 4 }, () => share.begin())
  pass(400)
  for (const run of runs) run.pause()
  pass(1000)
  expect(runs.map(({ seconds }) => seconds)).toEqual([0.1, 0.1, 0.1, 0.1])
})

it('charges who goes on alone for all of it, and who waits for nothing', () => {
  const { share, pass } = aShare()
  const [first, second] = [share.begin(), share.begin()]
  pass(100)
  second.pause()
  second.pause()
  pass(200)
  first.pause()
  second.resume()
  second.resume()
  pass(300)
  expect([first.seconds, second.seconds]).toEqual([0.25, 0.35])
})
