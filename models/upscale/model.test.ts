import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createModelFile, executeRun, InvalidInputError, localFile, type ModelFile, manifestOf } from '@millrace/model'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isInstalled } from './network/is-installed.fixture.ts'
import model from './model.ts'
import type { Network, Pixels } from './network/network.ts'
import { upscalePixels } from './picture/upscale-pixels.ts'

const cat = fileURLToPath(new URL('./samples/chelsea.png', import.meta.url))

describe('the manifest of upscale', () => {
  it('can be read where the packages are not installed, and names the scales', () => {
    const { input_schema: schema } = manifestOf(model)
    expect(schema).toMatchObject({ required: ['image'], properties: { scale: { enum: [2, 3, 4], default: 2 } } })
  })
})

describe.skipIf(!isInstalled())('a loaded upscale model (needs its packages)', () => {
  let networks: Map<number, Network>
  beforeAll(async () => {
    networks = await model.setup!({ device: 'cpu', log: () => {} })
  })
  afterAll(() => model.teardown!(networks))

  it('makes the sample twice as large, tells each tile, and stays true to the picture', async () => {
    const { answer, progress } = await run(networks, await localFile(cat, 'image/png'))
    expect(answer).toMatchObject({ width: 902, height: 600 })
    expect(answer.image).toMatchObject({ name: 'chelsea-2x.png', contentType: 'image/png' })
    expect(progress).toEqual(Array.from({ length: 12 }, (_, index) => [(index + 1) / 12, `tile ${index + 1}/12`]))

    const larger = await answer.image.bytes()
    expect(await sharp(larger).metadata()).toMatchObject({ format: 'png', width: 902, height: 600, channels: 3 })
    const shrunk = await sharp(larger).resize(451, 300, { kernel: 'linear' }).raw().toBuffer()
    expect(meanDifference(shrunk, await sharp(cat).raw().toBuffer())).toBeLessThan(2.5)
  })

  it('has more detail than a plain stretch of a smaller picture', async () => {
    const truth = { left: 120, top: 80, width: 160, height: 120 }
    const original = await sharp(cat).extract(truth).raw().toBuffer()
    const png = await sharp(cat).extract(truth).png().toBuffer()
    const small = await sharp(png).resize(80, 60, { kernel: 'cubic' }).png().toBuffer()
    const { answer } = await run(networks, await fileOf(small))
    const stretched = await sharp(small).resize(160, 120, { kernel: 'cubic' }).raw().toBuffer()
    const upscaled = await sharp(await answer.image.bytes())
      .raw()
      .toBuffer()
    expect(meanDifference(upscaled, original)).toBeLessThan(0.95 * meanDifference(stretched, original))
  })

  it.each([2, 3, 4])('has no seams at scale %i: tiles give what the whole picture gives', async (scale) => {
    const network = networks.get(scale)!
    const picture = await pixelsOf(sharp(cat).extract({ left: 150, top: 100, width: 67, height: 43 }))
    const whole = await network.upscale(picture)
    const tiled = await upscalePixels(picture, {
      network,
      side: 16,
      signal: new AbortController().signal,
      onTile: () => {},
    })
    expect([tiled.width, tiled.height]).toEqual([67 * scale, 43 * scale])
    expect(largestDifference(tiled.rgb, whole.rgb)).toBeLessThanOrEqual(1)
  })

  it('takes a picture of one pixel', async () => {
    const dot = sharp({ create: { width: 1, height: 1, channels: 3, background: '#888' } })
    const { answer } = await run(networks, await fileOf(await dot.png().toBuffer()), { scale: 4 })
    expect(answer).toMatchObject({ width: 4, height: 4 })
  })

  it('keeps transparency', async () => {
    // The left half can be seen through.
    const alpha = Buffer.from(Array.from({ length: 1600 }, (_, index) => (index % 40 < 20 ? 0 : 255)))
    const mask = { raw: { width: 40, height: 40, channels: 1 as const } }
    const seeThrough = sharp(cat).extract({ left: 0, top: 0, width: 40, height: 40 }).joinChannel(alpha, mask)
    const { answer } = await run(networks, await fileOf(await seeThrough.png().toBuffer()))
    const { data, info } = await sharp(await answer.image.bytes())
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 80, height: 80, channels: 4 })
    expect([data[3], data[4 * 79 + 3]]).toEqual([0, 255])
  })

  it('refuses a broken image, and takes the next one', async () => {
    await expect(run(networks, await fileOf(Buffer.from('no picture')))).rejects.toThrow(InvalidInputError)
    const { answer } = await run(networks, await fileOf(await sharp(cat).resize(20, 20).png().toBuffer()))
    expect(answer).toMatchObject({ width: 40, height: 40 })
  })

  it('stops before the next tile when a cancel comes in during one', async () => {
    const stop = new AbortController()
    const seen: string[] = []
    const canceled = run(networks, await localFile(cat, 'image/png'), {
      signal: stop.signal,
      onProgress: (message) => {
        seen.push(message)
        // As a message of the worker does: only a turn of the event loop brings it in.
        if (seen.length === 2) setImmediate(() => stop.abort(new Error('canceled by the test')))
      },
    })
    await expect(canceled).rejects.toThrow('canceled by the test')
    expect(seen).toEqual(['tile 1/12', 'tile 2/12'])
  })
})

interface RunOptions {
  scale?: number
  signal?: AbortSignal
  onProgress?(message: string): void
}

/** One run on the loaded model, as a runner does it. */
async function run(networks: Map<number, Network>, image: ModelFile, options: RunOptions = {}) {
  const { scale = 2, signal = new AbortController().signal, onProgress = () => {} } = options
  const progress: [number, string][] = []
  const { answer } = await executeRun(
    model,
    networks,
    { image, scale },
    {
      device: 'cpu',
      workDir: await mkdtemp(join(tmpdir(), 'millrace-upscale-')),
      signal,
      onOutput: () => {},
      onLog: () => {},
      onProgress: (fraction, message = '') => {
        progress.push([fraction, message])
        onProgress(message)
      },
    },
  )
  return { answer: answer as { image: ModelFile; width: number; height: number }, progress }
}

async function fileOf(bytes: Buffer): Promise<ModelFile> {
  const path = join(await mkdtemp(join(tmpdir(), 'millrace-upscale-')), 'small.png')
  await writeFile(path, bytes)
  return createModelFile({ path, name: 'small.png', contentType: 'image/png', size: bytes.length })
}

async function pixelsOf(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, rgb: data }
}

function differences(a: Uint8Array, b: Uint8Array): number[] {
  expect(a.length).toBe(b.length)
  return Array.from(a, (value, index) => Math.abs(value - b[index]!))
}

const largestDifference = (a: Uint8Array, b: Uint8Array): number =>
  differences(a, b).reduce((most, difference) => Math.max(most, difference), 0)

const meanDifference = (a: Uint8Array, b: Uint8Array): number =>
  differences(a, b).reduce((sum, difference) => sum + difference, 0) / a.length
