/*
 * config: from the files of a directory to one checked model, or to every mistake in them with its
 * place.
 *
 * `load.ts` goes through the rooms in order: document (text → values with places), shape (values
 * against the schema), normalise (long form), rules (what a schema cannot say). Beside them:
 * secrets, and the migration of older files.
 */
export * from './document/index.ts'
export * from './load.ts'
export * from './migrate/index.ts'
export type { LoadOptions } from './rules/index.ts'
export * from './secrets/index.ts'
