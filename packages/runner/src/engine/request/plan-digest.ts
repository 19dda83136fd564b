import { SyncError } from '@engage-sync/core'
import type { CompiledSync, Json, PlanSummary, SourcePosition } from '@engage-sync/core'

/**
 * What a plan was made of. A run that is to do exactly that must find all of it again. Plain JSON.
 */
export interface PlanDigest {
  /** Random id of the state. */
  readonly state: string
  /** Number of the last run the state knew. */
  readonly stateVersion: number
  /** The plan's `now`, milliseconds: time-relative conditions are judged by it. */
  readonly asOf: number
  /** Of the configuration's meaning, by sync name. */
  readonly fingerprints: Readonly<Record<string, string>>
  /** Where reading started and ended, by source name. */
  readonly from: Readonly<Record<string, Json>>
  readonly to: Readonly<Record<string, Json>>
  /** Digest of all updates, whatever their order. */
  readonly digest: string
}

/** The facts an expectation is made of. */
export interface PlanDigestFacts {
  readonly state: string
  readonly stateVersion: number
  readonly asOf: number
  readonly syncs: readonly CompiledSync[]
  readonly from: ReadonlyMap<string, SourcePosition>
  readonly to: ReadonlyMap<string, SourcePosition>
  readonly summary: PlanSummary
}

/** Writes down what a plan was made of. */
export function planDigestOf(facts: PlanDigestFacts): PlanDigest {
  const { state, stateVersion, asOf, syncs, from, to, summary } = facts
  return {
    state,
    stateVersion,
    asOf,
    fingerprints: Object.fromEntries(syncs.map(({ name, fingerprint }) => [name, fingerprint])),
    from: Object.fromEntries(from),
    to: Object.fromEntries(to),
    digest: summary.digest,
  }
}

/** What moved since a plan was made, in words; empty when nothing did. */
export function differencesFrom(expected: PlanDigest, found: PlanDigest): readonly string[] {
  const differences: string[] = []
  if (expected.state !== found.state) differences.push('another state')
  else if (expected.stateVersion !== found.stateVersion)
    differences.push('the state: there were runs since')
  const names = new Set([...Object.keys(expected.fingerprints), ...Object.keys(found.fingerprints)])
  for (const name of names)
    if (expected.fingerprints[name] !== found.fingerprints[name])
      differences.push(`the configuration of ${name}`)
  for (const source of new Set([...Object.keys(expected.to), ...Object.keys(found.to)])) {
    const isSame =
      isEqual(expected.from[source], found.from[source]) &&
      isEqual(expected.to[source], found.to[source])
    if (!isSame) differences.push(`the records of source ${source}`)
  }
  if (differences.length === 0 && expected.digest !== found.digest) differences.push('the updates')
  return differences
}

/**
 * Stops a run that would do something else than the plan said.
 *
 * @throws {SyncError} `PLAN_STALE`, naming what moved
 */
export function checkPlanDigest(expected: PlanDigest, found: PlanDigest): void {
  const differences = differencesFrom(expected, found)
  if (differences.length === 0) return
  throw new SyncError('PLAN_STALE', `The plan no longer fits: ${differences.join(', ')} changed`, {
    hint: 'Nothing was sent. Make a new plan, and have it looked at again.',
  })
}

function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}
