/** Finds the models of a folder that can be tried, because their packages are installed. Made by assemble-worker.ts. */
import { dirname, relative } from 'node:path'
import { type ConfiguredModel, type RunnerContext, configureModel } from './configure-model.ts'
import { isInstalled, type ModelSource } from './discover-models.ts'
import type { ModelRef } from '../worker-model.ts'
import { installCommand, mayLackPackages } from '../python/missing-packages.ts'

export interface InstalledModelsOptions extends RunnerContext {
  author?: {
    /** Called once for each model whose packages are not installed. `install` is the command that installs them. */
    onPassedOver(model: ModelRef, install: string): void
  }
}

/**
 * How many kinds of models are looked at when a worker starts, so that no model waits for slow questions about others. 0:
 * TypeScript models. 1: also Python models, whose interpreter is asked. 2: also models whose packages must be looked for.
 * After the start it is always 2.
 */
export type Stage = 0 | 1 | 2

/** A model that is not configured yet, with what it will be called by its settings or its folder. */
export type NamedModel = ModelRef & { name: string }

export interface InstalledModels {
  /**
   * The models as they are now. `more`: true when some were left to a later stage; `later` says which. A model without its packages is passed
   * over.
   */
  look(stage: Stage): Promise<{ models: ConfiguredModel[]; more: boolean; later: NamedModel[] }>
}

const stageOf = (source: ModelSource): Stage => {
  if (source.language === 'node') return 0
  return mayLackPackages(dirname(source.path), source.settings) ? 2 : 1
}

/** `look` finds the models of the folders. */
export function createInstalledModels(
  look: () => Promise<ModelSource[]>,
  options: InstalledModelsOptions,
): InstalledModels {
  const said = new Set<string>()
  const passOver = (model: Pick<ModelSource, 'label' | 'path'>, install: string, missing?: string[]) => {
    if (said.has(model.path)) return
    said.add(model.path)
    options.logger.info({ model: model.label, missing, run: install }, 'A model is not installed')
    options.author?.onPassedOver(model, install)
  }
  const configure = async (source: ModelSource): Promise<ConfiguredModel | undefined> => {
    const folder = dirname(source.path)
    if (!isInstalled(source)) {
      passOver(source, `npm ci --prefix ${relative(process.cwd(), folder)}`)
      return undefined
    }
    const model = await configureModel(source, options)
    if (!model.missing?.length) return model
    passOver(source, installCommand(folder, process.cwd()), model.missing)
    return undefined
  }
  return {
    async look(stage) {
      const sources = await look()
      const now = sources.filter((source) => stageOf(source) <= stage)
      // When this stage has no models, no model can be kept waiting, so it looks at all.
      const taken = now.length === 0 ? sources : now
      const models = await Promise.all(taken.map(configure))
      const later = sources.filter((source) => !taken.includes(source))
      return {
        models: models.filter((model) => model !== undefined),
        more: later.length > 0,
        later: later.map(({ label, path, settings }) => ({ label, path, name: settings.name ?? label })),
      }
    },
  }
}
