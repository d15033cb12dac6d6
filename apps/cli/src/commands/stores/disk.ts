/** `millrace disk`: what the bytes of both stores are used for. */
import { createLogger, terminalJson } from '@millrace/process'
import type { DiskRow } from '../../backup/measure-objects.ts'
import { JSON_FLAG } from '../../client/connect.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { numberFlag } from '../../command/read-flags.ts'
import { assertRedisAnswers, requireRedis } from '../../services/require-redis.ts'
import { formatBytes, table } from '../../terminal/format.ts'
import { plainText } from '../../terminal/plain-text.ts'

/** Of objects, and of keys of Redis. */
const MOST = 1_000_000

export const diskCommand: Command = {
  name: 'disk',
  about: 'Tell what the object store and the memory of Redis are used for: by tenant, model and kind.',
  details: [
    'Asks both stores themselves, as `millrace backup` does, and so needs REDIS_URL and the settings of the store.',
  ],
  example: 'millrace disk --json',
  flags: [
    { name: 'most', type: 'string', about: `So many objects, and keys of Redis, are looked at; default: ${MOST}.` },
    JSON_FLAG,
  ],
  async run({ config: load, flags, args }) {
    if (args.length > 0) throw new UsageError('`millrace disk` takes flags only')
    const most = numberFlag(flags, 'most', { whole: true }) ?? MOST
    const config = load()
    requireRedis(config, 'disk')
    await assertRedisAnswers(config, 'disk')
    const { measureRecord } = await import('@millrace/queue')
    const { openConfiguredStore } = await import('@millrace/storage')
    const { measureObjects } = await import('../../backup/measure-objects.ts')
    const store = await openConfiguredStore(config)
    try {
      const redis = await measureRecord(config.redisUrl!, createLogger({ level: 'silent' }), most)
      const objects = await measureObjects(store, redis.models, most)
      const told = { objects, redis: { bytes: redis.bytes, keys: redis.keys, truncated: redis.truncated } }
      console.log(flags.json === true ? terminalJson(told, 2) : diskTable(told))
      return EXIT.done
    } finally {
      await store.close()
    }
  },
}

interface Disk {
  objects: { rows: DiskRow[]; truncated: boolean }
  redis: { bytes: Record<string, number>; keys: number; truncated: boolean }
}

function diskTable({ objects, redis }: Disk): string {
  const stored = objects.rows.map(({ tenant, model, kind, objects: count, bytes }) => [
    ...[plainText(tenant), plainText(model ?? '-'), kind],
    ...[String(count), formatBytes(bytes)],
  ])
  const kept = Object.entries(redis.bytes)
    .toSorted(([, one], [, other]) => other - one)
    .map(([what, bytes]) => [plainText(what), formatBytes(bytes)])
  const more = 'There is more than was looked at: --most raises that.'
  return [
    table([['TENANT', 'MODEL', 'KIND', 'OBJECTS', 'BYTES'], ...stored]),
    ...(objects.truncated ? [more] : []),
    '',
    table([['IN REDIS', 'MEMORY'], ...kept]),
    ...(redis.truncated ? [more] : []),
  ].join('\n')
}
