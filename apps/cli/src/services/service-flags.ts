/** The flags of commands that start services. Each flag stands for a setting. */
import type { Flag } from '../command/command.ts'

export const LISTEN_FLAGS: Flag[] = [
  { name: 'port', type: 'string', about: 'Port of the API (MILLRACE_PORT).', setting: 'MILLRACE_PORT' },
  { name: 'host', type: 'string', about: 'Address to listen on (MILLRACE_HOST).', setting: 'MILLRACE_HOST' },
]

export const MODEL_FLAGS: Flag[] = [
  { name: 'models', type: 'string', about: 'Folder of the models (MILLRACE_MODELS).', setting: 'MILLRACE_MODELS' },
  { name: 'slots', type: 'string', about: 'Where models run (MILLRACE_SLOTS).', setting: 'MILLRACE_SLOTS' },
]
