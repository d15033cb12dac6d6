/** Limits that both sides of a boundary must agree on. In bytes, unless the name or comment says otherwise. */
export const LIMITS = {
  /** Inputs and outputs above this size live in the object store; Redis keeps only their key, size and hash. */
  inlineBytes: 32 * 1024,
  /** One line (frame) of the runner protocol. Larger values are passed as the path of a file. */
  frameBytes: 1024 * 1024,
  /** A JSON request body. */
  bodyBytes: 1024 * 1024,
  /** Levels of nesting in a JSON request body. */
  jsonDepth: 32,
  /** Values in a JSON request body; each object, array and scalar counts as one. */
  jsonNodes: 10_000,
  /** Faults listed in one problem body. The others are only counted. */
  faultsShown: 20,
  /** Characters of an error message kept with a job. */
  messageChars: 1024,
  /** Characters of one log line kept with a job. */
  logLineChars: 8 * 1024,
  /** Events kept per job. Older ones are removed. */
  eventsPerJob: 1000,
  /**
   * Bytes that the events of one job may take in Redis; older ones are removed. This bounds how far a watcher may fall
   * behind.
   */
  eventBytesPerJob: 4 * 1024 * 1024,
  /**
   * Starts of a job that may end in a crash of the runner or the loss of the worker. The last of them makes the job
   * fail.
   */
  crashes: 3,
  /** Tries of an address in an input that does not answer. After the last one the job fails. */
  sourceFaults: 6,
  /** Jobs that one request reads, where no index answers what it asks. */
  searchedJobs: 5000,
  /** Seconds that a request may wait for a job to finish. */
  waitSeconds: 60,
  /** Days, today among them, for which it is known what was used. */
  usageDays: 90,
  /** Files in one input. The record names each of them. */
  inputFiles: 1000,
  /** Files in one output. */
  outputFiles: 1000,
  /** Largest file that can be uploaded: the largest object that S3 can keep. */
  uploadBytes: 5 * 1024 ** 4,
  /** Characters of an address in an input. */
  urlChars: 4096,
  /** Seconds that a finished job may be kept, as asked by a request or a model. */
  keepSeconds: 3650 * 86_400,
  /** JSON that a model may add to an error (`details`) or to a result (`metrics`). Larger notes are left out. */
  modelNoteBytes: 4 * 1024,
  /** Seconds that one attempt may take: a day for a prediction, a week for a training. */
  timeoutSeconds: { prediction: 86_400, training: 7 * 86_400 },
  /** Files of one checkpoint. The record names each of them. */
  checkpointFiles: 64,
  /** The state of one checkpoint as JSON. Larger data belongs into a file. */
  checkpointStateBytes: 64 * 1024 * 1024,
  /** Runs that one runner process may hold at once, and that one call may answer. */
  runnerConcurrency: 1000,
  /** The longest that a call may wait for more runs to answer together. Milliseconds. */
  batchWaitMs: 60_000,
} as const
