/** Looks for models again and again while their author works on them. Called by assemble-worker.ts for `millrace dev`. */
import { existsSync } from 'node:fs'
import { discoverModels, ModelFolderError, type ModelSource } from './discover-models.ts'

/**
 * Works like discoverModels, except when a folder can't be used for now (a model.js beside a model.ts, the last model gone,
 * no folder at all). Then `onFault` is told, and those models of the last look whose file still exists go on.
 */
export function createRediscovery(folders: string, onFault: (message: string) => void): () => Promise<ModelSource[]> {
  let last: ModelSource[] = []
  return async () => {
    try {
      last = await discoverModels(folders)
    } catch (error) {
      if (!(error instanceof ModelFolderError)) throw error
      onFault(error.message)
      last = last.filter(({ path }) => existsSync(path))
    }
    return last
  }
}
