/**
 * Writes the events that an author would see on the screen as lines of the log. `millrace dev` uses it when the log is JSON.
 */
import type { Logger } from '@millrace/process'
import type { AuthorEvents } from '@millrace/worker'

/** The worker itself logs how a job ended and which models are ready or passed over, so those events are left out here. */
export function logAuthorEvents(logger: Logger): AuthorEvents {
  return {
    onLoading: ({ label }) => logger.debug({ model: label }, 'a model is being loaded'),
    onServed: () => undefined,
    onLoadFailed: ({ label }, { message }) =>
      logger.error({ model: label, detail: message }, 'a model does not load; its jobs wait until it does'),
    onGivenUp: ({ label }, error) => logger.error({ model: label, err: error }, 'a model is not served'),
    onGone: ({ label }) => logger.info({ model: label }, 'a model is withdrawn: its file is gone'),
    onWaiting: (inHand, graceMs) =>
      logger.info({ inHand, seconds: Math.round(graceMs / 1000) }, 'waiting for runs to end before the worker stops'),
    onPassedOver: () => undefined,
    onFolderFault: (message) => logger.warn({ detail: message }, 'the models folder cannot be used'),
    onAttempt: () => undefined,
  }
}
