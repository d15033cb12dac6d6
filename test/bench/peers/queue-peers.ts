/** Libraries for background work, each with FastAPI before it as a team glues them. */
import { get, post } from '../stacks/bench-stack.ts'
import type { Peer, PeerPlace, PeerProcess } from './peer.ts'

const FASTAPI = ['fastapi', 'uvicorn[standard]']

const api = ({ port }: PeerPlace, app = 'app:app'): PeerProcess => ({
  part: 'api',
  program: 'uvicorn',
  args: [app, '--port', String(port), '--no-access-log'],
  ready: /(startup complete)/,
})

const ROUTES: Pick<Peer, 'submit' | 'submitStatus' | 'read' | 'doneText'> = {
  submit: (text, ms) => post('/jobs', { input: { text, ms } }),
  submitStatus: 202,
  read: get('/jobs/{id}'),
  doneText: '"status":"succeeded"',
}

/** The stack of row 5 too. */
export const CELERY: Peer = {
  ...ROUTES,
  key: 'celery',
  name: 'FastAPI + Celery, acknowledged late',
  // Celery's Redis transport needs packaging without asking for it.
  packages: [...FASTAPI, 'celery[redis]', 'packaging'],
  main: 'celery',
  usesRedis: true,
  env: { BENCH_TASKS: 'celery_tasks' },
  processes: (place) => [
    api(place),
    {
      part: 'worker',
      program: 'celery',
      args: ['-A', 'celery_tasks', 'worker', '--concurrency', String(place.slots), '--loglevel', 'INFO'],
      ready: /( ready\.)/,
    },
  ],
}

const rq = (key: string, name: string, workerClass: string): Peer => ({
  ...ROUTES,
  key,
  name,
  packages: [...FASTAPI, 'rq'],
  main: 'rq',
  usesRedis: true,
  env: { BENCH_TASKS: 'rq_tasks' },
  processes: (place) => [
    api(place),
    {
      part: 'worker',
      program: 'rq',
      args: ['worker-pool', 'bench', '-u', place.redisUrl, '-n', String(place.slots), '-w', workerClass],
      ready: /(\*\*\* Listening on bench)/,
    },
  ],
})

export const QUEUE_PEERS: readonly Peer[] = [
  CELERY,
  rq('rq', 'FastAPI + RQ', 'rq.worker.Worker'),
  rq('rq-simple', 'FastAPI + RQ, SimpleWorker', 'rq.worker.SimpleWorker'),
  {
    ...ROUTES,
    key: 'arq',
    name: 'FastAPI + arq',
    packages: [...FASTAPI, 'arq'],
    main: 'arq',
    usesRedis: true,
    env: { BENCH_TASKS: 'arq_tasks' },
    processes: (place) => [
      api(place),
      { part: 'worker', program: 'arq', args: ['arq_tasks.WorkerSettings'], ready: /(Starting worker for)/ },
    ],
  },
  {
    ...ROUTES,
    key: 'dramatiq',
    name: 'FastAPI + Dramatiq',
    packages: [...FASTAPI, 'dramatiq[redis]'],
    main: 'dramatiq',
    usesRedis: true,
    env: { BENCH_TASKS: 'dramatiq_tasks' },
    processes: (place) => [
      api(place),
      {
        part: 'worker',
        program: 'dramatiq',
        args: ['dramatiq_tasks', '--processes', String(place.slots), '--threads', '1'],
        ready: /(ready for action)/,
      },
    ],
  },
  {
    ...ROUTES,
    key: 'background',
    name: 'FastAPI + BackgroundTasks',
    packages: FASTAPI,
    main: 'fastapi',
    usesRedis: false,
    processes: (place) => [api(place, 'background_app:app')],
  },
]
