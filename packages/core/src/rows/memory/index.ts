/*
 * memory: arrays that grow and give their memory back at once, and the bytes that are written of
 * them.
 */
export { release } from './grown.ts'
