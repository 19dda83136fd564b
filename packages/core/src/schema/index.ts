/*
 * schema: the configuration language, said once.
 *
 * A schema for each kind of file, written with TypeBox, with a sentence, a default and an example
 * for each option. From here come the types of what is written, the validators in `generated/`,
 * `schema/*.json` for editors and the tables of docs/config.md. When a command runs, of these files
 * only types are used: what runs is what was generated.
 */
export type * from './cases.ts'
export type * from './filter.ts'
export * from './kinds.ts'
export type * from './mapping.ts'
export * from './node.ts'
export type * from './project.ts'
export type * from './source.ts'
export type * from './sync.ts'
export * from './vocabulary.ts'
