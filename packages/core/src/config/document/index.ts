/*
 * config/document: one file of YAML as a JSON value, and where each part of it stands.
 *
 * Diagnostics are made here, since they need places; codes.ts lists all there are.
 */
export { CONFIG_CODES } from './codes.ts'
export type { ConfigCode } from './codes.ts'
export * from './diagnostics.ts'
export { kindOfFile, syncNameOf } from './file-kind.ts'
export type { ConfigFile } from './file-kind.ts'
