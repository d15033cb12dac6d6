/** The front door of the child process's room: only where its programs lie. */
export { PYTHON_PROGRAMS } from './programs.ts'
