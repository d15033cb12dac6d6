/**
 * The screens that come later: loaded together when the first of them is opened. One file, so that the first load stays four requests.
 * Named by screens.ts.
 */
export { AboutScreen } from './about/about-screen.tsx'
export { PlaygroundScreen } from './playground/playground-screen.tsx'
export { QueuesScreen } from './queues/queues-screen.tsx'
export { VersionsScreen } from './versions/versions-screen.tsx'
export { DeliveryScreen } from './webhooks/delivery-screen.tsx'
export { WebhooksScreen } from './webhooks/webhooks-screen.tsx'
export { WorkersScreen } from './workers/workers-screen.tsx'
