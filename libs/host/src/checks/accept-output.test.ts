import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidOutputError } from '@millrace/model'
import { afterAll, describe, expect, it } from 'vitest'
import { acceptOutput } from './accept-output.ts'

describe('acceptOutput', () => {
  const workDir = mkdtempSync(join(tmpdir(), 'millrace-accept-'))
  writeFileSync(join(workDir, 'good'), 'good')
  writeFileSync(join(workDir, 'words'), 'no json')
  symlinkSync('/etc/passwd', join(workDir, 'link'))
  afterAll(() => rmSync(workDir, { recursive: true, force: true }))

  const file = (path: string, pointer = '/a') => ({ pointer, path, name: '../n', content_type: 'text/plain\r\nx: y' })
  const accept = (files: ReturnType<typeof file>[], output: unknown = { a: null }, output_path?: string) =>
    acceptOutput({ output, output_path, files }, workDir)

  it('keeps a good file, with a name and a content type that are safe in a header', async () => {
    const files = [{ pointer: '/a', path: 'good', name: 'n', content_type: 'application/octet-stream' }]
    expect(await accept([file('good')])).toEqual({ output: { a: null }, files })
  })

  it.each([
    ['a symlink', [file('link')], undefined],
    ['a path that leads outside', [file('../good')], undefined],
    ['a missing file', [file('missing')], undefined],
    ['a file without a place', [file('good', '/b')], undefined],
    ['two files in one place', [file('good'), file('good')], undefined],
    ['more files than allowed', Array.from({ length: 1001 }, (_, index) => file('good', `/${index}`)), undefined],
    ['an output file that is a symlink', [], 'link'],
    ['an output file that is no JSON', [], 'words'],
  ])('refuses %s', async (_what, files, path) => {
    await expect(accept(files, { a: null }, path)).rejects.toThrow(InvalidOutputError)
  })

  it('refuses an output that is nested too deeply', async () => {
    await expect(accept([], JSON.parse('['.repeat(300) + ']'.repeat(300)))).rejects.toThrow('nested')
  })
})
