/** The API as a function from request to answer. Pure: opens nothing, listens nowhere; tests call `app.request()`. */
import { getPath } from 'hono/utils/url'
import { OpenAPIHono } from '@hono/zod-openapi'
import { ProblemError } from '@millrace/contracts'
import { SubmitHook } from '@millrace/hooks'
import { createReviewSubmit } from './hooks/review-submit.ts'
import type { ApiDeps, ApiEnv } from './http/api-deps.ts'
import { createApiMetrics } from './http/api-metrics.ts'
import { dialectRoutes } from './dialects/dialect-routes.ts'
import { refusalOf, routedPath } from './dialects/dialects.ts'
import { BodyRoom } from './http/body/body-room.ts'
import { EventStreams } from './events/event-streams.ts'
import { FileSigner } from '@millrace/webhooks'
import { createAnswerError } from './http/middleware/answer-error.ts'
import { createAccess } from './http/access/authenticate.ts'
import { SessionCookies } from './http/access/session-cookies.ts'
import { observe } from './http/middleware/observe.ts'
import { cancellationRoutes } from './jobs/cancellation-routes.ts'
import { changeJobRoutes } from './jobs/change-job-routes.ts'
import { auditRoutes } from './audit/audit-routes.ts'
import { batchRoutes } from './batches/batch-routes.ts'
import { jobActionRoutes } from './actions/job-action-routes.ts'
import { keyRoutes } from './keys/key-routes.ts'
import { withLimits } from './http/limits/limit-parts.ts'
import { tenantRoutes } from './tenants/tenant-routes.ts'
import { documentRoutes, frontDoor } from './service/document-routes.ts'
import { fileRoutes } from './files/file-routes.ts'
import { erasureRoutes } from './erasures/erasure-routes.ts'
import { eventRoutes } from './events/event-routes.ts'
import { jobOutputRoutes } from './jobs/job-output-routes.ts'
import { pauseRoutes } from './models/pause-routes.ts'
import { queueRoutes } from './queues/queue-routes.ts'
import { addScaleMetrics } from './queues/scale-metrics.ts'
import { scaleRoutes } from './queues/scale-routes.ts'
import { statsRoutes } from './queues/stats-routes.ts'
import { workerRoutes } from './workers/worker-routes.ts'
import { pageRoutes } from './page/page-routes.ts'
import { modelRoutes } from './models/model-routes.ts'
import { relocationRoutes } from './models/relocation-routes.ts'
import { steerRoutes } from './models/steer-routes.ts'
import { versionRoutes } from './models/version-routes.ts'
import { readJobRoutes } from './jobs/read-job-routes.ts'
import { searchRoutes } from './jobs/search-routes.ts'
import { clientAddress } from './http/client-address.ts'
import { HangUps } from './http/hang-ups.ts'
import { limitDeps } from './http/limit-deps.ts'
import { Auditor } from './http/audit/auditor.ts'
import { RouteFinder } from './http/route-finder.ts'
import { Router } from './http/router.ts'
import { serviceRoutes } from './service/service-routes.ts'
import { rerunRoutes } from './rerun/rerun-routes.ts'
import { sessionRoutes } from './session/session-routes.ts'
import { submitRoutes } from './submit/submit-routes.ts'
import { uploadRoutes } from './files/upload-routes.ts'
import { usageRoutes } from './usage/usage-routes.ts'
import { deliveryRoutes } from './webhooks/delivery-routes.ts'
import { endpointRoutes } from './webhooks/endpoint-routes.ts'
import { secretRoutes } from './webhooks/secret-routes.ts'

/** What is done to many jobs at once. */
const MANY_JOBS_ROUTES = [cancellationRoutes, jobActionRoutes, batchRoutes]

const WEBHOOK_ROUTES = [endpointRoutes, secretRoutes, deliveryRoutes]

/** What operators do and ask. */
const OPERATOR_ROUTES = [
  ...[workerRoutes, steerRoutes, relocationRoutes, keyRoutes],
  ...[auditRoutes, erasureRoutes, usageRoutes, statsRoutes, queueRoutes, scaleRoutes],
]

const pathOf = (request: Request): string => routedPath(getPath(request))

/** Builds the whole API over its parts. */
export function createApp(given: ApiDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>({ router: new RouteFinder(), getPath: pathOf })
  const deps = withLimits(limitDeps(given))
  const apiMetrics = createApiMetrics(deps.metrics, deps.models)
  addScaleMetrics(deps.metrics, deps.models, deps.scaling)
  const { hooks } = given
  const cookies = new SessionCookies(deps.config, deps.fileSecret)
  const access = createAccess({ config: deps.config, ring: given.keyRing, cookies })
  // Not limited: a stream waits until Redis is back.
  const streams = new EventStreams({ ...given, isCurrent: access.isCurrent, limits: deps.limits })
  const parts = {
    ...deps,
    intake: given.jobs,
    streams,
    hangUps: new HangUps(deps.closing),
    bodies: new BodyRoom(deps.config.maxBodyBytes, deps.share),
    signer: new FileSigner(deps.fileSecret, { signsEvents: deps.config.apiKey !== undefined }),
    apiMetrics,
    authenticate: access.authenticate,
    review: hooks?.beforeSubmit && createReviewSubmit(new SubmitHook(hooks.beforeSubmit), deps.logger),
    owesEnd: hooks?.afterEnd !== undefined,
  }

  const answerError = createAnswerError(deps.logger, refusalOf)
  app.onError(answerError)
  // Answers and does not throw, for an error thrown here would miss the log and the measurement.
  app.notFound((c) => frontDoor(c, deps.config.docs) ?? answerError(new ProblemError('not_found'), c))
  app.use(observe(deps.logger, apiMetrics))

  const addressOf = clientAddress(deps.config.trustedProxies)
  const router = new Router(app, {
    access,
    auditor: new Auditor({ ...deps, addressOf }),
    needsKey: deps.config.apiKey !== undefined,
  })
  submitRoutes(router, parts)
  // Before what takes an id in their place.
  searchRoutes(router, parts)
  readJobRoutes(router, parts)
  jobOutputRoutes(router, parts)
  eventRoutes(router, parts)
  changeJobRoutes(router, parts)
  for (const add of MANY_JOBS_ROUTES) add(router, parts)
  rerunRoutes(router, parts)
  fileRoutes(router, parts)
  uploadRoutes(router, parts)
  modelRoutes(router, parts)
  versionRoutes(router, parts)
  pauseRoutes(router, parts)
  for (const add of WEBHOOK_ROUTES) add(router, parts)
  tenantRoutes(router, parts)
  sessionRoutes(router, { access, cookies, addressOf, config: deps.config })
  for (const add of OPERATOR_ROUTES) add(router, parts)
  dialectRoutes(router, parts)
  serviceRoutes(router, parts)
  if (deps.config.docs) documentRoutes(router)
  if (deps.config.ui && given.page) pageRoutes(router, { ...deps, access, page: given.page })
  router.close()
  return app
}
