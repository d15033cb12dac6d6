import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Layer, readLayersModel } from './layers-model.ts'
import { reachOf } from './reach-of.ts'

const inbound = (...names: string[]) => (names.length > 0 ? [names.map((name) => [name, 0, 0, {}])] : [])

/** A folder as TensorFlow.js writes it, with its numbers in two shards that part in the middle of one. */
async function folderOf({ dtype = 'float32', numbers = [1.5, -2, 3, 4] } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-layers-'))
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [index, value] of numbers.entries()) bytes.writeFloatLE(value, 4 * index)
  await writeFile(join(folder, 'a.bin'), bytes.subarray(0, 6))
  await writeFile(join(folder, 'b.bin'), bytes.subarray(6))
  const layers = [
    { class_name: 'InputLayer', name: 'in', config: {}, inbound_nodes: inbound() },
    { class_name: 'Add', name: 'sum', config: { axis: 3 }, inbound_nodes: inbound('in', 'in') },
  ]
  const weights = [
    { name: 'sum/a', shape: [], dtype },
    { name: 'sum/b', shape: [3, 1], dtype },
  ]
  const file = {
    modelTopology: { model_config: { config: { layers } } },
    weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights }],
  }
  await writeFile(join(folder, 'model.json'), JSON.stringify(file))
  return folder
}

describe('readLayersModel', () => {
  it('gives the layers in order and the numbers by name', async () => {
    const { layers, weights } = await readLayersModel(await folderOf())
    expect(layers).toEqual([
      { kind: 'InputLayer', name: 'in', config: {}, inputs: [] },
      { kind: 'Add', name: 'sum', config: { axis: 3 }, inputs: ['in', 'in'] },
    ])
    expect(weights.get('sum/a')).toEqual({ shape: [], values: Float32Array.of(1.5) })
    expect(weights.get('sum/b')).toEqual({ shape: [3, 1], values: Float32Array.of(-2, 3, 4) })
  })

  it('refuses numbers that are cut off, and those of another type', async () => {
    await expect(readLayersModel(await folderOf({ numbers: [1, 2, 3] }))).rejects.toThrow('end before sum/b')
    await expect(readLayersModel(await folderOf({ dtype: 'uint8' }))).rejects.toThrow('dtype')
  })
})

describe('reachOf', () => {
  const layer = (kind: string, name: string, inputs: string[], config: Record<string, unknown> = {}): Layer => ({
    kind,
    name,
    inputs,
    config,
  })
  const convolution = (name: string, input: string, side: number) =>
    layer('Conv2D', name, [input], { kernel_size: [side, side] })

  it('adds up the widest path, and counts finer pixels for less', () => {
    const layers = [
      layer('InputLayer', 'in', []),
      convolution('narrow', 'in', 1),
      convolution('wide', 'in', 5),
      layer('Add', 'sum', ['narrow', 'wide']),
      layer('UpSampling2D', 'up', ['sum'], { size: [2, 2] }),
      convolution('fine', 'up', 3),
      convolution('finer', 'fine', 3),
    ]
    const reach = (count: number) => reachOf({ layers: layers.slice(0, count), weights: new Map() })
    expect(reach(4)).toEqual({ margin: 2, scale: 1 })
    // One finer pixel is half a pixel, which is a part of the next one.
    expect(reach(6)).toEqual({ margin: 3, scale: 2 })
    expect(reach(7)).toEqual({ margin: 3, scale: 2 })
  })
})
