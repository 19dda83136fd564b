/*
 * schema: the configuration language, said once.
 *
 * A schema for each kind of file, with a sentence, a default and an example for each option. From here come the types of
 * what is written, the validator, `schema/*.json` for editors and the tables of docs/config.md.
 */
export * from './cases.ts'
export * from './filter.ts'
export * from './kinds.ts'
export * from './mapping.ts'
export * from './node.ts'
export * from './project.ts'
export * from './source.ts'
export * from './sync.ts'
export { CONFIG_VERSION } from './terms.ts'
