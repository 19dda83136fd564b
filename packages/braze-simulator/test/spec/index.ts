import { ATTRIBUTES } from './attributes.ts'
import { COHORTS } from './cohorts.ts'
import { DIRECTORY } from './directory.ts'
import { DOCUMENTATION } from './documentation.ts'
import { EVENTS } from './events.ts'
import { FILTERS } from './filters.ts'
import { HTTP } from './http.ts'
import { IDENTITY, USERS } from './identity.ts'
import type { Spec } from './probe.ts'
import { SILENT } from './silent.ts'
import { VALIDATION } from './validation.ts'

/** Every statement about Braze, by part. */
export const SPECS: Readonly<Record<string, readonly Spec[]>> = {
  'paths, keys, forms and rates': HTTP,
  'limits and refusals': VALIDATION,
  'silent drops and the time of writes': SILENT,
  attributes: ATTRIBUTES,
  'events and the ledger': EVENTS,
  'who a request is for': IDENTITY,
  'aliases, identify, merge, delete, export': USERS,
  'what the documentation shows': DOCUMENTATION,
  'external ids, subscriptions, catalogues, segments': DIRECTORY,
  cohorts: COHORTS,
  filters: FILTERS,
}
