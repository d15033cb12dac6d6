/**
 * Makes the environment of a model's process from an allow-list, because model code must not see the worker's secrets. It
 * reads no environment itself: the worker's main file passes its own. Called wherever such a process is started.
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
/** Never passed on, not even when it is asked for by name. */
const SECRET = /^(REDIS_|AWS_|S3_|MILLRACE_)/

/** True for a variable of Millrace itself. No model ever sees one. */
export const isOwnSecret = (name: string): boolean => SECRET.test(name)

export type Environment = Record<string, string | undefined>

export interface EnvironmentOptions {
  /** The worker's own environment. Only what the allow-list names passes. */
  env: Environment
  /** More variables that the operator wants the model to have. */
  extraEnv?: Environment
  /** `cpu` or `cuda:N`, where N counts the devices that the worker sees. */
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
