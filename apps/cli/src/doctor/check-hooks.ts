/** Loads the module that MILLRACE_HOOKS names, as API and worker do at their start. Called by run-checks.ts. */
import { openConfiguredHooks } from '@millrace/hooks'
import { type Config, ConfigError } from '@millrace/process'
import { fail, type Finding, ok } from './finding.ts'

export async function checkHooks(config: Pick<Config, 'hooks'>): Promise<Finding> {
  try {
    const names = Object.keys((await openConfiguredHooks(config)) ?? {})
    return ok('hooks', `${config.hooks} has ${names.join(' and ')}.`)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return fail('hooks', `${error.message}.`, 'Correct the module, or remove the setting; docs/hooks.md shows three.')
  }
}
