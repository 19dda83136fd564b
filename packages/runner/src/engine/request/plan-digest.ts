import { fingerprintOf, neededColumns, SyncError } from '@engage-sync/core'
import type { Column, CompiledSync, Json, PlanSummary, SourcePosition } from '@engage-sync/core'

/**
 * What a plan was made of. A run that is to do exactly that must find all of it again. Plain JSON.
 */
export interface PlanDigest {
  /** Random id of the state. */
  readonly state: string
  /** The plan's `now`, milliseconds: time-relative conditions are judged by it. */
  readonly asOf: number
  /** Of the columns the updates are read from; absent in plans of older versions. */
  readonly columns?: string
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
  readonly columns: readonly Column[]
  readonly asOf: number
  readonly syncs: readonly CompiledSync[]
  readonly from: ReadonlyMap<string, SourcePosition>
  readonly to: ReadonlyMap<string, SourcePosition>
  readonly summary: PlanSummary
}

/** Writes down what a plan was made of. */
export function planDigestOf(facts: PlanDigestFacts): PlanDigest {
  const { state, columns, asOf, syncs, from, to, summary } = facts
  return {
    state,
    columns: columnsOf(syncs, columns),
    asOf,
    fingerprints: Object.fromEntries(syncs.map(({ name, fingerprint }) => [name, fingerprint])),
    from: Object.fromEntries(from),
    to: Object.fromEntries(to),
    digest: summary.digest,
  }
}

/** What became of a state's other columns is no matter. */
function columnsOf(syncs: readonly CompiledSync[], columns: readonly Column[]): string {
  const needed = new Set(neededColumns(syncs).map(({ id }) => id))
  return fingerprintOf(
    columns.filter(({ id }) => needed.has(id)).map(({ id, number }) => [number, id]),
  )
}

/** What moved since a plan was made, in words; empty when nothing did. */
export function differencesFrom(expected: PlanDigest, found: PlanDigest): readonly string[] {
  const differences: string[] = []
  if (expected.state !== found.state) differences.push('the state (it is another one)')
  else if (expected.columns !== undefined && expected.columns !== found.columns)
    differences.push('the columns of the state')
  const names = new Set([...Object.keys(expected.fingerprints), ...Object.keys(found.fingerprints)])
  for (const name of names)
    if (expected.fingerprints[name] !== found.fingerprints[name])
      differences.push(`the configuration of ${name}`)
  const sources = [expected.from, expected.to, found.from, found.to].flatMap((one) =>
    Object.keys(one),
  )
  for (const source of new Set(sources)) {
    if (!isEqual(expected.from[source], found.from[source]))
      differences.push(`how far source ${source} was read (another run went on)`)
    else if (!isEqual(expected.to[source], found.to[source]))
      differences.push(`the records of source ${source}`)
  }
  if (differences.length === 0 && expected.digest !== found.digest)
    differences.push('what is to be sent (the state holds other values now)')
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
  throw new SyncError(
    'PLAN_STALE',
    `The plan no longer fits. Since it was made, this changed: ${differences.join('; ')}`,
    {
      hint: 'Nothing was sent. Make a new plan, and have it looked at again.',
    },
  )
}

function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}
