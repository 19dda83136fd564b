import { own } from '@engage-sync/contract'
import type { ComputationKind, Json, JsonObject, Rejection } from '@engage-sync/contract'
import { isShallow } from './depth.ts'
import type { Claim } from './claim.ts'
import { rejection, typeName } from './codes.ts'
import type { SkipCode } from './codes.ts'
import { KEY_MEMBERS } from './event.ts'
import type { SegmentCall } from './event.ts'

/** A value of a call, not yet tied to a user and a time. */
export interface CallValue {
  readonly kind: ComputationKind
  readonly key: string
  readonly value: Json
}

/** The values of a call, or why there are none. */
export type CallValues =
  | { readonly type: 'values'; readonly values: readonly CallValue[] }
  | { readonly type: 'skipped'; readonly reason: SkipCode }
  | { readonly type: 'rejected'; readonly rejection: Rejection }

/** Columns by which a SQL trait finds its user; they are identifiers, not traits. */
export const SQL_IDENTIFIERS: ReadonlySet<string> = new Set([
  'email',
  'user_id',
  'userId',
  'anonymous_id',
  'anonymousId',
  'group_id',
  'groupId',
])

type ComputationClaim = Extract<Claim, { type: 'computation' }>

/** The values a call carries: its computation first, then what travels beside it. */
export function readValues(
  call: SegmentCall,
  claim: Extract<Claim, { type: 'computation' | 'configured' }>,
): CallValues {
  const found =
    claim.type === 'configured'
      ? readConfigured(call.body, claim.keys)
      : readComputation(call, claim)
  if (found.type !== 'values' || found.values.every(({ value }) => isShallow(value))) return found
  return { type: 'rejected', rejection: rejection('RECORD_TOO_DEEP') }
}

function readComputation(call: SegmentCall, claim: ComputationClaim): CallValues {
  const value = own(call.body, claim.key)
  if (claim.kind === 'audience') return readMembership(call, claim, value)
  if (value !== undefined)
    return values([{ kind: 'trait', key: claim.key, value }, ...beside(call.body, [claim.key])])
  if (call.type !== 'track') return readSqlTrait(call.body)
  return { type: 'rejected', rejection: rejection('RECORD_NO_VALUE') }
}

function readMembership(
  call: SegmentCall,
  claim: ComputationClaim,
  value: Json | undefined,
): CallValues {
  const member = toMembership(value)
  if (member !== undefined)
    return values([
      { kind: 'audience', key: claim.key, value: member },
      ...beside(call.body, [claim.key]),
    ])
  // A step tells that it was entered; it has no exit and, in its first form, no boolean, but
  // perhaps another value.
  const isEntered = claim.isJourneyStep && (value !== undefined || call.type === 'track')
  if (value !== undefined && !isEntered)
    return {
      type: 'rejected',
      rejection: rejection('RECORD_NO_MEMBERSHIP', `It is ${article(value)}.`),
    }
  if (isEntered)
    return values([
      { kind: 'audience', key: claim.key, value: true },
      ...beside(call.body, [claim.key]),
    ])
  if (isEntityEvent(call)) return { type: 'skipped', reason: 'SKIPPED_ENTITY_EVENT' }
  return { type: 'rejected', rejection: rejection('RECORD_NO_VALUE') }
}

/** Every column of a SQL trait's row is a trait when none is named like the computation. */
function readSqlTrait(body: JsonObject): CallValues {
  const found = Object.keys(body).map((key): CallValue => ({
    kind: SQL_IDENTIFIERS.has(key) ? 'enrichment' : 'trait',
    key,
    value: body[key],
  }))
  if (!found.some(({ kind }) => kind === 'trait'))
    return { type: 'rejected', rejection: rejection('RECORD_NO_VALUE') }
  return values(
    found.toSorted(
      (left, right) => Number(left.kind === 'enrichment') - Number(right.kind === 'enrichment'),
    ),
  )
}

function readConfigured(
  body: JsonObject,
  keys: Extract<Claim, { type: 'configured' }>['keys'],
): CallValues {
  const found: CallValue[] = []
  for (const { kind, key } of keys) {
    const value = own(body, key) ?? null
    if (found.some((other) => other.kind === kind && other.key === key)) continue
    found.push({ kind, key, value: kind === 'audience' ? (toMembership(value) ?? null) : value })
  }
  return values([
    ...found,
    ...beside(
      body,
      found.map(({ key }) => key),
    ),
  ])
}

/** Members beside the computation: traits that enrich it. */
function beside(body: JsonObject, computed: readonly string[]): readonly CallValue[] {
  return Object.keys(body)
    .filter((key) => !KEY_MEMBERS.has(key) && !computed.includes(key))
    .map((key) => ({ kind: 'enrichment', key, value: body[key] }))
}

function toMembership(value: Json | undefined): boolean | null | undefined {
  if (typeof value === 'boolean' || value === null) return value
  if (typeof value !== 'string') return undefined
  const word = value.trim().toLowerCase()
  if (word === 'true') return true
  return word === 'false' ? false : undefined
}

function isEntityEvent(call: SegmentCall): boolean {
  return (
    own(call.body, '__entity') !== undefined ||
    own(call.body, 'data_graph_entity_context') !== undefined
  )
}

function values(list: readonly CallValue[]): CallValues {
  return { type: 'values', values: list }
}

function article(value: Json): string {
  const name = typeName(value)
  return /^[aeiou]/u.test(name) ? `an ${name}` : `a ${name}`
}
