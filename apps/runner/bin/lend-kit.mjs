/**
 * Lends a model what every TypeScript model imports, where its author has not installed it: a folder of nothing but models
 * works. Called by node-runner.mjs for models that a loader runs; translate-model.mjs does the same for all others.
 */
import { createRequire, Module, register } from 'node:module'

/** The packages, and the files beside the runner's code that stand for them. */
export const KIT = { '@millrace/model': 'model.mjs', zod: 'zod.mjs' }

/** From now on these packages are found from `from`, an address of a file, by whoever does not find them himself. */
export function lendKit(from) {
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, {
    parentURL: from,
    data: { names: Object.keys(KIT), from },
  })
  // Code that is CommonJS asks here.
  const resolveFilename = Module._resolveFilename
  const own = createRequire(from)
  Module._resolveFilename = function lent(name, ...rest) {
    try {
      return resolveFilename.call(this, name, ...rest)
    } catch (error) {
      if (KIT[name] === undefined || error.code !== 'MODULE_NOT_FOUND') throw error
      return own.resolve(name)
    }
  }
}

/** Runs in Node's thread for loaders, so it is a text of its own. */
const HOOKS = `
let names, from
export function initialize(data) { ({ names, from } = data) }
export async function resolve(name, context, next) {
  try { return await next(name, context) } catch (error) {
    if (!names.includes(name) || error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    return next(name, { ...context, parentURL: from })
  }
}`
