/*
 * config/shape: a value against the schema of its file, and every difference in words.
 *
 * Finds what is wrong, says what was most likely meant, and hands on what is left without it.
 */
export { checkShape } from './shape.ts'
