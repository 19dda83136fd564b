/**
 * Whom a request means: by external id, alias, Braze id, email or phone, and which of several
 * profiles wins.
 */
export { findOne } from './find.ts'
export type { Found } from './find.ts'
export { aliasOf, externalIdOf } from './identifiers.ts'
export { orderProblem, prioritizationProblem } from './prioritization.ts'
export { resolveUser } from './resolve-user.ts'
