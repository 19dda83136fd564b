import type { NormalisedCase } from '../model/case.ts'
import type { CaseEventConfig, ProfileConfig } from '../schema/cases.ts'
import { instantText } from '../values/instant.ts'
import { eventTimes } from './times.ts'

type ShortEvent = Exclude<CaseEventConfig, { readonly raw: unknown }>

/** An event of a profile that has no values of its own; it only tells who the user is. */
const NO_VALUES = { trait: { 'engage-sync case': true } } as const

/** When everything a case takes as known had happened: a second before its first event. */
export function knownSinceMs(testCase: NormalisedCase): number {
  return Math.min(testCase.nowMs, ...eventTimes(testCase.events, testCase.nowMs)) - 1000
}

/**
 * The events by which the values of a case's profiles came to be known, one or two a user, users in
 * the order of the file.
 *
 * Shape: traits and enrichment travel together, audiences after them; a profile without values gets
 * an event that no mapping wants. Identifiers are those of the user's first event in the case.
 */
export function profileEvents(testCase: NormalisedCase): readonly ShortEvent[] {
  const at = instantText(knownSinceMs(testCase))
  return [...testCase.profiles].flatMap(([user, profile]) => {
    const who = identifiersOf(user, testCase)
    return valuesOf(profile).map((values): ShortEvent => ({ ...who, ...values, at }))
  })
}

function valuesOf({
  traits,
  enrichment,
  audiences,
}: ProfileConfig): readonly Pick<ShortEvent, 'trait' | 'audience' | 'enrichment'>[] {
  const beside = enrichment === undefined ? {} : { enrichment }
  const hasTraits = traits !== undefined && Object.keys(traits as object).length > 0
  const first = hasTraits ? { trait: traits, ...beside } : { ...NO_VALUES, ...beside }
  return audiences === undefined ? [first] : [first, { audience: audiences }]
}

function identifiersOf(user: string, testCase: NormalisedCase): Partial<ShortEvent> {
  const events = testCase.events.filter((event) => !('raw' in event)) as readonly ShortEvent[]
  const own = events.find((event) => (event.user ?? event.anonymous_id ?? testCase.user) === user)
  if (own === undefined) return { user }
  const { anonymous_id, email, external_ids } = own
  const isAnonymous = own.user === undefined && anonymous_id !== undefined
  return {
    ...(isAnonymous ? {} : { user }),
    ...(anonymous_id === undefined ? {} : { anonymous_id }),
    ...(email === undefined ? {} : { email }),
    ...(external_ids === undefined ? {} : { external_ids }),
  }
}
