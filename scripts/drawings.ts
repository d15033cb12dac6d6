/**
 * A drawing for each room whose folders have an order: what each folder is for, and which of its neighbours it may import.
 * The arrow law checks the code against it, and `npm run generate` puts it into ARCHITECTURE.md, so it is written only once.
 */

/** A folder of a room, or a file beside the folders that other folders need. */
export interface Place {
  /** The purpose of the folder. A page shows this text. */
  is: string
  imports: readonly string[]
}

/**
 * From lowest to highest. `.` stands for all files beside the folders that are not drawn by name. It may import everything,
 * which is written `*`.
 */
export type Drawing = Readonly<Record<string, Place>>

/** Every feature of the API may import these, whether it does or not. */
const FLOOR = ['http', 'views', 'input']

/** A text to read before the table of a room. */
export const LEADS: Readonly<Record<string, string>> = {
  'apps/api/src':
    'Each feature has a folder with its routes and what they need. All of them stand on `http`, `views` and `input`. One feature knows another only where that is drawn.',
  'apps/worker/src':
    '`serving` holds the models, takes their jobs and starts an `attempt` for each. `upkeep` and `webhooks` run beside that and know nothing of attempts.',
  'libs/queue/src':
    'Callers see `ports` and `open-queue.ts`. Each folder of stores is the driver of ports for Redis. A store calls `scripts`, which alone write records.',
  'libs/storage/src':
    'Callers see `port`. `s3` and `folder` are two drivers that know nothing of each other; one suite proves both.',
  'apps/web/src':
    '`screens` are what a browser shows; the folders below are what more than one of them needs. Those without arrows know nothing of a page, and their tests need none.',
  'libs/host/src':
    'A worker sees models (`models`) and the port of a runner (`runner.ts`). The CLI also runs models without a server (`local`).',
}

/** True for an arrow that may be drawn although nothing uses it. */
export const isFloor = (room: string, to: string): boolean => room === 'apps/api/src' && FLOOR.includes(to)

/** In a room without a drawing only circles are forbidden. */
export const DRAWINGS: Readonly<Record<string, Drawing>> = {
  'apps/api/src': {
    http: { is: 'how any request comes in and any answer goes out', imports: [] },
    views: { is: 'a job and its files as the API shows them, and signed addresses', imports: ['http'] },
    input: { is: 'the check of an input against the schema of its model', imports: ['http', 'views'] },
    models: { is: 'the models that are published: list, manifest, OpenAPI document', imports: FLOOR },
    webhooks: { is: 'endpoints, their secrets, and the log of deliveries', imports: FLOOR },
    keys: { is: 'the keys of the API, for administrators', imports: FLOOR },
    session: { is: 'the log-in of a browser with a key', imports: FLOOR },
    tenants: {
      is: 'what is set for tenants, for administrators, and for each what is left of its own',
      imports: FLOOR,
    },
    erasures: { is: 'erasing what a tenant has', imports: FLOOR },
    audit: { is: 'who did what, as operators read it', imports: FLOOR },
    usage: { is: 'what tenants have used, as JSON and as CSV', imports: FLOOR },
    workers: { is: 'the worker processes, and the wish to drain one', imports: FLOOR },
    actions: { is: 'doing something to all jobs that match', imports: FLOOR },
    queues: { is: 'what waits and runs of each model, and what happened to it of late', imports: [...FLOOR, 'models'] },
    service: { is: 'what operators ask: health, metrics, documents', imports: FLOOR },
    page: { is: 'the web page, for browsers', imports: FLOOR },
    jobs: { is: 'reading, waiting for, canceling and deleting a job', imports: FLOOR },
    events: { is: 'the stream of what happens to a job', imports: [...FLOOR, 'jobs'] },
    files: { is: 'uploads, and the download of files', imports: [...FLOOR, 'jobs'] },
    hooks: { is: 'what the hook of the operator says of a submit', imports: FLOOR },
    submit: {
      is: 'the way of a job into the queue; `submit-job.ts` knows nothing of HTTP',
      imports: [...FLOOR, 'models', 'webhooks', 'jobs', 'events', 'hooks'],
    },
    batches: {
      is: 'many jobs as one thing: their rows, their submit, their results',
      imports: [...FLOOR, 'models', 'webhooks', 'hooks', 'submit'],
    },
    rerun: {
      is: 'running a job again, or its input on another version',
      imports: [...FLOOR, 'jobs', 'submit'],
    },
    dialects: {
      is: 'the routes that speak as other platforms do, for clients that people already have',
      imports: [...FLOOR, 'models', 'jobs', 'events', 'submit', 'files', 'webhooks', 'batches'],
    },
    '.': { is: 'the app as a pure function, and its start on a port', imports: ['*'] },
  },
  'apps/worker/src': {
    'fault-log.ts': { is: 'how a loop reports a fault without filling a disk', imports: [] },
    places: { is: 'who may run now: slots, the gate for suspects, jobs held ahead, fetches of links', imports: [] },
    webhooks: {
      is: 'the dispatcher that sends what is owed, and the live messages of running jobs',
      imports: ['fault-log.ts'],
    },
    attempt: {
      is: 'one attempt at a job: begin, fetch inputs, run, store outputs, settle',
      imports: ['fault-log.ts', 'places', 'webhooks'],
    },
    'author-events.ts': { is: 'what a worker tells the author of its models', imports: ['attempt'] },
    upkeep: {
      is: 'what no single process can be trusted to finish: reconciler, sweeper, shelver',
      imports: ['fault-log.ts'],
    },
    serving: {
      is: 'the worker and its models: what it serves, its presence, its health, its end',
      imports: ['fault-log.ts', 'author-events.ts', 'places', 'attempt', 'upkeep'],
    },
    '.': { is: 'the start of a worker from its configuration', imports: ['*'] },
  },
  'libs/queue/src': {
    ports: { is: 'what callers see: one interface for each role', imports: [] },
    redis: { is: 'connections, keys and memory levels', imports: [] },
    record: { is: 'the record of a job as Redis keeps it: one row for each of its parts', imports: ['ports'] },
    scripts: {
      is: 'the Lua scripts and their loader, and in `contract` what each takes and answers',
      imports: ['ports', 'redis', 'record'],
    },
    health: { is: 'whether this Redis can be used and is safe', imports: ['redis', 'scripts'] },
    files: { is: 'the stores of files and blobs', imports: ['ports', 'redis', 'scripts'] },
    workers: { is: 'the registry of worker processes', imports: ['ports', 'redis', 'scripts'] },
    models: { is: 'the registry of models', imports: ['ports', 'redis', 'scripts', 'workers'] },
    access: { is: 'the store of keys of the API', imports: ['ports', 'redis', 'scripts'] },
    tenants: {
      is: 'what was set for tenants, and how it comes into the shards of models',
      imports: ['ports', 'redis', 'scripts', 'usage'],
    },
    audit: { is: 'the stream of who did what', imports: ['ports', 'redis', 'scripts'] },
    usage: { is: 'what tenants have used', imports: ['ports', 'redis', 'scripts'] },
    minutes: { is: 'what happened to the jobs of a model, minute by minute', imports: ['ports', 'redis', 'scripts'] },
    cancellations: {
      is: 'canceling all jobs that match, as one thing with an id',
      imports: ['ports', 'redis', 'scripts', 'models'],
    },
    erasures: { is: 'erasing what a tenant has, as one thing with an id', imports: ['ports', 'redis', 'scripts'] },
    batches: { is: 'the notes of batches, and what is counted of their jobs', imports: ['ports', 'redis', 'scripts'] },
    repeats: { is: 'creates without keys, to know those that are sent again', imports: ['ports', 'redis', 'scripts'] },
    relocations: {
      is: 'moving jobs that wait to another version, as one thing with an id',
      imports: ['ports', 'redis', 'scripts', 'models'],
    },
    webhooks: {
      is: 'settings of webhooks, the outbox, and the log of deliveries',
      imports: ['ports', 'redis', 'record', 'scripts'],
    },
    log: {
      is: 'the log of a job: read in Redis, packed into an object',
      imports: ['ports', 'record', 'scripts'],
    },
    shelf: {
      is: 'the store of jobs that have ended and whose large values go to the object store',
      imports: ['ports', 'redis', 'scripts', 'log'],
    },
    waiting: {
      is: 'where a job waits and when it will start',
      imports: ['ports', 'redis', 'scripts', 'workers', 'models'],
    },
    scaling: {
      is: 'how many workers a model needs',
      imports: ['ports', 'redis', 'scripts', 'models', 'waiting'],
    },
    search: {
      is: 'the jobs that a filter means: lists, counts, and failures by kind',
      imports: ['ports', 'redis', 'record', 'scripts'],
    },
    actions: {
      is: 'doing something to all jobs that match, as one thing with an id',
      imports: ['ports', 'redis', 'record', 'scripts', 'search'],
    },
    jobs: {
      is: 'the stores of jobs, attempts and upkeep',
      imports: ['ports', 'redis', 'record', 'scripts', 'log', 'models', 'waiting', 'search'],
    },
    handout: {
      is: 'where a worker gets its jobs: takes, ends and beats in shared calls, and the bell that wakes',
      imports: ['ports', 'redis', 'scripts', 'jobs'],
    },
    changes: { is: 'one subscription for each process to what happens to jobs', imports: ['ports', 'redis', 'log'] },
    backup: {
      is: 'all that Redis keeps: copied as of one moment, put back, measured',
      imports: ['ports', 'redis', 'scripts'],
    },
    '.': { is: '`open-queue.ts`, which makes all of it', imports: ['*'] },
  },
  'libs/storage/src': {
    port: { is: 'what callers see: the store by role, what it tells of an object, its faults', imports: [] },
    rules: { is: 'what every driver keeps alike: keys, ranges, hashes, media types', imports: ['port'] },
    folder: { is: 'the driver for a folder on one disk', imports: ['port', 'rules'] },
    s3: { is: 'the driver for S3 and what speaks S3', imports: ['port', 'rules'] },
    blobs: { is: 'bytes from outside on their way in, and the purge of a job', imports: ['port'] },
    'open-configured-store.ts': { is: 'from settings to a store', imports: ['port', '.'] },
    watch: {
      is: 'whether the store can be used, and whether it belongs to this Redis',
      imports: ['port', 'open-configured-store.ts'],
    },
    '.': { is: '`open-object-store.ts`, which chooses the driver', imports: ['*'] },
  },
  'libs/host/src': {
    'runner.ts': {
      is: 'the port between jobs and models: what is asked of a runner, and how a run can end',
      imports: [],
    },
    'worker-model.ts': { is: 'a model as a worker meets it', imports: ['runner.ts'] },
    checks: { is: 'checks of inputs and outputs against the schemas of a model', imports: ['runner.ts'] },
    checkpoints: { is: 'what a run wants to be kept, and the answers', imports: ['runner.ts'] },
    printed: { is: 'what a model prints, as lines of its job', imports: [] },
    settings: { is: 'millrace.yaml, and the environment of the process of a model', imports: [] },
    python: { is: 'which Python runs a model, and whether its packages are there', imports: ['settings'] },
    runners: {
      is: 'the process of a model: its start, its runs, its end',
      imports: ['runner.ts', 'checks', 'checkpoints', 'printed', 'settings', 'python'],
    },
    models: {
      is: 'models on disk: found, configured, found again when they change',
      imports: ['worker-model.ts', 'settings', 'python', 'runners'],
    },
    local: {
      is: 'a model run without a server, for the CLI',
      imports: ['runner.ts', 'checks', 'python', 'runners', 'models'],
    },
    '.': { is: 'the front door', imports: ['*'] },
  },
  'apps/web/src': {
    json: { is: 'JSON whose numbers keep their digits, and files in it', imports: [] },
    router: { is: 'where one is, as the address says behind its `#`', imports: [] },
    style: { is: 'colours, sizes, and the theme', imports: [] },
    search: { is: 'the search line of jobs, as words and as a filter', imports: [] },
    logs: { is: 'the lines of a log, within bounds', imports: [] },
    timeline: { is: 'the attempts of a job as bars on one axis', imports: [] },
    words: { is: 'all texts, in one typed table', imports: ['search', 'logs', 'timeline'] },
    data: { is: 'what is asked of the API, and the stream of a job', imports: ['json'] },
    parts: { is: 'buttons, tables, dialogs and figures', imports: ['words', 'data'] },
    waiting: { is: 'why a job waits, in one sentence', imports: ['words', 'parts'] },
    deliveries: { is: 'how a delivery stands', imports: ['words', 'parts'] },
    'search-box': { is: 'the search line as one types it', imports: ['search', 'words', 'parts'] },
    form: { is: 'a form made from a JSON Schema', imports: ['json', 'words', 'data', 'parts'] },
    results: { is: 'an output as what it is', imports: ['json', 'words', 'parts'] },
    code: { is: 'the same call in other languages', imports: ['json', 'form'] },
    bulk: { is: 'doing something to many jobs', imports: ['words', 'data', 'parts'] },
    login: { is: 'the log-in', imports: ['words', 'data', 'parts'] },
    screens: {
      is: 'a folder for each screen',
      imports: [
        ...['json', 'router', 'search', 'logs', 'timeline', 'words', 'data', 'parts', 'waiting', 'deliveries'],
        ...['search-box', 'form', 'results', 'code', 'bulk'],
      ],
    },
    '.': { is: 'the frame around all screens, and the script of the page', imports: ['*'] },
  },
}
