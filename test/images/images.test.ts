/** What the suite of the images says where it cannot run, how its table counts, and that it finds what it builds. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { seaweedVersion } from '../support/servers/seaweed.ts'
import { namedImages } from './bases/named-images.ts'
import { check, Report } from './report.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

it('says in a line that it was skipped, and why, where no engine runs and none may be started', async () => {
  const { MILLRACE_TEST_IMAGES: _, ...rest } = process.env
  const env = { ...rest, DOCKER_HOST: 'unix:///nowhere/docker.sock' }
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', MAIN, '--if-running'], { env })
  expect(stdout).toBe(
    'images: skipped, because no engine runs here; MILLRACE_TEST_IMAGES=1 lets this suite start one\n',
  )
})

it('goes on after a step that failed, counts it, and names it in the table', async () => {
  const said: string[] = []
  const report = new Report((line) => said.push(line))
  report.note('engine', 'one')
  await report.step('a step', async () => {
    check(Number.isNaN(0), 'it is wrong\nand this is why')
    return 'is never reached'
  })
  await report.step('the next', async () => 'is right')
  expect(report.failed).toBe(1)
  expect(said[1]).toBe('FAILED a step: it is wrong\nand this is why')
  expect(report.table().slice(0, 2)).toEqual(['  engine    one', '! a step    it is wrong'])
  expect(report.table().at(-1)).toBe('2 passed, 1 failed')
})

it('knows which images the files name', () => {
  const named = namedImages()
  for (const image of Object.values(named)) expect(image).toMatch(/:\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}$/)
  expect(named.s3).toContain(`:${seaweedVersion()}@`)
})
