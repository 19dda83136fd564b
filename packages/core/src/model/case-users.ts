import { isJsonObject, own } from '@engage-sync/contract'
import type { NormalisedCase } from './case.ts'

/**
 * The users a case is about, by the name its expectations use.
 *
 * Shape: those of its profiles, then those of its events, each once; never empty. Anonymous users
 * go by their anonymous id, raw events by their `userId`, else their `anonymousId`.
 */
export function caseUsers(testCase: NormalisedCase): readonly string[] {
  const users = new Set(testCase.profiles.keys())
  for (const event of testCase.events) {
    const user =
      'raw' in event ? rawUser(event.raw) : (event.user ?? event.anonymous_id ?? testCase.user)
    if (user !== null) users.add(user)
  }
  return users.size === 0 ? [testCase.user] : [...users]
}

/** Whether expectations name no user, since there is only one. */
export function isSingleUser(testCase: NormalisedCase): boolean {
  return caseUsers(testCase).length === 1
}

/** The user of an event as a case names it, or null when it says none. Numbers are text, as everywhere. */
export function rawUser(raw: unknown): string | null {
  if (!isJsonObject(raw)) return null
  for (const member of ['userId', 'anonymousId']) {
    const value = own(raw, member)
    if (typeof value === 'number') return String(value)
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}
