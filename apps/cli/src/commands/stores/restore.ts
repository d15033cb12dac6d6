/** `millrace restore`: brings a backup back into a Redis and an object store. */
import { createLogger, terminalJson } from '@millrace/process'
import { JSON_FLAG, onlyArg } from '../../client/connect.ts'
import type { Command } from '../../command/command.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { assertRedisAnswers, requireRedis } from '../../services/require-redis.ts'
import { orTell, shown } from './backup.ts'

export const restoreCommand: Command = {
  name: 'restore',
  about: 'Bring a backup back into an empty Redis and object store. Nothing of Millrace may run on them meanwhile.',
  args: 'PLACE',
  details: [
    'The whole backup is checked before anything is written. Redis may be one server or a cluster, and the store another bucket or prefix than',
    'those that the backup is of. Jobs that ran then wait again, and that counts as no attempt. What was erased after the backup comes back: erase it',
    'again. See docs/backup.md.',
  ],
  example: 'millrace restore /backups/monday.tar',
  flags: [
    {
      name: 'replace',
      type: 'boolean',
      about: 'Delete all that this Redis has of Millrace first. Objects that are there stay.',
    },
    JSON_FLAG,
  ],
  async run(context) {
    const place = onlyArg(context, 'PLACE')
    const { flags } = context
    const config = context.config()
    requireRedis(config, 'restore')
    await assertRedisAnswers(config, 'restore')
    const logger = createLogger({ level: 'silent' })
    const { openConfiguredQueue, RecordRestore } = await import('@millrace/queue')
    const { openConfiguredStore } = await import('@millrace/storage')
    const { openArchive } = await import('../../backup/open-archive.ts')
    const { restoreBackup } = await import('../../backup/restore-backup.ts')
    const { queue } = openConfiguredQueue(config, 'worker', logger, () => undefined)
    const store = await openConfiguredStore(config)
    const record = await RecordRestore.open(config.redisUrl!, logger)
    try {
      const { manifest, released, kept } = await orTell(async () =>
        restoreBackup({
          ...{ record, queue, store, archive: await openArchive(place) },
          replace: flags.replace === true,
          say: (text) => console.error(text),
        }),
      )
      const told = { ...shown(manifest), released, objects_kept: kept }
      console.log(
        flags.json === true
          ? terminalJson(told, 2)
          : `Done: all is as it was at ${manifest.at}. ${released} jobs ran then and wait again. Start the API and the workers.`,
      )
      return EXIT.done
    } finally {
      record.close()
      await queue.close()
      await store.close()
    }
  },
}
