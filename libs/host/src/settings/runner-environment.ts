/**
 * The environment of a model's process: an allow-list, because model code is not trusted with the worker's secrets.
 * Pure: the worker's own environment is handed in by its main file.
 */

const NAMES = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'XDG_CACHE_HOME',
  'VIRTUAL_ENV',
]
const PREFIXES = ['CUDA_', 'NVIDIA_', 'HIP_', 'ROCR_', 'OMP_', 'MKL_', 'OPENBLAS_', 'TORCH_', 'HF_', 'TRANSFORMERS_']
/** Not even when asked for by name. */
const SECRET = /^(REDIS_|AWS_|S3_|MILLRACE_)/

/** Whether a variable of that name is Millrace's own, which no model ever sees. */
export const isOwnSecret = (name: string): boolean => SECRET.test(name)

export type Environment = Record<string, string | undefined>

export interface EnvironmentOptions {
  /** The worker's own environment; only what the allow-list names passes. */
  env: Environment
  /** What the operator wants the model to have, besides. */
  extraEnv?: Environment
  /** `cpu` or `cuda:N`, N counting the devices that the worker sees. */
  device: string
}

/**
 * Adds `MILLRACE_DEVICE` and pins the device: a CUDA runner sees its one device as `cuda:0`, a `cpu` runner sees none.
 * Throws RangeError when the worker does not see that device.
 */
export function runnerEnvironment({ env, extraEnv = {}, device }: EnvironmentOptions): Record<string, string> {
  const allowed = (name: string) => NAMES.includes(name) || PREFIXES.some((prefix) => name.startsWith(prefix))
  const passed = [
    ...Object.entries(env).filter(([name]) => allowed(name)),
    ...Object.entries(extraEnv).filter(([name]) => !isOwnSecret(name)),
  ].filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { ...Object.fromEntries(passed), ...pinned(device, env.CUDA_VISIBLE_DEVICES) }
}

function pinned(device: string, visible: string | undefined): Record<string, string> {
  const [kind, number = '0'] = device.split(':')
  if (kind !== 'cuda') return { MILLRACE_DEVICE: device, CUDA_VISIBLE_DEVICES: '' }
  const own = visible ? visible.split(',')[Number(number)] : number
  if (own === undefined) throw new RangeError(`device ${device} is not there: CUDA_VISIBLE_DEVICES is ${visible}`)
  return { MILLRACE_DEVICE: 'cuda:0', CUDA_VISIBLE_DEVICES: own }
}
