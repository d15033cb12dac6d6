/**
 * Writes ONNX files: the few protobuf messages that a converter needs, and nothing that it does not.
 * Field numbers are those of onnx.proto3. Called by `convertLayersModel`.
 */

export type Attribute = number | number[] | string

export interface OnnxNode {
  operator: string
  inputs: string[]
  output: string
  attributes?: Record<string, Attribute>
}

export interface OnnxConstant {
  name: string
  shape: number[]
  values: Float32Array
}

export interface OnnxPort {
  name: string
  type: 'float32' | 'uint8'
  /** A text names a size that is known only when the network runs. */
  shape: (number | string)[]
}

export interface OnnxGraph {
  nodes: OnnxNode[]
  constants: OnnxConstant[]
  input: OnnxPort
  output: OnnxPort
}

/** Element types by the numbers of TensorProto.DataType. */
export const ONNX_TYPE = { float32: 1, uint8: 2 } as const

const IR_VERSION = 8
const OPERATOR_SET = 17
/** AttributeProto.type. */
const ATTRIBUTE = { int: 2, string: 3, ints: 7 }

/** The bytes of a model that holds one graph. */
export function onnxBytes({ nodes, constants, input, output }: OnnxGraph): Buffer {
  const graph = Buffer.concat([
    ...nodes.map((node) => field(1, nodeBytes(node))),
    field(2, 'graph'),
    ...constants.map((constant) => field(5, constantBytes(constant))),
    field(11, portBytes(input)),
    field(12, portBytes(output)),
  ])
  return Buffer.concat([integer(1, IR_VERSION), field(7, graph), field(8, integer(2, OPERATOR_SET))])
}

function nodeBytes({ operator, inputs, output, attributes = {} }: OnnxNode): Buffer {
  return Buffer.concat([
    ...inputs.map((input) => field(1, input)),
    field(2, output),
    field(3, output),
    field(4, operator),
    ...Object.entries(attributes).map(([name, value]) => field(5, attributeBytes(name, value))),
  ])
}

function attributeBytes(name: string, value: Attribute): Buffer {
  const parts = [field(1, name)]
  if (typeof value === 'number') parts.push(integer(3, value), integer(20, ATTRIBUTE.int))
  else if (typeof value === 'string') parts.push(field(4, value), integer(20, ATTRIBUTE.string))
  else parts.push(...value.map((item) => integer(8, item)), integer(20, ATTRIBUTE.ints))
  return Buffer.concat(parts)
}

function constantBytes({ name, shape, values }: OnnxConstant): Buffer {
  const raw = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) raw.writeFloatLE(value, 4 * index)
  return Buffer.concat([
    ...shape.map((size) => integer(1, size)),
    integer(2, ONNX_TYPE.float32),
    field(8, name),
    field(9, raw),
  ])
}

function portBytes({ name, type, shape }: OnnxPort): Buffer {
  const sizes = shape.map((size) => field(1, typeof size === 'number' ? integer(1, size) : field(2, size)))
  const tensor = Buffer.concat([integer(1, ONNX_TYPE[type]), field(2, Buffer.concat(sizes))])
  return Buffer.concat([field(1, name), field(2, field(1, tensor))])
}

/** A field of bytes, of text or of another message. */
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

/** A field of one whole number, 0 or greater. */
const integer = (number: number, value: number): Buffer => Buffer.concat([varint(number << 3), varint(value)])

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}
