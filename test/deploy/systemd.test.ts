import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { settings } from '@millrace/process'
import { ROOT } from './chart/value-sets.ts'

const folder = join(ROOT, 'deploy/systemd')
const units = readdirSync(folder).filter((name) => name.endsWith('.service'))
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

const analyze = findAnalyze()

/** Why systemd-analyze cannot be asked; undefined when it can. */
function findAnalyze(): string | undefined {
  try {
    execFileSync('systemd-analyze', ['--version'])
    return undefined
  } catch (error) {
    return String(error)
  }
}

it('there is a unit for the API and one for each worker', () => {
  expect(units).toEqual(['millrace-api.service', 'millrace-worker@.service'])
})

it.each(units)('%s gives settings that there are, secrets as files, and time for the drain', (name) => {
  const text = read(name)
  const known = settings().flatMap(({ env, secret }) => (secret ? [`${env}_FILE`] : [env]))
  const given = [...text.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line]) =>
    line!.split(' ').map((pair) => pair.split('=')[0]!),
  )
  expect(given.length).toBeGreaterThan(3)
  expect(given.filter((env) => !['NODE_ENV', 'HOME', ...known].includes(env))).toEqual([])
  const drain = settings().find(({ env }) => env === 'MILLRACE_DRAIN_SECONDS')
  expect(text).toContain(`TimeoutStopSec=${Number(drain?.default) + 15}\n`)
})

it.skipIf(analyze !== undefined).each(units)(`systemd finds no fault in %s ${analyze ?? ''}`, async (name) => {
  const place = mkdtempSync(join(tmpdir(), 'millrace-units-'))
  try {
    // A program that there is everywhere: systemd looks whether it is there.
    const path = join(place, name.replace('@.', '@ocr.'))
    writeFileSync(path, read(name).replace('/usr/local/bin/millrace', '/bin/true'))
    const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', path])
    // It also tells of units of the machine.
    expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('millrace'))).toEqual([])
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})
