import { isJsonObject } from '@engage-sync/core'
import type { Json, JsonObject } from '@engage-sync/core'

type Check = (value: Json | undefined) => boolean

const isText: Check = (value) => typeof value === 'string'
const isInstant: Check = (value) => isText(value) && Number.isFinite(Date.parse(String(value)))
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText)
const isObject: Check = (value) => value !== undefined && isJsonObject(value)
const isTruth: Check = (value) => typeof value === 'boolean'
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const objectOf =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    value !== undefined &&
    isJsonObject(value) &&
    Object.entries(members).every(([name, check]) => check(value[name]))

/** What a run takes from a plan file, member by member. */
const MEMBERS: Readonly<Record<string, Check>> = {
  environment: isText,
  created_at: isInstant,
  expires_at: isInstant,
  options: objectOf({
    select: orNull(isTexts),
    reread: isTruth,
    resend: isTruth,
    allow: orAbsent(isTexts),
  }),
  expectation: objectOf({
    state: isText,
    asOf: Number.isFinite,
    columns: orAbsent(isText),
    fingerprints: (value) => isObject(value) && Object.values(value as JsonObject).every(isText),
    from: isObject,
    to: isObject,
    digest: isText,
  }),
}

/**
 * What is wrong with a plan file that somebody may have written by hand: the first member that a run
 * could not take, or null.
 */
export function misshapenMember(file: Json | undefined): string | null {
  if (file === undefined || !isJsonObject(file)) return 'all of it'
  return Object.entries(MEMBERS).find(([name, check]) => !check(file[name]))?.[0] ?? null
}
