/**
 * The types of a call, derived from what `defineModel` gave: the types of the schemas, with the client's types for
 * files.
 */
import type { FileView, Job } from '@millrace/contracts'
import type { FileInput } from '../files/upload.ts'

interface TypedSchema {
  readonly _zod: { readonly input: unknown; readonly output: unknown }
}

/** The part of a model that matters for types; `defineModel` gives one. */
export interface TypedModel {
  readonly name: string
  readonly input: TypedSchema
  readonly output: TypedSchema
  /** Set if the model can be trained. */
  readonly training?: { readonly input: TypedSchema; readonly output: TypedSchema }
}

/** A file in the model's own types. */
interface FileOfModel {
  readonly path: string
  readonly contentType: string
  readonly sha256: string
  bytes(): Promise<unknown>
}

// `any` would match every branch at once.
type WithFiles<Value, File> = 0 extends 1 & Value
  ? Value
  : Value extends FileOfModel
    ? File
    : Value extends readonly (infer Item)[]
      ? WithFiles<Item, File>[]
      : Value extends Date
        ? Value
        : Value extends object
          ? { [Key in keyof Value]: WithFiles<Value[Key], File> }
          : Value

/** What a caller gives. Fields with a default may be left out; a file is any FileInput. */
export type InputOf<Model extends TypedModel> = WithFiles<Model['input']['_zod']['input'], FileInput>

/** What a caller gets. A file is its description, which `download` takes. */
export type OutputOf<Model extends TypedModel> = WithFiles<Model['output']['_zod']['output'], FileView>

type TrainingOf<Model extends TypedModel> = NonNullable<Model['training']>

/** The input of a training. */
export type TrainingInputOf<Model extends TypedModel> = WithFiles<
  TrainingOf<Model>['input']['_zod']['input'],
  FileInput
>
export type TrainingOutputOf<Model extends TypedModel> = WithFiles<
  TrainingOf<Model>['output']['_zod']['output'],
  FileView
>

interface UntypedInput extends TypedSchema {
  readonly _zod: { readonly input: Record<string, unknown>; readonly output: unknown }
}

interface UntypedOutput extends TypedSchema {
  // With `any` a caller may read fields that nobody described; with `unknown` it could not.
  readonly _zod: { readonly input: unknown; readonly output: any }
}

/** A model whose types are not known. */
export interface UntypedModel extends TypedModel {
  readonly input: UntypedInput
  readonly output: UntypedOutput
  readonly training?: { readonly input: UntypedInput; readonly output: UntypedOutput }
}

/** A job that has succeeded, with its complete output of any size. */
export type SucceededJob<Output> = Omit<Job, 'output'> & { output: Output }
