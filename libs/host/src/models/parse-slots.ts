/** Reads MILLRACE_SLOTS. Each slot becomes one runner per model. Called where a worker is put together. */

/** The setting can't be understood. The message says what was given and what is possible. */
export class SlotsError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SlotsError'
  }
}

const MOST_SLOTS = 256
const ENTRY = /^(?<device>cpu|cuda:(?:0|[1-9]\d{0,2}))(?:\*(?<times>\d{1,3}))?$/

/**
 * The devices of a worker, one per slot: `cpu`, `cuda:0,cuda:1`, `cpu*4` (four of them). The runner that gets a device
 * is pinned to it by its own environment (runner-environment.ts). Throws SlotsError.
 */
export function parseSlots(text: string): string[] {
  const devices = text.split(',').flatMap((entry) => parseEntry(entry.trim()))
  if (devices.length > MOST_SLOTS) throw new SlotsError(`${devices.length} slots are too many: at most ${MOST_SLOTS}`)
  return devices
}

function parseEntry(entry: string): string[] {
  const { device, times = '1' } = ENTRY.exec(entry)?.groups ?? {}
  if (device === undefined) {
    throw new SlotsError(`"${entry.slice(0, 64)}" is no slot: write cpu, cuda:0 or cpu*4, with commas between them`)
  }
  if (Number(times) < 1) throw new SlotsError(`"${entry}" asks for no slot: the number after * must be 1 or more`)
  return Array.from({ length: Number(times) }, () => device)
}
