import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InvalidOutputError } from '../model-errors.ts'
import { openInside, resolveInside } from './open-inside.ts'

describe('openInside', () => {
  const base = mkdtempSync(join(tmpdir(), 'millrace-inside-'))
  const folder = join(base, 'run')
  beforeAll(() => {
    mkdirSync(join(folder, 'sub'), { recursive: true })
    mkdirSync(join(base, 'run-twin'))
    writeFileSync(join(folder, 'sub/good'), 'good')
    writeFileSync(join(base, 'secret'), 'secret')
    writeFileSync(join(base, 'run-twin/secret'), 'secret')
    symlinkSync(join(base, 'secret'), join(folder, 'link'))
    symlinkSync(base, join(folder, 'up'))
    symlinkSync(folder, join(base, 'alias'))
    execFileSync('mkfifo', [join(folder, 'fifo')])
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))

  it.each(['sub/good', './sub/../sub/good', join(folder, 'sub/good')])(
    'opens a file of the folder (%s)',
    async (path) => {
      const handle = await openInside(folder, path)
      expect(await handle.readFile('utf8')).toBe('good')
      await handle.close()
    },
  )

  it('sees through a folder that is itself named by a symlink', async () => {
    expect(await resolveInside(join(base, 'alias'), join(folder, 'sub/good'))).toBe(join('sub', 'good'))
  })

  const wrong = [
    '../secret',
    '../run-twin/secret',
    join(base, 'secret'),
    'link',
    'up/secret',
    'sub',
    'fifo',
    'missing',
    '.',
    '..',
    'a\0b',
  ]
  it.each(wrong)('refuses %j', async (path) => {
    await expect(openInside(folder, path)).rejects.toThrow(InvalidOutputError)
  })
})
