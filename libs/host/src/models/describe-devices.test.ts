/** What is told of devices, with a driver's program that is a script of the test. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bareDevice, describeDevices } from './describe-devices.ts'
import { findGpus } from './find-gpus.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'millrace-smi-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** An environment in which `nvidia-smi` is this script. */
async function withDriver(script: string): Promise<{ PATH: string }> {
  const program = join(folder, 'nvidia-smi')
  await writeFile(program, `#!/bin/sh\n${script}\n`)
  await chmod(program, 0o755)
  return { PATH: `${folder}:/usr/bin:/bin` }
}

const MIB = 1024 ** 2
const TWO = `cat <<'ROWS'
GPU-aaaa, NVIDIA H200, 580.95, 143771, 1024, 37
GPU-bbbb, NVIDIA L4, 580.95, 23034, [N/A], [N/A]
ROWS`

it('tells name, driver, memory and use of each device that a slot names, and what its driver does not tell is null', async () => {
  const env = await withDriver(TWO)
  expect(await describeDevices(['cuda:0', 'cuda:0', 'cuda:1', 'cuda:2', 'cpu'], env)).toEqual([
    {
      ...{ device: 'cuda:0', index: 0, name: 'NVIDIA H200', driver: '580.95' },
      ...{ memory_bytes: 143771 * MIB, memory_used_bytes: 1024 * MIB, utilization: 0.37 },
    },
    {
      ...{ device: 'cuda:1', index: 1, name: 'NVIDIA L4', driver: '580.95' },
      ...{ memory_bytes: 23034 * MIB, memory_used_bytes: null, utilization: null },
    },
    bareDevice('cuda:2'),
    { ...bareDevice('cpu'), name: expect.stringMatching(/^\d+ cores$/), memory_bytes: expect.any(Number) },
  ])
})

it.each([
  ['1', 1],
  ['1,0', 1],
  ['GPU-bb', 1],
  ['MIG-1', null],
  ['', null],
])('with CUDA_VISIBLE_DEVICES=%s, cuda:0 is the device %s of the driver', async (visible, index) => {
  const env = { ...(await withDriver(TWO)), CUDA_VISIBLE_DEVICES: visible }
  expect(await describeDevices(['cuda:0'], env)).toMatchObject([{ index }])
})

it('takes a driver for absent that fails, is not there, or does not answer in time', async () => {
  expect(await findGpus(await withDriver('echo broken; exit 9'))).toBeUndefined()
  expect(await findGpus({ PATH: join(folder, 'none') })).toBeUndefined()
  const hangs = await withDriver('exec sleep 600')
  const begun = performance.now()
  expect(await findGpus(hangs, 100)).toBeUndefined()
  expect(performance.now() - begun).toBeLessThan(5000)
})
