/** All calls that are jobs of models with a task. Used by the routes and for rows of batches. */
import { embeddingTask } from './embedding-task.ts'
import { imageEditTask, imageTask } from './image-task.ts'
import type { OpenaiTask } from './openai-task.ts'
import { transcriptionTask } from './transcription-task.ts'

export const OPENAI_TASKS: readonly OpenaiTask[] = [embeddingTask, imageTask, imageEditTask, transcriptionTask]
