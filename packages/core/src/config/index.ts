export * from './diagnostics.ts'
export * from './load.ts'
export type * from './model.ts'
export * from './schema.ts'
