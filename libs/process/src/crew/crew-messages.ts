/** What the processes of a crew say to each other over the channel between parent and member. Both ends import it. */
import type { Health } from './health.ts'
import type { PlaceAnswer, PlaceBounds } from './places.ts'
import type { MetricSnapshot } from '../metrics.ts'

/** What is asked, and what the answer is. The first three are asked by members, the last two by the parent. */
export interface Questions {
  take: { ask: { holder: string } & PlaceBounds; answer: PlaceAnswer }
  metricsOfAll: { ask: object; answer: string }
  healthOfAll: { ask: object; answer: Health }
  metrics: { ask: object; answer: MetricSnapshot }
  health: { ask: object; answer: Health }
}
export type Question = keyof Questions
export type Ask = { [What in Question]: { what: What } & Questions[What]['ask'] }[Question]

/** What is told, without an answer. `counts` is the last word of a member that ends in order. */
export type Word =
  | { tell: 'listening'; url: string; port: number }
  | { tell: 'left'; holder: string }
  | { tell: 'counts'; metrics: MetricSnapshot }
  | { tell: 'hopeless' }
  | { tell: 'stop' }

export type Message = { id: number; ask: Ask } | { id: number; answer: unknown } | { id: number; fault: string } | Word
