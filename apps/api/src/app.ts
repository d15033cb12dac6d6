/** The API as a function from request to answer. Pure: opens nothing, listens nowhere; tests call `app.request()`. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { ProblemError } from '@millrace/contracts'
import type { ApiDeps, ApiEnv } from './api-deps.ts'
import { createApiMetrics } from './api-metrics.ts'
import { EventStreams } from './event-streams.ts'
import { FileSigner } from './file-signer.ts'
import { createAnswerError } from './middleware/answer-error.ts'
import { createAuthenticate } from './middleware/authenticate.ts'
import { observe } from './middleware/observe.ts'
import { addChangeJob } from './routes/change-job.ts'
import { addDocuments } from './routes/documents.ts'
import { addFiles } from './routes/files.ts'
import { addJobEvents } from './routes/job-events.ts'
import { addJobOutput } from './routes/job-output.ts'
import { addModels } from './routes/models.ts'
import { addReadJob } from './routes/read-job.ts'
import { Router } from './routes/route.ts'
import { addService } from './routes/service.ts'
import { addSubmit } from './routes/submit.ts'
import { addUploads } from './routes/uploads.ts'
import { addWebhookDeliveries } from './routes/webhook-deliveries.ts'
import { addWebhookEndpoints } from './routes/webhook-endpoints.ts'

/** Builds the whole API over its parts. */
export function createApp(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  const apiMetrics = createApiMetrics(deps.metrics, deps.models)
  const authenticate = createAuthenticate(deps.config)
  const streams = new EventStreams(deps)
  const parts = {
    ...deps,
    streams,
    signer: new FileSigner(deps.fileSecret, { signsEvents: deps.config.apiKey !== undefined }),
    apiMetrics,
    authenticate,
  }

  const answerError = createAnswerError(deps.logger)
  app.onError(answerError)
  // Answered, not thrown: a throw from here would pass by the log and the measurement.
  app.notFound((c) => answerError(new ProblemError('not_found'), c))
  app.use(observe(deps.logger, apiMetrics))

  const router = new Router(app, authenticate, deps.config.apiKey !== undefined)
  addSubmit(router, parts)
  addReadJob(router, parts)
  addJobOutput(router, parts)
  addJobEvents(router, parts)
  addChangeJob(router, parts)
  addFiles(router, parts)
  addUploads(router, parts)
  addModels(router, parts)
  addWebhookEndpoints(router, parts)
  addWebhookDeliveries(router, parts)
  addService(router, parts)
  if (deps.config.docs) addDocuments(router)
  router.close()
  return app
}
