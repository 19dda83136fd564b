/*
 * config/migrate: files of older versions of the language, rewritten with their comments.
 */
export * from './migrate.ts'
