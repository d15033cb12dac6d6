/**
 * Reads a network in the layers format of TensorFlow.js: a list of layers and their numbers. Called when the model is
 * set up; knows the shape of the files, not what the layers mean.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const layerSchema = z.object({
  class_name: z.string(),
  name: z.string(),
  config: z.record(z.string(), z.unknown()),
  // One call of each layer, from the outputs of the layers named first in each entry.
  inbound_nodes: z.array(z.array(z.tuple([z.string()], z.unknown()))).max(1),
})

const fileSchema = z.object({
  modelTopology: z.object({ model_config: z.object({ config: z.object({ layers: z.array(layerSchema).min(1) }) }) }),
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string()),
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.int().min(0)),
          dtype: z.literal('float32'),
          quantization: z.undefined().optional(),
        }),
      ),
    }),
  ),
})

export interface Layer {
  /** What it computes, such as `Conv2D`. */
  kind: string
  name: string
  config: Record<string, unknown>
  /** Names of the layers whose outputs it takes. */
  inputs: string[]
}

export interface Weight {
  shape: number[]
  /** Row-major. */
  values: Float32Array
}

export interface LayersModel {
  /** In an order in which each can be computed; the last one is the output. */
  layers: Layer[]
  /** By name, such as `F_0/kernel`. */
  weights: Map<string, Weight>
}

/** The network in a folder that holds `model.json`. Rejects when a file is missing, cut off or of another format. */
export async function readLayersModel(folder: string): Promise<LayersModel> {
  const file = fileSchema.parse(JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')))
  const weights = new Map<string, Weight>()
  for (const group of file.weightsManifest) {
    const shards = await Promise.all(group.paths.map((path) => readFile(join(folder, path))))
    const numbers = floatsOf(Buffer.concat(shards))
    let start = 0
    for (const { name, shape } of group.weights) {
      const end = start + shape.reduce((product, size) => product * size, 1)
      if (end > numbers.length) throw new Error(`the weights in ${folder} end before ${name}`)
      weights.set(name, { shape, values: numbers.subarray(start, end) })
      start = end
    }
  }
  const layers = file.modelTopology.model_config.config.layers.map(({ class_name, name, config, inbound_nodes }) => ({
    kind: class_name,
    name,
    config,
    inputs: (inbound_nodes[0] ?? []).map(([input]) => input),
  }))
  return { layers, weights }
}

/** Little-endian, whatever this machine uses. */
function floatsOf(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(4 * index))
}
