/** The words of the models screen. Merged in words.ts. */
const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

export const MODELS_WORDS = {
  title: 'Models',
  lead: 'Pick one to try it.',
  none: 'No models yet',
  noneHint: 'A worker tells of its models here as soon as it has found them. In the folder of your models:',
  noneCommand: 'npx millrace new my-model',
  queued: 'waiting',
  running: 'running',
  workers: (count: number) => counted(count, 'worker', 'workers'),
  oldest: 'oldest wait',
  rate: 'done / min',
  ready: 'ready',
  loading: 'loading',
  failed: 'cannot be loaded',
  noWorker: 'no worker',
  noWorkerHint: 'Jobs are taken and wait until a worker has it.',
  paused: 'paused',
  pausedHint: 'Jobs are taken and wait.',
  refusesHint: 'New jobs are refused meanwhile.',
  noDescription: 'Its author has not described it.',
  open: 'Open',
  tryIt: 'Try',
  jobs: 'Jobs',
  versions: 'Versions',
  training: 'trainable',
  streams: 'streams',
}
