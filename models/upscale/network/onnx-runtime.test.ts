import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createModelFile, packageDir, runModel } from '@millrace/model'
import { describe, expect, it } from 'vitest'
import { isInstalled } from './is-installed.fixture.ts'
import model from '../model.ts'
import { loadRuntime, providerOf } from './onnx-runtime.ts'
import { DeviceError, MissingPackageError } from './setup-errors.ts'

describe('the provider of a device', () => {
  it('is the one that the slot names, and there is no other to fall back to', () => {
    expect(providerOf('cpu')).toBe('cpu')
    expect(providerOf('cuda:0')).toEqual({ name: 'cuda', deviceId: 0 })
    expect(providerOf('cuda:12')).toEqual({ name: 'cuda', deviceId: 12 })
    for (const device of ['cuda', 'cuda:', 'gpu', 'cuda:0,cpu', ''])
      expect(() => providerOf(device)).toThrow(DeviceError)
  })
})

describe('a machine without the packages', () => {
  it('is told what to run', async () => {
    const empty = pathToFileURL(join(await mkdtemp(join(tmpdir(), 'millrace-empty-')), 'model.ts')).href
    expect(() => loadRuntime(empty)).toThrow(MissingPackageError)
    expect(() => loadRuntime(empty)).toThrow('run: npm install --prefix models/upscale')
  })
})

/** The library that the package fetches only when asked to. */
const hasCuda = (): boolean => {
  const folder = join(packageDir('onnxruntime-node', import.meta.url), 'bin/napi-v6', process.platform, process.arch)
  return existsSync(join(folder, 'libonnxruntime_providers_cuda.so'))
}

describe.skipIf(!isInstalled() || hasCuda())('a machine without the CUDA library (needs the packages)', () => {
  it('fails to set up a CUDA slot, and says so instead of using the CPU', async () => {
    const unread = createModelFile({ path: '/nowhere', name: 'a.png', contentType: 'image/png', size: 0 })
    const setup = runModel(model, { image: unread }, { device: 'cuda:0' })
    await expect(setup).rejects.toThrow(DeviceError)
    await expect(setup).rejects.toThrow(
      'cannot run on cuda:0: onnxruntime-node cannot use CUDA; models/upscale/README.md',
    )
  })
})
