export * from './durable.ts'
export * from './layout.ts'
export * from './partition.ts'
export { hashBytes, hashOut } from './hash.ts'
