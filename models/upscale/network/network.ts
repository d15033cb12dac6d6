/** A network that makes pictures larger: pixels in, more pixels out. Opened once per scale when the model is set up. */
import { join } from 'node:path'
import { packageDir } from '@millrace/model'
import { convertLayersModel, INPUT_PORT, OUTPUT_PORT } from './convert-layers-model.ts'
import { readLayersModel } from './layers-model.ts'
import { loadRuntime, openSession } from './onnx-runtime.ts'
import { reachOf } from './reach-of.ts'

const WEIGHTS = '@upscalerjs/esrgan-slim'

export interface Pixels {
  width: number
  height: number
  /** Three bytes a pixel, row by row. */
  rgb: Uint8Array
}

export interface Network {
  /** Sides of the answer over those of the question. */
  scale: number
  /** Pixels that it looks around: a part of a picture with this margin gives what the whole picture would. */
  margin: number
  /** Blocks this process while it computes. */
  upscale(pixels: Pixels): Promise<Pixels>
  close(): Promise<void>
}

/** Converts the weights in their npm package and loads them. Throws MissingPackageError or DeviceError. */
export async function openNetwork(scale: number, device: string): Promise<Network> {
  const runtime = loadRuntime(import.meta.url)
  const model = await readLayersModel(join(packageDir(WEIGHTS, import.meta.url), 'models', `x${scale}`))
  const reach = reachOf(model)
  if (reach.scale !== scale) throw new Error(`the weights for scale ${scale} scale by ${reach.scale}`)
  const session = await openSession(runtime, convertLayersModel(model), device)
  return {
    ...reach,
    async upscale({ width, height, rgb }) {
      const larger = await session.run(INPUT_PORT, OUTPUT_PORT, rgb, [1, height, width, 3])
      return { width: width * scale, height: height * scale, rgb: larger }
    },
    close: () => session.close(),
  }
}
