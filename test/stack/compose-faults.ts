/**
 * What the published Compose Specification has against a compose file: its own schema, compiled and asked. The schema lies
 * beside this file as `compose-spec.json`, from github.com/compose-spec/compose-go v2.16.2 (schema/compose-spec.json; only
 * its white space was changed). Apache-2.0; The Compose Specification, Copyright 2020 The Compose Specification Authors.
 */
import { readFileSync } from 'node:fs'
import { type AnySchemaObject, Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

const SCHEMA = new URL('./compose-spec.json', import.meta.url)

let compiled: ValidateFunction | undefined

/** Place and fault of each, none when the document fits. `document`: parsed and with its variables filled in. */
export function composeFaults(document: unknown): string[] {
  compiled ??= compile()
  compiled(document)
  return (compiled.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
}

function compile(): ValidateFunction {
  const schema = JSON.parse(readFileSync(SCHEMA, 'utf8')) as AnySchemaObject
  // Not in Ajv's strict mode: that judges how a schema is written, and this one is not ours.
  return new Ajv2020({ strict: false, allErrors: true }).compile(schema)
}
