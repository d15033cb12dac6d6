/** What the author of hooks imports, as `millrace/hooks`. See docs/hooks.md. */
export {
  defineHooks,
  type EndedJob,
  type Ending,
  type Hooks,
  type Submission,
  type SubmitAnswer,
} from '@millrace/hooks'
