/**
 * The front door of the child process's room: where its programs lie, and what both ends of the pipe keep beside the
 * messages. Called by libs/host; what runs in the child is not here.
 */
export { nodeProgram, PYTHON_PROGRAMS } from './programs.ts'
export { FrameReader } from './protocol/frame-reader.ts'
export { isTooDeep } from './protocol/is-too-deep.ts'
export { CHUNKS_FILE, JSON_OUTPUT_BYTES, SPILL_BYTES } from './protocol/json-output.ts'
export { noteLeftOut, smallNote } from './protocol/small-note.ts'
