/** The messages between the parent of a crew and its members. Imported by both ends. */
import type { Health } from './health.ts'
import type { PlaceAnswer, PlaceBounds } from './places.ts'
import type { MetricSnapshot } from '../metrics.ts'

/** Each question with its answer. Members ask the first three, the parent asks the last two. */
export interface Questions {
  take: { ask: { holder: string } & PlaceBounds; answer: PlaceAnswer }
  metricsOfAll: { ask: object; answer: string }
  healthOfAll: { ask: object; answer: Health }
  metrics: { ask: object; answer: MetricSnapshot }
  health: { ask: object; answer: Health }
}
export type Question = keyof Questions
export type Ask = { [What in Question]: { what: What } & Questions[What]['ask'] }[Question]

/** A message without an answer. `counts` is the last message of a member that ends in order. */
export type Word =
  | { tell: 'listening'; url: string; port: number }
  | { tell: 'left'; holder: string }
  | { tell: 'counts'; metrics: MetricSnapshot }
  | { tell: 'hopeless' }
  | { tell: 'stop' }

export type Message = { id: number; ask: Ask } | { id: number; answer: unknown } | { id: number; fault: string } | Word
