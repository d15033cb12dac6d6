/** `millrace backup`: writes all that both stores hold into a folder or a tar file, while the service goes on; or checks such a backup. */
import { createLogger, ownVersion, terminalJson } from '@millrace/process'
import type { Manifest } from '../../backup/backup-format.ts'
import { JSON_FLAG, onlyArg } from '../../client/connect.ts'
import type { Command, CommandContext } from '../../command/command.ts'
import { CommandError } from '../../command/command-error.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { assertRedisAnswers, requireRedis } from '../../services/require-redis.ts'
import { formatBytes } from '../../terminal/format.ts'

export const backupCommand: Command = {
  name: 'backup',
  about:
    'Write all of Redis and of the object store into a folder or a .tar file, while the service goes on; or check one.',
  args: 'PLACE',
  details: [
    'PLACE is a new folder, a new file that ends in .tar, or - for standard output. Of Redis it has one moment, at which writes are held',
    'back for some milliseconds; of the object store all that is known at that moment. Keys, secrets and inputs are in it, so only you may',
    'read it: keep it as you keep these. See docs/backup.md.',
  ],
  example: 'millrace backup /backups/monday.tar',
  flags: [
    { name: 'check', type: 'boolean', about: 'Read the backup at PLACE, and hold every byte against its hashes.' },
    JSON_FLAG,
  ],
  async run(context) {
    const place = onlyArg(context, 'PLACE')
    const { flags } = context
    const manifest = flags.check === true ? await check(place) : await write(context, place)
    // Standard output may be the backup itself.
    const print = place === '-' ? console.error : console.log
    print(flags.json === true ? terminalJson(shown(manifest), 2) : sentence(manifest, flags.check === true))
    return EXIT.done
  },
}

async function check(place: string): Promise<Manifest> {
  const { readBackup } = await import('../../backup/read-backup.ts')
  const { openArchive } = await import('../../backup/open-archive.ts')
  return orTell(async () => readBackup(await openArchive(place)))
}

async function write({ config: load }: CommandContext, place: string): Promise<Manifest> {
  const config = load()
  requireRedis(config, 'backup')
  await assertRedisAnswers(config, 'backup')
  const { openConfiguredStore } = await import('@millrace/storage')
  const { createArchive } = await import('../../backup/open-archive.ts')
  const { writeBackup } = await import('../../backup/write-backup.ts')
  const store = await openConfiguredStore(config)
  try {
    return await orTell(async () => {
      const archive = await createArchive(place)
      return writeBackup({
        url: config.redisUrl!,
        store,
        archive,
        prefix: config.s3Prefix ?? null,
        version: ownVersion(),
        logger: createLogger({ level: 'silent' }),
        say: (text) => console.error(text),
      }).catch(async (error: unknown) => {
        await archive.abandon()
        throw error
      })
    })
  } finally {
    await store.close()
  }
}

/** Faults that its user can do something about are told in a sentence. */
export async function orTell<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const { ArchiveError } = await import('../../backup/archive/archive.ts')
    const { RecordCopyError, RecordRestoreError } = await import('@millrace/queue')
    const { StorageError } = await import('@millrace/storage')
    const isKnown = [ArchiveError, RecordCopyError, RecordRestoreError, StorageError].some(
      (Kind) => error instanceof Kind,
    )
    throw isKnown
      ? new CommandError('backup', `${(error as Error).message}.`.replace(/\.\.$/, '.'), { cause: error })
      : error
  }
}

/** What is shown of a manifest: of its parts only how many there are. */
export const shown = (manifest: Manifest) => ({ ...manifest, parts: manifest.parts.length })

function sentence({ at, paused_ms, record, objects }: Manifest, isChecked: boolean): string {
  const jobs = Object.entries(record.jobs).map(([status, count]) => `${count} ${status}`)
  const lost = objects.missing > 0 ? `; ${objects.missing} were deleted meanwhile` : ''
  return [
    isChecked
      ? `The backup is whole. It is of ${at}.`
      : `Done: as of ${at}; writes were held back for ${paused_ms} ms.`,
    `Jobs: ${jobs.join(', ') || 'none'}. Keys in Redis: ${record.keys}. Objects: ${objects.count}, ${formatBytes(objects.bytes)}${lost}.`,
  ].join('\n')
}
