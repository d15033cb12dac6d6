/** `millrace adopt`: states that this object store belongs to this Redis, when the two do not say so themselves. */
import { EXIT } from '../../command/exit-codes.ts'
import { createLogger } from '@millrace/process'
import { CommandError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'
import { assertRedisAnswers, requireRedis } from '../../services/require-redis.ts'

export const adoptCommand: Command = {
  name: 'adopt',
  about: 'Say that the object store belongs to this Redis, when the two do not fit by themselves.',
  details: [
    'Workers delete what lies in the store and is not known to Redis, and so refuse to when the store was that of another',
    'Redis, or Redis came back empty or older. After this they go on: what is then still unknown is deleted a day later.',
    'Copy what you want to keep before. Without --yes it only says how things are.',
  ],
  example: 'millrace adopt --yes',
  flags: [{ name: 'yes', type: 'boolean', about: 'Do it.' }],
  async run({ config: load, flags }) {
    const config = load()
    requireRedis(config, 'adopt')
    await assertRedisAnswers(config, 'adopt')
    // Not imported at the top, because every other command would then load it too.
    const { openConfiguredQueue } = await import('@millrace/queue')
    const { adoptStore, checkDataSet, openConfiguredStore, storeName } = await import('@millrace/storage')
    const { queue } = openConfiguredQueue(config, 'worker', createLogger({ level: 'silent' }), () => undefined)
    const store = await openConfiguredStore(config)
    try {
      const verdict = await checkDataSet(store, queue.dataSet, { mark: false })
      if (verdict.fault === null) {
        console.log('The object store and this Redis belong together already; nothing is to be done.')
        return EXIT.done
      }
      if (flags.yes !== true) {
        throw new CommandError(
          'store_owner',
          `${verdict.reason}\n` +
            `With --yes ${storeName(config)} is given to this Redis; what it does not know is deleted a day later.`,
        )
      }
      await adoptStore(store, queue.dataSet)
      console.log(`Done: ${storeName(config)} belongs to this Redis. What it does not know is deleted in a day.`)
      return EXIT.done
    } finally {
      await queue.close()
      await store.close()
    }
  },
}
