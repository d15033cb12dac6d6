import { describe, expect, it } from 'vitest'
import { convertLayersModel, INPUT_PORT, OUTPUT_PORT, UnknownLayerError } from './convert-layers-model.ts'
import { isInstalled } from './is-installed.fixture.ts'
import type { Layer, Weight } from './layers-model.ts'
import { loadRuntime, openSession } from './onnx-runtime.ts'

const input: Layer = { kind: 'InputLayer', name: 'in', config: {}, inputs: [] }

/** A convolution of three channels to three, with the settings of all those that we know. */
const convolution = (side: number, config: Record<string, unknown> = {}): Layer => ({
  kind: 'Conv2D',
  name: 'conv',
  inputs: ['in'],
  config: {
    kernel_size: [side, side],
    strides: [1, 1],
    dilation_rate: [1, 1],
    padding: 'same',
    data_format: 'channels_last',
    activation: 'linear',
    use_bias: true,
    ...config,
  },
})

type Tap = { row: number; column: number; from: number; to: number; value: number }

/** A kernel of zeros but for a few taps, in the order of TensorFlow: [row, column, in, out]. */
function weightsOf(side: number, taps: Tap[], bias = [0, 0, 0]): Map<string, Weight> {
  const values = new Float32Array(side * side * 9)
  for (const { row, column, from, to, value } of taps) values[((row * side + column) * 3 + from) * 3 + to] = value
  return new Map([
    ['conv/kernel', { shape: [side, side, 3, 3], values }],
    ['conv/bias', { shape: [3], values: Float32Array.from(bias) }],
  ])
}

const red = 0
const green = 1
const blue = 2

/** Two rows of three pixels. */
const PIXELS = [
  [10, 20, 30, 40, 50, 60, 70, 80, 90],
  [11, 21, 31, 41, 51, 61, 71, 81, 91],
]

async function run(layers: Layer[], weights = new Map<string, Weight>()): Promise<number[]> {
  const model = convertLayersModel({ layers: [input, ...layers], weights })
  const session = await openSession(loadRuntime(import.meta.url), model, 'cpu')
  const answer = await session.run(INPUT_PORT, OUTPUT_PORT, Uint8Array.from(PIXELS.flat()), [1, 2, 3, 3])
  await session.close()
  return [...answer]
}

describe.skipIf(!isInstalled())('a converted network (needs the packages of this model)', () => {
  it('computes a convolution as worked out by hand, with zeros around the picture', async () => {
    const taps: Tap[] = [
      // Red becomes twice the green of the pixel above.
      { row: 0, column: 1, from: green, to: red, value: 2 },
      // Green becomes the blue of the pixel to the right.
      { row: 1, column: 2, from: blue, to: green, value: 1 },
      // Blue becomes half the red of the pixel itself.
      { row: 1, column: 1, from: red, to: blue, value: 0.5 },
    ]
    expect(await run([convolution(3)], weightsOf(3, taps, [1, 2, 3]))).toEqual([
      ...[1, 62, 8, 1, 92, 23, 1, 2, 38],
      // Halves are rounded to the even number: 5.5 + 3 is 8, 20.5 + 3 is 24, 35.5 + 3 is 38.
      ...[41, 63, 8, 101, 93, 24, 161, 2, 38],
    ])
  })

  it('keeps values between 0 and 255 at the end, and only there', async () => {
    const invert = [red, green, blue].map((channel) => ({ row: 0, column: 0, from: channel, to: channel, value: -100 }))
    expect(new Set(await run([convolution(1)], weightsOf(1, invert)))).toEqual(new Set([0]))
    const restored: Layer = { kind: 'Add', name: 'sum', config: {}, inputs: ['conv', 'in', 'in'] }
    const once = invert.map((tap) => ({ ...tap, value: -1 }))
    expect(await run([convolution(1), restored], weightsOf(1, once))).toEqual(PIXELS.flat())
    const bright = invert.map((tap) => ({ ...tap, value: 100 }))
    expect(new Set(await run([convolution(1)], weightsOf(1, bright)))).toEqual(new Set([255]))
  })

  it('cuts negative values off where a layer says relu', async () => {
    const negate = [red, green, blue].map((channel) => ({ row: 0, column: 0, from: channel, to: channel, value: -1 }))
    const sum: Layer = { kind: 'Add', name: 'sum', config: {}, inputs: ['last', 'in'] }
    const after: Layer = { kind: 'Activation', name: 'last', config: { activation: 'relu' }, inputs: ['conv'] }
    expect(await run([convolution(1), after, sum], weightsOf(1, negate))).toEqual(PIXELS.flat())
    const own = { ...sum, inputs: ['conv', 'in'] }
    expect(await run([convolution(1, { activation: 'relu' }), own], weightsOf(1, negate))).toEqual(PIXELS.flat())
  })

  it('joins channels in order', async () => {
    const both: Layer = { kind: 'Concatenate', name: 'both', config: { axis: 3 }, inputs: ['in', 'in'] }
    const pick: Layer = { ...convolution(1), inputs: ['both'] }
    // Of six channels: the second, the fourth, the third.
    const values = new Float32Array(18)
    for (const [to, from] of [1, 3, 2].entries()) values[from * 3 + to] = 1
    const weights = weightsOf(1, []).set('conv/kernel', { shape: [1, 1, 6, 3], values })
    const swapped = PIXELS.flat().map((_, index, all) => all[index - (index % 3) + [1, 0, 2][index % 3]!]!)
    expect(await run([both, pick], weights)).toEqual(swapped)
  })

  it('repeats pixels to both sides when it stretches', async () => {
    const config = { size: [2, 2], interpolation: 'nearest', data_format: 'channels_last' }
    const wide = PIXELS.map((row) => [0, 3, 6].flatMap((at) => [...row.slice(at, at + 3), ...row.slice(at, at + 3)]))
    const larger = await run([{ kind: 'UpSampling2D', name: 'up', config, inputs: ['in'] }])
    expect(larger).toEqual(wide.flatMap((row) => [...row, ...row]))
  })
})

describe('convertLayersModel', () => {
  it.each([
    ['a layer that it does not know', { ...convolution(1), kind: 'Dropout' }],
    ['steps of more than one pixel', convolution(3, { strides: [2, 2] })],
    ['a picture that shrinks', convolution(3, { padding: 'valid' })],
    ['kernels with holes', convolution(3, { dilation_rate: [2, 2] })],
    ['kernels without a middle', convolution(2)],
    ['an activation that it does not know', convolution(3, { activation: 'tanh' })],
    ['channels first', convolution(3, { data_format: 'channels_first' })],
    ['a kernel that is not there', { ...convolution(3), name: 'other' }],
  ])('refuses %s', (_what, layer) => {
    const convert = () => convertLayersModel({ layers: [input, layer], weights: weightsOf(3, []) })
    expect(convert).toThrow(UnknownLayerError)
  })
})
