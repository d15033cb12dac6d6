/** Sizes and counts that both sides of a boundary must agree on. Bytes unless the name says otherwise. */
export const LIMITS = {
  /** Inputs and outputs above this live in the object store; Redis holds their key, size and hash. */
  inlineBytes: 32 * 1024,
  /** One frame of the runner protocol; larger values travel as a path. */
  frameBytes: 1024 * 1024,
  /** A JSON request body. */
  bodyBytes: 1024 * 1024,
  /** Nesting of a JSON request body. */
  jsonDepth: 32,
  /** Values in a JSON request body, each object, array and scalar counted once. */
  jsonNodes: 10_000,
  /** Faults named in one problem body; the rest are counted, not listed. */
  faultsShown: 20,
  /** Text of an error message kept on a job. */
  messageChars: 1024,
  /** Text of one log line kept on a job. */
  logLineChars: 8 * 1024,
  /** Events kept per job; older ones are trimmed. */
  eventsPerJob: 1000,
  /** What they may weigh in Redis: so far a watcher may be behind. */
  eventBytesPerJob: 4 * 1024 * 1024,
  /** Starts that may end in a crash of the runner or the loss of the worker before the job fails. */
  crashes: 3,
  /** Tries of an address in an input that does not answer, before the job fails. */
  sourceFaults: 6,
  /** Seconds a request may wait for a job to finish. */
  waitSeconds: 60,
  /** Files that one input may hold: the record names each of them. */
  inputFiles: 1000,
  /** Files that one output may hold. */
  outputFiles: 1000,
  /** Largest file that can be uploaded: what the parts of one S3 object can hold. */
  uploadBytes: 5 * 1024 ** 4,
  /** Characters of an address in an input. */
  urlChars: 4096,
  /** Seconds that a finished job may be kept, by request or model. */
  keepSeconds: 3650 * 86_400,
  /** JSON that a model may add to an error (`details`) or to a result (`metrics`); larger is left out. */
  modelNoteBytes: 4 * 1024,
  /** Seconds one attempt may take: a prediction a day, a training a week. */
  timeoutSeconds: { prediction: 86_400, training: 7 * 86_400 },
  /** Runs that one runner process may take at once. */
  runnerConcurrency: 1000,
} as const
