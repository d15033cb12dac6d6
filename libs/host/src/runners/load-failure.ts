/** Why a model could not be loaded: its own words, or how its process ended. Told by RunnerProcess to who wants to know. */
export interface LoadFailure {
  message: string
  /** As the model's language prints it. */
  traceback?: string
}
