export * from './diagnostics.ts'
export type * from './model.ts'
export * from './schema.ts'
