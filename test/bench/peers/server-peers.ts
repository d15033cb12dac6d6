/** Servers of models: with a queue of their own, or answering only the one who waits. */
import { get, post } from '../stacks/bench-stack.ts'
import type { Peer } from './peer.ts'

export const SERVER_PEERS: readonly Peer[] = [
  {
    key: 'litserve',
    name: 'LitServe, who waits only',
    packages: ['litserve'],
    main: 'litserve',
    usesRedis: false,
    processes: ({ port }) => [
      { part: 'api', program: 'python', args: ['litserve_server.py', String(port)], ready: /(startup complete)/ },
    ],
    submit: (text, ms) => post('/predict', { input: { text, ms } }),
    submitStatus: 200,
    doneText: '"status":"succeeded"',
  },
  {
    key: 'bentoml',
    name: 'BentoML `@task`',
    packages: ['bentoml'],
    main: 'bentoml',
    usesRedis: false,
    env: { BENTOML_DO_NOT_TRACK: 'true' },
    processes: ({ port }) => [
      {
        part: 'api',
        program: 'bentoml',
        args: ['serve', 'bentoml_service:Noop', '--port', String(port)],
        ready: /(Starting production HTTP BentoServer|Service .* initialized)/,
      },
    ],
    submit: (text, ms) => post('/answer/submit', { text, ms }),
    submitStatus: 200,
    read: get('/answer/status?task_id={id}'),
    doneText: '"status":"completed"',
  },
  {
    key: 'gradio',
    name: 'Gradio queue',
    packages: ['gradio'],
    main: 'gradio',
    usesRedis: false,
    env: { GRADIO_ANALYTICS_ENABLED: 'False' },
    processes: ({ port }) => [
      { part: 'api', program: 'python', args: ['gradio_server.py', String(port)], ready: /(Running on local URL)/ },
    ],
    submit: (text, ms) => post('/gradio_api/call/answer', { data: [text, ms] }),
    submitStatus: 200,
    read: get('/gradio_api/call/answer/{id}'),
    doneText: 'event: complete',
  },
]
