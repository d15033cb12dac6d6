/* oxlint-disable no-console -- the console is what is tested */
import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'
import { logStrayOutput } from './log-stray-output.ts'
import { until } from '../../../../test/support/until.ts'

test('what libraries print and what Node warns of are lines of the log, until it lets go', async () => {
  const lines: string[] = []
  const before = { warn: console.warn, listeners: process.listenerCount('warning') }
  const letGo = logStrayOutput(createLogger({ level: 'info', format: 'json', write: (line) => void lines.push(line) }))
  console.warn('Skipping the ready check')
  console.error(new Error('Unhandled error event'))
  process.emitWarning('old Node', 'SupportWarning')
  // Other tests share this process, and what they use may warn of something meanwhile.
  const told = () =>
    lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ name }) => name === undefined || name === 'SupportWarning')
  await until('the warning is told', () => told().length === 3)
  letGo()
  expect(told()).toMatchObject([
    { level: 'warn', said: 'Skipping the ready check' },
    { level: 'warn', said: 'Unhandled error event' },
    { level: 'warn', name: 'SupportWarning', said: 'old Node' },
  ])
  expect({ warn: console.warn, listeners: process.listenerCount('warning') }).toEqual(before)
})
