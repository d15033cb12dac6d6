/**
 * The front door of the runner: where its programs are, and the rules that both ends of the pipe keep besides the
 * messages. Called by libs/host. Code that runs in the child is not exported here.
 */
export { nodeProgram, PYTHON_PROGRAMS } from './programs.ts'
export { FrameReader } from './protocol/frame-reader.ts'
export { isTooDeep } from './protocol/is-too-deep.ts'
export { CHUNKS_FILE, JSON_OUTPUT_BYTES, SPILL_BYTES } from './protocol/json-output.ts'
export { noteLeftOut, smallNote } from './protocol/small-note.ts'
