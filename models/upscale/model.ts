/**
 * Makes a picture two, three or four times as wide and high, with detail that a plain stretch does not have.
 * Loaded by the runner. Shows a long job: progress by tile, a cancel between tiles, and a device that can be a GPU.
 */
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'
import { type Network, openNetwork } from './network/network.ts'
import { decodePicture, encodePng, stretchChannel } from './picture/picture.ts'
import { upscalePixels } from './picture/upscale-pixels.ts'

/** Pixels. Larger ones waste less on margins; smaller ones hear a cancel sooner. */
const TILE_SIDE = 128
const SCALES = [2, 3, 4] as const

export default defineModel({
  name: 'upscale',
  version: '1.0.0',
  description: 'Makes a picture larger with an ESRGAN network, tile by tile.',
  input: z.object({
    image: file('image/*').describe('PNG, JPEG, WebP, TIFF, GIF or AVIF, at most 4 million pixels.'),
    scale: z.literal(SCALES).default(2).describe('How many times as wide and high.'),
  }),
  output: z.object({
    image: file('image/png').describe('The larger picture: upright, sRGB, transparency kept.'),
    width: z.int().describe('Pixels.'),
    height: z.int().describe('Pixels.'),
  }),
  examples: [
    { name: 'A cat, twice as large', input: { image: 'samples/cat.webp' } },
    { name: 'A cat, four times as large', input: { image: 'samples/cat.webp', scale: 4 } },
  ],
  // Four million pixels take minutes on a small CPU.
  timeoutSeconds: 3600,
  setup: async ({ device }) => {
    const networks = new Map<number, Network>()
    for (const scale of SCALES) networks.set(scale, await openNetwork(scale, device))
    return networks
  },
  predict: async ({ image, scale }, networks, ctx) => {
    const picture = await decodePicture(await image.bytes())
    const larger = await upscalePixels(picture, {
      network: networks.get(scale)!,
      side: TILE_SIDE,
      signal: ctx.signal,
      onTile: (done, of) => ctx.progress(done / of, `tile ${done}/${of}`),
    })
    ctx.signal.throwIfAborted()
    const alpha = picture.alpha && (await stretchChannel(picture.alpha, picture, scale))
    const png = await encodePng({ ...larger, alpha })
    const stem = image.name.replace(/\.[^.]*$/, '') || 'image'
    const { width, height } = larger
    return { image: await ctx.file(`${stem}-${scale}x.png`, 'image/png', png), width, height }
  },
  teardown: async (networks) => {
    for (const network of networks.values()) await network.close()
  },
})
