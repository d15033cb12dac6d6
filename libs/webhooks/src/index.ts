/**
 * Everything about sending webhooks, and the guard that keeps outgoing requests out of the own network. Knows nothing of
 * Redis, of the record's keeper or of the API: it is handed values and gives back results.
 *
 * One webhook, from the event to its end, and who does what:
 * 1. the script that writes the event keeps `WebhookFacts` with it (contracts): what the record will not say later;
 * 2. the dispatcher makes the body with `renderWebhookBody`, the same bytes on each try, and its id with `webhookIdOf`;
 * 3. `createDeliverer(...).deliver(...)` signs it and makes one try; the result is one of
 *    - `delivered`: done;
 *    - `failed`: a try; `nextTryDelayMs` says when the next one is due, null means given up;
 *    - `gone`: disable the endpoint, end the delivery;
 *    - `deferred`: no try, nothing was sent; come back in `retryInMs` and do not count it;
 * 4. a dispatcher that died in between sends the same id again, and receivers drop what they have seen.
 *
 * Also here: `createAddressGuard` (the API asks its `check` when an address is handed in; one guard per process, from the
 * settings), `createGuardedFetcher` for addresses in inputs, and `createWebhookSecret`.
 */
export {
  type AddressGuard,
  type AddressGuardOptions,
  type AddressPurpose,
  createAddressGuard,
} from './guard/address-guard.ts'
export { AddressNotAllowedError } from './guard/address-not-allowed-error.ts'
export {
  createDeliverer,
  type Deliverer,
  type DelivererOptions,
  type Delivery,
  DELIVERY_LIMITS,
  type DeliveryLimits,
  type DeliveryResult,
} from './delivery/create-deliverer.ts'
export { FileSigner } from './addresses/file-signer.ts'
export {
  createGuardedFetcher,
  FETCH_LIMITS,
  type FetchedBody,
  type FetchLimits,
  type GuardedFetcher,
} from './requests/create-guarded-fetcher.ts'
export { type FetchErrorCode, GuardedFetchError } from './requests/guarded-fetch-error.ts'
export { type NextTry, nextTryDelayMs, WEBHOOK_TRIES } from './delivery/next-try-delay-ms.ts'
export {
  fitsWebhook,
  renderDeliveryBody,
  renderWebhookBody,
  type WebhookRecord,
} from './delivery/render-webhook-body.ts'
export { createWebhookSecret, signWebhook, type WebhookHeaders, type WebhookToSign } from './delivery/sign-webhook.ts'
