/** A model as a tool of MCP, and, if it can be trained, a second tool for that. Called by list-tools.ts and call-tool.ts. */
import type { JobKind, Manifest } from '@millrace/contracts'
import type { Schema } from '@millrace/schema'
import { shownManifest } from '../../../models/shown-manifest.ts'
import { inputSchemaOf, outputSchemaOf } from './tool-schemas.ts'

export interface Tool {
  name: string
  title: string
  description: string
  inputSchema: Schema & { type: 'object' }
  outputSchema: Schema & { type: 'object' }
  annotations: Record<string, boolean>
}

/** What a tool asks for. No name of a model has an underscore, so no tool has the name of another. */
export interface Wish {
  model: string
  kind: JobKind
}

const TRAIN = 'train_'

export const wishOf = (tool: string): Wish =>
  tool.startsWith(TRAIN) ? { model: tool.slice(TRAIN.length), kind: 'training' } : { model: tool, kind: 'prediction' }

/** Held weakly: a manifest is the same object until it changes. */
const known = new WeakMap<Manifest, readonly Tool[]>()

/** The same objects for the same manifest. */
export function toolsOf(manifest: Manifest): readonly Tool[] {
  const made = known.get(manifest)
  if (made) return made
  const shown = shownManifest(manifest)
  const { name, training, examples } = shown
  const nullable = shown.nullable_output ?? false
  const tools = [
    tool(
      name,
      descriptionOf(shown, ''),
      inputSchemaOf(shown.input_schema, examples),
      outputSchemaOf(shown.output_schema, nullable),
    ),
    ...(training
      ? [
          tool(
            `${TRAIN}${name}`,
            descriptionOf(shown, `Trains ${name}. `),
            inputSchemaOf(training.input_schema),
            outputSchemaOf(training.output_schema, nullable),
          ),
        ]
      : []),
  ]
  known.set(manifest, tools)
  return tools
}

function tool(name: string, description: string, inputSchema: Schema, outputSchema: Schema): Tool {
  return {
    ...{ name, title: name, description },
    inputSchema: { ...inputSchema, type: 'object' },
    outputSchema: { ...outputSchema, type: 'object' },
    // A run changes nothing that was there before. It may fetch what an address in its input leads to.
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  }
}

function descriptionOf({ name, description }: Manifest, before: string): string {
  const own = description === '' ? `Runs the model ${name}.` : description
  return `${before}${own}\nA call that takes long is answered with a job_id: call wait_for_job with it.`
}
