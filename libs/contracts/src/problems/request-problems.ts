/** Refusals of how a request is made, and of what it asks for. Part of the table in problem.ts. */
import type { ProblemEntry } from './problem-entry.ts'

export const REQUEST_PROBLEMS = {
  malformed_http: {
    status: 400,
    title: 'The request is not proper HTTP',
    fix: 'Send well-formed requests, one after the other. Each needs one Host, and either one Content-Length or chunked encoding.',
  },
  malformed_json: { status: 400, title: 'The body is not valid JSON', fix: 'Send well-formed JSON.' },
  invalid_utf8: { status: 400, title: 'The body is not valid UTF-8', fix: 'Encode the body as UTF-8.' },
  json_too_deep: {
    status: 400,
    title: 'The body is nested too deeply',
    fix: 'Nest at most 32 levels; put large data into a file.',
  },
  json_too_large: {
    status: 400,
    title: 'The body holds too many values',
    fix: 'Send at most 10,000 values; put large data into a file.',
  },
  malformed_multipart: {
    status: 400,
    title: 'The multipart body cannot be read',
    fix: 'Send one part `input` with JSON and one part per file.',
  },
  invalid_request: {
    status: 400,
    title: 'The request has the wrong shape',
    fix: 'Correct the fields named in `errors`.',
  },
  reserved_key: {
    status: 400,
    title: 'The body has a key named __proto__',
    fix: 'Use another name for the keys named in `errors`.',
  },
  not_found: { status: 404, title: 'There is no such thing here', fix: 'Check the address.' },
  method_not_allowed: { status: 405, title: 'This address does not take this method', fix: 'See the Allow header.' },
  request_timeout: {
    status: 408,
    title: 'The request did not arrive in time',
    fix: 'Send headers within 10 s, JSON within 30 s, and a file without pauses of 30 s; then send the request again.',
  },
  input_too_large: {
    status: 413,
    title: 'The input is larger than yours may be',
    fix: 'Send less. GET /v1/tenant shows your limits.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    fix: 'Send large data as a file part of a multipart body.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The media type of the body is not supported here',
    fix: 'Send application/json, multipart/form-data or application/x-www-form-urlencoded.',
  },
  expectation_failed: {
    status: 417,
    title: 'The Expect header asks for something that is not supported',
    fix: 'Leave `Expect` out, or send `Expect: 100-continue`.',
  },
  checksum_mismatch: {
    status: 422,
    title: 'The bytes differ from what was announced',
    fix: 'Check `size` and `sha256`, then upload again.',
  },
  file_refused: {
    status: 422,
    title: 'The file cannot be accepted',
    fix: 'Send a file whose bytes match its media type and that is within the limits of the server.',
  },
  kind_not_supported: {
    status: 422,
    title: 'The model has no jobs of this kind',
    fix: 'Leave `kind` out, or name a model that can be trained: GET /v1/models/{model} shows `training`.',
  },
  invalid_input: {
    status: 422,
    title: "The input does not fit the model's schema",
    fix: 'Correct the fields named in `errors`.',
  },
  input_too_costly: {
    status: 422,
    title: "Checking the input by the model's schema costs too much",
    fix: 'Send a smaller or simpler input. For the author of the model, `detail` says what to change in its schema.',
  },
  webhook_not_allowed: {
    status: 422,
    title: 'No webhook may be sent to this address',
    fix: 'Name an https address of the public internet, port 443; or ask the operator to allow its host, see MILLRACE_WEBHOOK_ALLOW_HOSTS.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'The idempotency key was used with another body',
    fix: 'Use a new key for a new request.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    fix: 'Send at most 16 KB of headers.',
  },
} as const satisfies Record<string, ProblemEntry>
