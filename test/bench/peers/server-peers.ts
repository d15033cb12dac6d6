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
    key: 'cog',
    name: 'Cog, who waits only, 4 clients for its 8 places, sent again while it says 409',
    packages: ['cog'],
    main: 'cog',
    usesRedis: false,
    processes: ({ port }) => [
      { part: 'api', program: 'python', args: ['cog_server.py', String(port)], ready: /(now accepting requests)/ },
    ],
    submit: (text, ms) => post('/predictions', { input: { text, ms } }),
    submitStatus: 200,
    busyStatus: 409,
    mostClients: 4,
    doneText: '"status":"succeeded"',
  },
  {
    key: 'ray',
    name: 'Ray Serve, who waits only, 8 replicas',
    packages: ['ray[serve]'],
    main: 'ray',
    usesRedis: false,
    env: { RAY_USAGE_STATS_ENABLED: '0' },
    processes: ({ port }) => [
      { part: 'api', program: 'python', args: ['ray_server.py', String(port)], ready: /^(serving)$/m },
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
    processes: ({ port, slots }) => [
      {
        part: 'api',
        program: 'bentoml',
        args: ['serve', 'bentoml_service:Noop', '--port', String(port)],
        // Each of its workers says so.
        ready: new RegExp(`((?:Service \\w+ initialized[^]*?){${slots}})`),
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
