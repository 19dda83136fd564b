import { isJsonObject } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'
import * as is from '../process/json-shape.ts'

/** What a run takes from a plan file, member by member. */
const MEMBERS: Readonly<Record<string, is.JsonCheck>> = {
  environment: is.isText,
  created_at: is.isInstant,
  expires_at: is.isInstant,
  options: is.objectOf({
    select: is.orNull(is.listOf(is.isText)),
    reread: is.isTruth,
    resend: (value) => is.isTruth(value) || is.listOf(is.isText)(value),
    allow: is.orAbsent(is.listOf(is.isText)),
  }),
  expectation: is.objectOf({
    state: is.isText,
    asOf: is.isWhole,
    columns: is.orAbsent(is.isText),
    fingerprints: is.mapOf(is.isText),
    from: is.isObject,
    to: is.isObject,
    digest: is.isText,
  }),
}

/**
 * What is wrong with a plan file that somebody may have written by hand: the first member that a run
 * could not take, or null.
 */
export function misshapenMember(file: Json): string | null {
  if (!isJsonObject(file)) return 'member'
  return Object.entries(MEMBERS).find(([name, check]) => !check(file[name]))?.[0] ?? null
}
