import { itemAt } from '@engage-sync/contract'
import type { DecodePlan, Json, JsonObject, RowDecoder, UserRef } from '@engage-sync/contract'
import { readAttributes } from '../braze/read-attributes.ts'
import { collectWantedKeys } from '../mapping/compile.ts'
import type { CompiledSync } from '../mapping/compiled.ts'
import type { NormalisedCase } from '../model/case.ts'
import type { NormalisedSync } from '../model/sync.ts'
import type { MemoryKnown } from '../plan/memory-known.ts'
import { MemoryRun } from '../plan/memory-run.ts'
import type { MemoryRejection, MemoryResult, MemoryUpdate } from '../plan/memory-run.ts'
import { parseInstant } from '../values/instant.ts'
import { NOTHING_HAPPENED } from './actual.ts'
import type { CaseActual, CaseResult, RejectedInCase, SentEvent } from './actual.ts'
import { knownSinceMs, profileEvents } from './profile-events.ts'
import { caseRecords } from './records.ts'
import { UserNames } from './user-names.ts'
import { mappingId, readMappingId } from '../names/mapping-id.ts'

/** A sync in both its forms, and what reads records. */
export interface CaseContext {
  readonly sync: NormalisedSync
  readonly compiled: CompiledSync
  readonly createDecoder: (plan: DecodePlan) => RowDecoder
}

/**
 * Run one case: its profiles are known and delivered, its events arrive in one run at its `now`.
 *
 * Shape: what was sent, joined and rejected, by the users the case names; offline, nothing is kept.
 */
export function runCase(testCase: NormalisedCase, context: CaseContext): CaseResult {
  const { sync, compiled, createDecoder } = context
  const run = new MemoryRun({ syncs: [compiled], createDecoder, nowMs: testCase.nowMs })
  const before = caseRecords({ ...testCase, events: profileEvents(testCase) }, sync.identity)
  const records = caseRecords(testCase, sync.identity)
  const plan: DecodePlan = {
    keys: collectWantedKeys([compiled]),
    identities: [compiled.identity],
    timeField: compiled.timeField,
  }
  const names = new UserNames(createDecoder(plan), compiled.identity)
  for (const record of [...before, ...records]) names.add(record)
  run.know(textsOf(before), knownUsers(testCase, names, sync.name))
  return readResult(run.batch(textsOf(records)), { names, records, compiled })
}

function textsOf(records: readonly JsonObject[]): readonly string[] {
  return records.map((record) => JSON.stringify(record))
}

function knownUsers(
  testCase: NormalisedCase,
  names: UserNames,
  sync: string,
): readonly MemoryKnown[] {
  const since = knownSinceMs(testCase)
  return [...testCase.profiles].map(([name, { segments = {}, events = {} }]) => ({
    user: names.refOf(name),
    segments: Object.keys(segments)
      .filter((key) => segments[key])
      .map((key) => mappingId({ sync, section: 'segments', key })),
    events: new Map(Object.entries(events).map(([event, often]) => [event, timesOf(often, since)])),
  }))
}

function timesOf(often: number | readonly string[], since: number): readonly number[] {
  return typeof often === 'number'
    ? Array.from({ length: often }, () => since)
    : often.map((text) => parseInstant(text) ?? since)
}

interface Reading {
  readonly names: UserNames
  readonly records: readonly JsonObject[]
  readonly compiled: CompiledSync
}

type Mutable = { -readonly [Part in keyof CaseActual]: CaseActual[Part] }

function readResult(result: MemoryResult, reading: Reading): CaseResult {
  const actuals = new Map<string, Mutable>()
  const at = (user: string): Mutable => {
    const known = actuals.get(user) ?? { ...NOTHING_HAPPENED }
    actuals.set(user, known)
    return known
  }
  for (const user of reading.names.users) at(user).segments = segmentsOf(result, reading, user)
  for (const update of result.updates)
    Object.assign(at(reading.names.nameOf(update.user)), sentIn(update))
  for (const rejection of result.rejected) {
    const actual = at(reading.names.ownerOf(itemAt(reading.records, rejection.record)) ?? '')
    actual.rejected = [...actual.rejected, readRejection(rejection)]
  }
  return actuals
}

function segmentsOf(
  result: MemoryResult,
  { names }: Reading,
  user: string,
): ReadonlyMap<string, boolean> {
  const isIn = (members: readonly UserRef[]) => members.some((ref) => names.nameOf(ref) === user)
  return new Map(
    [...result.segments].map(([id, members]) => [readMappingId(id).key, isIn(members)]),
  )
}

function sentIn({
  attributes,
  events,
  memberships,
  createsUser,
}: MemoryUpdate): Partial<CaseActual> {
  return {
    ...readAttributes(attributes ?? {}),
    existingOnly: !createsUser,
    events: events.map(sentEvent),
    cohorts: new Map(memberships.map(({ name, member }) => [name, member ? 'add' : 'remove'])),
  }
}

function sentEvent(event: Readonly<Record<string, Json>>): SentEvent {
  return {
    name: String(event['name']),
    time: parseInstant(String(event['time'])) ?? 0,
    properties: event['properties'] ?? {},
  }
}

/** The key is the computation's, without the section before it. */
function readRejection({ code, message, mapping }: MemoryRejection): RejectedInCase {
  return { code, key: mapping === null ? null : readMappingId(mapping).key, message }
}
