import { statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FrameReader } from '@millrace/runner'
import { RunnerChild } from '../../libs/host/src/runners/runner-child.ts'
import { newRunFolder, removeRunFolders, startRun } from '../contract/runner/run-in-folder.ts'
import { removePythonModels, startPythonModel } from './python-model.ts'

const relay = fileURLToPath(new URL('../bench/models/relay-python', import.meta.url))
const MEGABYTE = 1024 * 1024

let sent = 0
let heard = 0

/** Everything that crosses the two pipes goes through these; the real ones are called. */
beforeEach(() => {
  const { sendFrame } = RunnerChild.prototype
  const { push } = FrameReader.prototype
  vi.spyOn(RunnerChild.prototype, 'sendFrame').mockImplementation(function (this: RunnerChild, frame) {
    sent += Buffer.byteLength(frame)
    sendFrame.call(this, frame)
  })
  vi.spyOn(FrameReader.prototype, 'push').mockImplementation(function (this: FrameReader, chunk) {
    heard += chunk.length
    push.call(this, chunk)
  })
})

afterEach(async () => {
  vi.restoreAllMocks()
  await removePythonModels()
  removeRunFolders()
})

it('carries 25 MB in and out of a Python model as files: not 4 KB of it cross its pipes', {
  timeout: 30_000,
}, async () => {
  const runner = await startPythonModel({ source: relay })
  const workDir = newRunFolder()
  writeFileSync(join(workDir, 'in-0'), 'picture')
  truncateSync(join(workDir, 'in-0'), 25 * MEGABYTE)
  const file = { pointer: '/file', path: 'in-0', name: 'a.png', content_type: 'image/png', size: 25 * MEGABYTE }
  const files = [{ ...file, sha256: '0'.repeat(64) }]
  ;[sent, heard] = [0, 0]
  const outcome = await startRun(runner, { text: 'x', file: null }, { workDir, files }).outcome
  const path = outcome.kind === 'done' ? (outcome.files[0]?.path ?? '') : ''
  expect(statSync(join(workDir, path)).size).toBe(25 * MEGABYTE)
  expect([sent > 0 && sent < 4096, heard > 0 && heard < 4096]).toEqual([true, true])

  // What does cross is counted: text is no file.
  await startRun(runner, { text: 'x'.repeat(100_000) }).outcome
  expect([sent > 100_000, heard > 100_000]).toEqual([true, true])
})
