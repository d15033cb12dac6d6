/** The shapes of answers that the Swagger document of DEEPaaS names. Used by to-swagger.ts. */
const text = (description?: string) => ({ type: 'string', ...(description !== undefined && { description }) })
const listOf = (name: string) => ({ type: 'array', items: { $ref: `#/definitions/${name}` } })

export const DEFINITIONS = {
  Failure: { type: 'object', properties: { message: text('Failure message') }, required: ['message'] },
  Location: {
    type: 'object',
    properties: { rel: text(), href: { type: 'string', format: 'url' }, type: text() },
    required: ['href', 'rel', 'type'],
  },
  Version: {
    type: 'object',
    properties: { version: text(), id: text(), links: { $ref: '#/definitions/Location' }, type: text() },
    required: ['id', 'version'],
  },
  Versions: { type: 'object', properties: { versions: listOf('Version') } },
  ModelMeta: {
    type: 'object',
    properties: {
      id: text('Model identifier'),
      name: text('Model name'),
      description: text('Model description'),
      license: text('Model license'),
      author: text('Model author'),
      version: text('Model version'),
      url: text('Model url'),
      links: listOf('Location'),
    },
    required: ['description', 'id', 'name'],
  },
  Training: {
    type: 'object',
    properties: {
      uuid: text('Training identifier'),
      date: { ...text('Training start time'), format: 'date-time' },
      status: { ...text('Training status'), enum: ['running', 'error', 'done', 'cancelled'] },
      message: text('Optional message explaining status'),
    },
    required: ['date', 'status', 'uuid'],
  },
  TrainingList: { type: 'object', properties: { trainings: listOf('Training') } },
  Prediction: {
    type: 'object',
    properties: { status: text('Response status message'), predictions: { description: 'What the model gives' } },
    required: ['predictions', 'status'],
  },
}
