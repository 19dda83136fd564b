/**
 * A file that keeps an engine's state over the end of a process. Only this room touches the
 * disk.
 */
export { Store } from './store.ts'
