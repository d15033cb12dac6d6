/** Reads about a model that a job is to be sent to, and waits while a worker loads it for the first time. Called by `millrace submit`. */
import type { Client, ModelView } from '@millrace/client'
import { pause } from '@millrace/async'
import { CommandError } from '../command/command-error.ts'
import { firstLine } from '../terminal/plain-text.ts'
import { AT_ONCE } from './connect.ts'

/** A model that was loaded once takes jobs, whatever its state: then they wait in the queue. Rejects when it could not be loaded. */
export async function loadedModel(client: Client, name: string, everyMs = 1000): Promise<ModelView> {
  for (let look = 0; ; look++) {
    const model = await client.model(name, look === 0 ? AT_ONCE : {})
    if (model.version !== '') return model
    if (model.state !== 'loading') {
      const why = firstLine(model.reason ?? 'its worker does not say why')
      throw new CommandError('model', `${name} could not be loaded: ${why}`)
    }
    if (look === 0) console.error(`${name} is being loaded; the job is sent when that is done.`)
    await pause(everyMs)
  }
}
