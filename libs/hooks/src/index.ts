/**
 * Hooks: a module of the operator's that sees each submit before it is kept, and each job after its end. `defineHooks` is for its
 * author; the rest loads it and calls it in bounded time, for the API and the worker.
 */
export {
  defineHooks,
  type EndedJob,
  type Ending,
  type Hooks,
  type Submission,
  type SubmitAnswer,
} from './define-hooks.ts'
export { EndHook } from './end-hook.ts'
export { HookError } from './hook-error.ts'
export { openConfiguredHooks } from './open-configured-hooks.ts'
export { SubmitHook, type Verdict } from './submit-hook.ts'
