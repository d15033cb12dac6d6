/**
 * How far the pixels of a network's answer look around in the picture: what a tile must be shown so that its seams
 * are exact. Called when the model is set up.
 */
import { spanOf } from './convert-layers-model.ts'
import type { LayersModel } from './layers-model.ts'

export interface Reach {
  /** Pixels of the input, to each side, that can change one pixel of the output. */
  margin: number
  /** Sides of the output over those of the input. */
  scale: number
}

/** Follows the widest path through the layers. A kernel after an upsampling reaches over finer pixels, so less far. */
export function reachOf({ layers }: LayersModel): Reach {
  const known = new Map<string, Reach>()
  for (const layer of layers) {
    const { kernel, stretch } = spanOf(layer)
    const before = layer.inputs.map((name) => known.get(name)!)
    const scale = Math.max(1, ...before.map((input) => input.scale))
    const margin = Math.max(0, ...before.map((input) => input.margin)) + (kernel - 1) / 2 / scale
    known.set(layer.name, { margin, scale: scale * stretch })
  }
  const { margin, scale } = known.get(layers.at(-1)!.name)!
  return { margin: Math.ceil(margin), scale }
}
