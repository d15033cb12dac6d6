/**
 * onnxruntime-node as far as this model needs it. The only file that knows the package; it is loaded on demand, so that
 * the model can be listed and checked where it is not installed.
 */
import { createRequire } from 'node:module'
import { DeviceError, MissingPackageError } from './setup-errors.ts'

interface Tensor {
  readonly data: Uint8Array
  readonly dims: readonly number[]
}

interface Session {
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>
  release(): Promise<void>
}

export interface OnnxRuntime {
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> }
  Tensor: new (type: 'uint8', data: Uint8Array, dims: number[]) => Tensor
}

export interface OnnxSession {
  /** Feeds one tensor of bytes to `input` and gives the bytes of `output`. Blocks this process while it computes. */
  run(input: string, output: string, data: Uint8Array, shape: number[]): Promise<Uint8Array>
  close(): Promise<void>
}

/** Returns memory after each tile. Costs no time that could be measured. */
const MEMORY = { enableCpuMemArena: false, enableMemPattern: false }

/** The package as seen from a module (`import.meta.url`). Throws MissingPackageError when it is not installed. */
export function loadRuntime(from: string): OnnxRuntime {
  // Not an import: the types above are all we need of it, and they are there when the package is not.
  const require = createRequire(from)
  try {
    require.resolve('onnxruntime-node')
  } catch (error) {
    throw new MissingPackageError('onnxruntime-node', { cause: error })
  }
  return require('onnxruntime-node') as OnnxRuntime
}

/** Loads a network for `cpu` or `cuda:N`. Rejects with DeviceError when the device or its libraries are not there. */
export async function openSession(runtime: OnnxRuntime, model: Uint8Array, device: string): Promise<OnnxSession> {
  const executionProviders = [providerOf(device)]
  const { InferenceSession, Tensor } = runtime
  const session = await InferenceSession.create(model, { executionProviders, ...MEMORY }).catch((error: unknown) => {
    throw device === 'cpu' ? error : cudaError(device, error)
  })
  return {
    async run(input, output, data, shape) {
      const answer = await session.run({ [input]: new Tensor('uint8', data, shape) })
      return answer[output]!.data
    },
    close: () => session.release(),
  }
}

type Provider = string | { name: string; deviceId: number }

/** The provider of a device, and no second one to fall back to. Throws DeviceError for a device of another kind. */
export function providerOf(device: string): Provider {
  if (device === 'cpu') return 'cpu'
  const number = /^cuda:(\d+)$/.exec(device)?.[1]
  if (number === undefined) throw new DeviceError(device, 'only cpu and cuda:N are known')
  return { name: 'cuda', deviceId: Number(number) }
}

function cudaError(device: string, cause: unknown): DeviceError {
  const said = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0]
  const advice = 'models/upscale/README.md says how to install its CUDA libraries'
  return new DeviceError(device, `onnxruntime-node cannot use CUDA; ${advice}. It said: ${said}`, { cause })
}
