import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { installAdvice } from './install-advice.ts'

it('names the command of the package manager that is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-managers-'))
  writeFileSync(join(folder, 'apt-get'), '')
  chmodSync(join(folder, 'apt-get'), 0o755)
  expect(installAdvice(folder)).toBe(
    'Install Redis or Valkey, such as by `apt-get install redis-server`, or set REDIS_URL to a server that runs elsewhere.',
  )
  rmSync(folder, { recursive: true })
})
