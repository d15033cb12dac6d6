/** The words of the models screen. Merged in words.ts. */
export const MODELS_WORDS = {
  title: 'Models',
  none: 'No models yet',
  noneHint: 'Start a worker that has some, or write one: millrace new',
  queued: 'queued',
  running: 'running',
  workers: 'workers',
}
