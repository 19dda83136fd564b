/**
 * Numbers drawn by chance, and the same again for the same seed.
 */
export { hashOf, Random } from './random.ts'
export * from './seed.ts'
