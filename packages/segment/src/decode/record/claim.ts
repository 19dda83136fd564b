import { isJsonObject, own } from '@engage-sync/contract'
import type { ComputationKind, JsonObject, Rejection, WantedKey } from '@engage-sync/contract'
import { rejection } from './codes.ts'
import type { SkipCode } from './codes.ts'
import type { SegmentCall } from './event.ts'
import { textOf } from './identifiers.ts'

/** What a call says it is about. */
export type Claim =
  /** One computation, as `context.personas` or the body names it. */
  | {
      readonly type: 'computation'
      readonly kind: 'trait' | 'audience'
      readonly key: string
      readonly isJourneyStep: boolean
    }
  /** No personas block: these configured computations are members of the body. */
  | {
      readonly type: 'configured'
      readonly keys: readonly { readonly kind: ComputationKind; readonly key: string }[]
    }
  | { readonly type: 'skipped'; readonly reason: SkipCode }
  | { readonly type: 'rejected'; readonly rejection: Rejection }

const NOT_ENGAGE: Claim = { type: 'skipped', reason: 'SKIPPED_NOT_ENGAGE' }
/** Names Segment gives its events unless a team renames them. */
const DEFAULT_EVENTS: ReadonlySet<string> = new Set([
  'Audience Entered',
  'Audience Exited',
  'Trait Computed',
])
const CLASSES: ReadonlyMap<string, 'trait' | 'audience'> = new Map([
  ['audience', 'audience'],
  ['journey_step', 'audience'],
  ['trait', 'trait'],
  ['computed_trait', 'trait'],
])

/**
 * Which computation a call carries.
 *
 * Shape: known by `context.personas`, never by the name of the event; without that block by the
 * configured keys.
 *
 * @see https://www.twilio.com/docs/segment/engage/using-engage-data/
 */
export function readClaim(call: SegmentCall, keys: readonly WantedKey[]): Claim {
  const personas = own(call.context, 'personas')
  if (!isJsonObject(personas)) return readConfigured(call, keys)
  const key = readKey(personas, call.body)
  if (key === undefined) return { type: 'rejected', rejection: rejection('RECORD_NO_KEY') }
  const named = textOf(personas, 'computation_class')
  const kind = CLASSES.get(named ?? '') ?? guessKind(call, key, keys)
  return { type: 'computation', kind, key, isJourneyStep: named === 'journey_step' }
}

/**
 * The key of a computation: the first name there is whose member is there, too; else the first name
 * there is.
 */
function readKey(personas: JsonObject, body: JsonObject): string | undefined {
  const named = [
    textOf(personas, 'computation_key'),
    textOf(body, 'audience_key'),
    textOf(body, 'trait_key'),
  ]
  const keys = named.filter((key) => key !== undefined)
  return keys.find((key) => own(body, key) !== undefined) ?? keys[0]
}

/**
 * The kind of a computation whose class is absent or new: by its key member, the configuration, its
 * value.
 */
function guessKind(
  call: SegmentCall,
  key: string,
  keys: readonly WantedKey[],
): 'trait' | 'audience' {
  if (own(call.body, 'audience_key') !== undefined) return 'audience'
  if (own(call.body, 'trait_key') !== undefined) return 'trait'
  const wanted = keys.find((candidate) => candidate.key === key && candidate.kind !== 'enrichment')
  if (wanted !== undefined) return wanted.kind === 'audience' ? 'audience' : 'trait'
  return typeof own(call.body, key) === 'boolean' ? 'audience' : 'trait'
}

function readConfigured(call: SegmentCall, keys: readonly WantedKey[]): Claim {
  if (call.type === 'track') return readConfiguredTrack(call, keys)
  const found = keys.filter(
    ({ kind, key }) => kind !== 'enrichment' && isValueOf(kind, own(call.body, key)),
  )
  return found.length === 0 ? NOT_ENGAGE : { type: 'configured', keys: found }
}

/** A track call counts when it names its computation, or has a default name and a wanted member. */
function readConfiguredTrack(call: SegmentCall, keys: readonly WantedKey[]): Claim {
  const audience = textOf(call.body, 'audience_key')
  const trait = textOf(call.body, 'trait_key')
  const hasDefaultName = DEFAULT_EVENTS.has(textOf(call.record, 'event') ?? '')
  const found = keys.find(({ kind, key }) => {
    if (kind === 'enrichment') return false
    if (key === (kind === 'audience' ? audience : trait)) return true
    return (
      hasDefaultName &&
      audience === undefined &&
      trait === undefined &&
      isValueOf(kind, own(call.body, key))
    )
  })
  if (found === undefined) return NOT_ENGAGE
  return {
    type: 'computation',
    kind: found.kind === 'audience' ? 'audience' : 'trait',
    key: found.key,
    isJourneyStep: false,
  }
}

function isValueOf(kind: ComputationKind, value: unknown): boolean {
  if (value === undefined) return false
  return (
    kind === 'trait' ||
    value === null ||
    typeof value === 'boolean' ||
    value === 'true' ||
    value === 'false'
  )
}
