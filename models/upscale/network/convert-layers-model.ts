/**
 * Turns an image network of TensorFlow.js into ONNX, which runs on CPU and GPU: 8-bit pixels in, 8-bit pixels out.
 * Knows the layers of ESRGAN-slim and refuses all others. Called when the model is set up.
 */
import type { Layer, LayersModel, Weight } from './layers-model.ts'
import { ONNX_TYPE, type OnnxConstant, type OnnxNode, onnxBytes } from './onnx-bytes.ts'

/** Names of the ports of every converted network. Both are `[1, height, width, 3]`, red, green and blue from 0 to 255. */
export const INPUT_PORT = 'image'
export const OUTPUT_PORT = 'upscaled'

/** What one layer becomes. */
interface Piece {
  nodes: OnnxNode[]
  constants?: OnnxConstant[]
}

/** The file is wrong, or holds something that this converter has no rule for. */
export class UnknownLayerError extends Error {
  constructor(layer: Layer, reason: string) {
    super(`layer ${layer.name} (${layer.kind}): ${reason}`)
    this.name = 'UnknownLayerError'
  }
}

/** The bytes of the ONNX file. Values are rounded to whole numbers at the end. Throws UnknownLayerError. */
export function convertLayersModel({ layers, weights }: LayersModel): Buffer {
  const pieces = layers.map((layer) => pieceOf(layer, weights))
  // TensorFlow.js keeps channels last, ONNX first. Concatenations and convolutions below count on it.
  const before: OnnxNode[] = [
    { operator: 'Cast', inputs: [INPUT_PORT], output: '/float', attributes: { to: ONNX_TYPE.float32 } },
    { operator: 'Transpose', inputs: ['/float'], output: '/planes', attributes: { perm: [0, 3, 1, 2] } },
  ]
  const after: OnnxNode[] = [
    { operator: 'Round', inputs: [layers.at(-1)!.name], output: '/rounded' },
    { operator: 'Clip', inputs: ['/rounded', '/black', '/white'], output: '/clipped' },
    { operator: 'Transpose', inputs: ['/clipped'], output: '/pixels', attributes: { perm: [0, 2, 3, 1] } },
    { operator: 'Cast', inputs: ['/pixels'], output: OUTPUT_PORT, attributes: { to: ONNX_TYPE.uint8 } },
  ]
  return onnxBytes({
    nodes: [...before, ...pieces.flatMap(({ nodes }) => nodes), ...after],
    constants: [
      { name: '/black', shape: [], values: Float32Array.of(0) },
      { name: '/white', shape: [], values: Float32Array.of(255) },
      ...pieces.flatMap(({ constants }) => constants ?? []),
    ],
    input: { name: INPUT_PORT, type: 'uint8', shape: [1, 'height', 'width', 3] },
    output: { name: OUTPUT_PORT, type: 'uint8', shape: [1, 'upscaled_height', 'upscaled_width', 3] },
  })
}

/** Sides of a convolution's kernel and how far an upsampling stretches; other layers are `{kernel: 1, stretch: 1}`. */
export function spanOf({ kind, config }: Layer): { kernel: number; stretch: number } {
  const sides = kind === 'Conv2D' ? config.kernel_size : kind === 'UpSampling2D' ? config.size : [1, 1]
  const [high, wide] = sides as number[]
  if (high !== wide) throw new RangeError(`${kind} of ${high} x ${wide} is not square`)
  return kind === 'Conv2D' ? { kernel: high!, stretch: 1 } : { kernel: 1, stretch: high! }
}

function pieceOf(layer: Layer, weights: LayersModel['weights']): Piece {
  const { kind, name: output, inputs, config } = layer
  allowOnly(layer, config.data_format ?? 'channels_last', 'channels_last')
  switch (kind) {
    case 'InputLayer':
      return { nodes: [{ operator: 'Identity', inputs: ['/planes'], output }] }
    case 'Conv2D':
      return convolution(layer, weights)
    case 'Activation':
      return { nodes: [activation(layer, inputs[0]!)] }
    case 'Concatenate':
      // Of four axes, channels last.
      allowOnly(layer, config.axis, 3, -1)
      return { nodes: [{ operator: 'Concat', inputs, output, attributes: { axis: 1 } }] }
    case 'Add':
      return { nodes: [{ operator: 'Sum', inputs, output }] }
    case 'UpSampling2D':
      return upsampling(layer)
    default:
      throw new UnknownLayerError(layer, 'there is no rule for it')
  }
}

function convolution(layer: Layer, weights: LayersModel['weights']): Piece {
  const { name, inputs, config } = layer
  const { kernel: side } = spanOf(layer)
  allowOnly(layer, config.strides, [1, 1])
  allowOnly(layer, config.dilation_rate ?? [1, 1], [1, 1])
  if (side % 2 === 0) throw new UnknownLayerError(layer, `a kernel of even side ${side}`)
  // Only a kernel of one pixel keeps the size of the picture without padding.
  if (side > 1) allowOnly(layer, config.padding, 'same')
  const bias = weights.get(`${name}/bias`)
  if (config.use_bias && bias === undefined) throw new UnknownLayerError(layer, 'its bias is missing')
  const constants = [kernelOf(layer, weights.get(`${name}/kernel`))]
  if (bias !== undefined) constants.push({ name: `${name}/bias`, ...bias })
  const half = (side - 1) / 2
  const node: OnnxNode = {
    operator: 'Conv',
    inputs: [inputs[0]!, ...constants.map((constant) => constant.name)],
    output: `${name}/linear`,
    attributes: { kernel_shape: [side, side], pads: [half, half, half, half], strides: [1, 1] },
  }
  return { nodes: [node, activation(layer, node.output)], constants }
}

/** From [row, column, in, out] to [out, in, row, column]. */
function kernelOf(layer: Layer, kernel: Weight | undefined): OnnxConstant {
  if (kernel === undefined) throw new UnknownLayerError(layer, 'its kernel is missing')
  const [high = 0, wide = 0, ins = 0, outs = 0] = kernel.shape
  const taps = high * wide
  const values = new Float32Array(kernel.values.length)
  for (const [index, value] of kernel.values.entries()) {
    const out = index % outs
    const from = Math.floor(index / outs) % ins
    const tap = Math.floor(index / (outs * ins))
    values[(out * ins + from) * taps + tap] = value
  }
  return { name: `${layer.name}/kernel`, shape: [outs, ins, high, wide], values }
}

function activation(layer: Layer, input: string): OnnxNode {
  allowOnly(layer, layer.config.activation, 'linear', 'relu')
  return { operator: layer.config.activation === 'relu' ? 'Relu' : 'Identity', inputs: [input], output: layer.name }
}

function upsampling(layer: Layer): Piece {
  const { name, inputs, config } = layer
  allowOnly(layer, config.interpolation, 'nearest')
  const { stretch } = spanOf(layer)
  const scales = { name: `${name}/scales`, shape: [4], values: Float32Array.of(1, 1, stretch, stretch) }
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
  return {
    nodes: [{ operator: 'Resize', inputs: [inputs[0]!, '', scales.name], output: name, attributes }],
    constants: [scales],
  }
}

/** Refuses what would change the numbers unseen. */
function allowOnly(layer: Layer, actual: unknown, ...allowed: unknown[]): void {
  const text = JSON.stringify(actual)
  if (allowed.some((value) => JSON.stringify(value) === text)) return
  throw new UnknownLayerError(
    layer,
    `${text} where only ${allowed.map((value) => JSON.stringify(value)).join(' or ')} is known`,
  )
}
