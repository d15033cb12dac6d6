import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CommandError } from '../command/command-error.ts'
import { requireDataFolder } from './require-data-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-data-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('makes a folder that is missing, and leaves nothing in it', async () => {
  const dataDir = join(folder, 'a', 'b')
  await requireDataFolder({ dataDir })
  expect(existsSync(dataDir)).toBe(true)
  expect(readdirSync(dataDir)).toEqual([])
})

// Nobody can create a folder inside a file, not even root.
it.each(['', 'files', 'redis', 'work'])(
  'says in one sentence which folder cannot be written to: "%s"',
  async (part) => {
    const dataDir = join(folder, 'data')
    if (part !== '') mkdirSync(dataDir)
    writeFileSync(join(dataDir, part), '')
    const refused = await requireDataFolder({ dataDir }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(CommandError)
    const { message } = refused as CommandError
    expect(message).toContain(`The data folder ${join(dataDir, part)} cannot be written to (`)
    expect(message).toContain('set MILLRACE_DATA_DIR')
    expect(message.split('\n')).toHaveLength(1)
  },
)
