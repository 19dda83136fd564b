import type { Json } from '@engage-sync/contract'
import type { Leaf } from '../filter/compiled.ts'
import type { CompiledMapping, CompiledSegment, CompiledSync } from '../mapping/compiled.ts'
import type { Encoding } from '../mapping/encoding.ts'
import type { NormalisedCase } from '../model/case.ts'
import { joinDottedName, splitDottedName } from '../names/dotted-name.ts'
import type { CaseActual, CaseResult } from './actual.ts'
import { CaseValues } from './case-values.ts'
import { readMappingId } from '../names/mapping-id.ts'

/** A case with what its run did. */
export interface CaseRun {
  readonly testCase: NormalisedCase
  readonly result: CaseResult
}

/** One thing a mapping or filter can do, and whether a case shows it. */
export interface CoverageItem {
  /** Mapping or segment id. */
  readonly id: string
  /**
   * `mapping`: a case gives it a value. `branch`: it did one of the things it can do. `operator`: a
   * condition held, or not.
   */
  readonly kind: 'mapping' | 'branch' | 'operator'
  /** What it is, in words. */
  readonly what: string
  readonly isCovered: boolean
}

/** What the cases of a sync touch. */
export interface Coverage {
  readonly items: readonly CoverageItem[]
  readonly covered: number
  readonly total: number
}

/**
 * Which mappings, branches and operators of a sync its cases touch.
 *
 * Shape: a compiled sync and all its case runs in; one item for each thing it can do, in the order
 * of the file. Conditions on values are judged by the values in the cases, conditions on events
 * only by the segments they belong to.
 */
export function measureCoverage(sync: CompiledSync, runs: readonly CaseRun[]): Coverage {
  const values = new CaseValues(runs.map(({ testCase }) => testCase))
  const items = [
    ...sync.mappings.flatMap((mapping) => [
      mappingItem(mapping, values),
      ...branchItems(mapping, runs),
    ]),
    ...sync.segments.flatMap((segment) => [
      ...segmentItems(segment, runs),
      ...branchItems(segment, runs),
      ...operatorItems(segment, values),
    ]),
  ]
  return { items, covered: items.filter(({ isCovered }) => isCovered).length, total: items.length }
}

function operandKey(kind: string, key: string, path: readonly string[]): string {
  return kind === 'audience' ? key : joinDottedName({ name: key, path })
}

function mappingItem({ id, wanted }: CompiledMapping, values: CaseValues): CoverageItem {
  const key = operandKey(wanted.kind, wanted.key, wanted.path)
  const isCovered =
    values.of(wanted.kind, key).length > 0 || isInsideAnother(wanted.kind, key, values)
  return { id, kind: 'mapping', what: `a value of ${key}`, isCovered }
}

/** `address.city` is also given by a value of `address`. */
function isInsideAnother(kind: string, key: string, values: CaseValues): boolean {
  const { name, path } = splitDottedName(key)
  return path.length > 0 && values.of(kind, joinDottedName({ name, path: [] })).length > 0
}

type Unit = Pick<CompiledMapping, 'id' | 'encodings'>

function branchItems({ id, encodings }: Unit, runs: readonly CaseRun[]): readonly CoverageItem[] {
  const actuals = runs.flatMap(({ result }) => [...result.values()])
  return encodings.flatMap(branchesOf).map(({ what, isSeen }) => ({
    id,
    kind: 'branch',
    what,
    isCovered: actuals.some(isSeen),
  }))
}

/** One of the things an encoding can do, and whether a user's case shows it. */
interface Branch {
  readonly what: string
  readonly isSeen: (actual: CaseActual) => boolean
}

function branchesOf(encoding: Encoding): readonly Branch[] {
  switch (encoding.kind) {
    case 'attribute':
      return [attributeBranch(encoding.name)]
    case 'event':
      return encoding.names.map(eventBranch)
    case 'cohort':
      return (['add', 'remove'] as const).map((change) => cohortBranch(encoding.name, change))
    case 'subscription':
      return (['subscribed', 'unsubscribed'] as const).map((state) =>
        groupBranch(encoding.groupId, state),
      )
  }
}

function attributeBranch(name: string): Branch {
  return { what: `attribute ${name} is sent`, isSeen: ({ attributes }) => attributes.has(name) }
}

function eventBranch(name: string): Branch {
  return {
    what: `event ${name} is sent`,
    isSeen: ({ events }) => events.some((sent) => sent.name === name),
  }
}

function cohortBranch(name: string, change: 'add' | 'remove'): Branch {
  return {
    what: `cohort ${name}: ${change}`,
    isSeen: ({ cohorts }) => cohorts.get(name) === change,
  }
}

function groupBranch(id: string, state: 'subscribed' | 'unsubscribed'): Branch {
  return {
    what: `subscription group: ${state}`,
    isSeen: ({ subscriptionGroups }) => subscriptionGroups.get(id) === state,
  }
}

function segmentItems({ id }: CompiledSegment, runs: readonly CaseRun[]): readonly CoverageItem[] {
  const { key } = readMappingId(id)
  const isSeen = (member: boolean) =>
    runs.some(({ result }) =>
      [...result.values()].some(({ segments }) => segments.get(key) === member),
    )
  return [
    { id, kind: 'branch', what: 'a user in it', isCovered: isSeen(true) },
    { id, kind: 'branch', what: 'a user out of it', isCovered: isSeen(false) },
  ]
}

function operatorItems(segment: CompiledSegment, values: CaseValues): readonly CoverageItem[] {
  return segment.filter.leaves.flatMap((leaf) => {
    if (leaf.type === 'event') return []
    const seen = verdictsOf(leaf, segment, values)
    return [true, false].map((verdict): CoverageItem => ({
      id: segment.id,
      kind: 'operator',
      what: `${leaf.text} is ${verdict}`,
      isCovered: seen.has(verdict),
    }))
  })
}

function verdictsOf(
  leaf: Extract<Leaf, { type: 'value' | 'time' }>,
  segment: CompiledSegment,
  values: CaseValues,
): ReadonlySet<boolean> {
  const { kind, key, path } = leaf.operand
  const text = operandKey(kind, key, path)
  const cast = segment.castFor(leaf.operand)
  const seen = new Set<boolean>(values.isSometimesAbsent(kind, text) ? [leaf.absent] : [])
  for (const value of values.of(kind, text)) {
    const result = cast(value)
    for (const verdict of verdicts(leaf, result.ok ? result.value : null, values.nows))
      seen.add(verdict)
  }
  return seen
}

function verdicts(
  leaf: Extract<Leaf, { type: 'value' | 'time' }>,
  value: Json,
  nows: readonly number[],
): readonly boolean[] {
  if (leaf.type === 'value') return [value === null ? leaf.absent : leaf.test(value)]
  const instant = value === null ? null : leaf.read(value)
  return instant === null ? [leaf.absent] : nows.map((now) => leaf.test(instant, now))
}
