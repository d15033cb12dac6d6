/**
 * The reason why a model could not be loaded: its own words, or how its process ended. RunnerProcess hands it to
 * `onLoadFailed`.
 */
export interface LoadFailure {
  message: string
  /** The trace, as the model's language prints it. */
  traceback?: string
}
