import { inNaturalOrder, optionChanges } from '@engage-sync/core'
import type { MappingPlan, OptionChange } from '@engage-sync/core'
import type { PlanResult } from '../engine/index.ts'
import { decodeAbout } from '../state/values/mapping-about.ts'
import type { MappingAbout } from '../state/values/mapping-about.ts'

/**
 * What one mapping's change of configuration is, and what it does. Users and data points as the
 * plan counts them.
 */
export interface MappingChange {
  /**
   * `orphaned`: something stays in Braze that nothing fills any more. `retired`: the same, and the
   * run unsets it. A mapping whose attribute got another name is `changed`, and what it filled
   * before is `orphaned` beside it.
   */
  readonly kind: 'added' | 'changed' | 'moved' | 'retired' | 'orphaned'
  readonly mapping: string
  /** The id a moved one had. */
  readonly moved_from: string | null
  /** What it becomes in Braze, by name; of what is orphaned or retired, what stays or goes. */
  readonly attribute: string | null
  readonly events: readonly string[]
  readonly cohort: string | null
  /**
   * Whether the state kept what it was set to. False: older versions did not, and `options` may be
   * incomplete.
   */
  readonly recorded: boolean
  /** Whether runs went without it, its sync being disabled: its history is read again. */
  readonly was_away: boolean
  /** Old and new value of each option that differs; all that is set, of a new one. */
  readonly options: readonly OptionChange[]
  /** Users who would get something of it. */
  readonly users: number
  readonly data_points: number
  /** Members that come and go, of a membership. */
  readonly joins: number
  readonly leaves: number
  /** Members at run start; null of what is no membership, or new, or not counted. */
  readonly members: number | null
  /** Users who keep a value that nothing renews any more; null of what is not orphaned, or not counted. */
  readonly stale_users: number | null
}

type Changed = Pick<PlanResult, 'changed' | 'members' | 'changes'> & {
  /** With the users who have it; null where nobody was counted. */
  readonly left: readonly (Pick<PlanResult['left'][number], LeftName> & {
    readonly users: number | null
  })[]
  readonly summary: Pick<PlanResult['summary'], 'mappings'>
}

type LeftName = 'mapping' | 'kind' | 'name' | 'isRetired'

/**
 * Every change of configuration, the riskiest first: by members that leave, users with stale
 * values, users changed.
 */
export function mappingChanges(plan: Changed): readonly MappingChange[] {
  return [...presentChanges(plan), ...leftChanges(plan), ...silentOrphans(plan)].toSorted(byRisk)
}

function presentChanges({ changed, summary, members }: Changed): readonly MappingChange[] {
  return changed.map(({ kind, id, from, before, after, wasAway }) => {
    const counted = countsOf(summary.mappings.get(id))
    return {
      kind,
      mapping: id,
      moved_from: from,
      ...namesOf(after),
      recorded: before === null || before.options !== null,
      was_away: wasAway,
      options: changedOptions(before, after),
      ...counted,
      members: members.get(id) ?? null,
      stale_users: null,
    }
  })
}

/** What nothing fills any more, where users have it or it is about to go. */
function leftChanges({ left, summary }: Changed): readonly MappingChange[] {
  return left
    .filter(({ users, isRetired }) => users !== 0 || isRetired)
    .map(({ mapping, kind, name, isRetired, users }) => ({
      kind: isRetired ? 'retired' : 'orphaned',
      mapping,
      moved_from: null,
      attribute: kind === 'attribute' ? name : null,
      events: [],
      cohort: kind === 'cohort' ? name : null,
      recorded: true,
      was_away: false,
      options: [],
      ...NOTHING_SENT,
      ...(isRetired && {
        users: users ?? 0,
        data_points: countsOf(summary.mappings.get(mapping)).data_points,
      }),
      members: null,
      stale_users: isRetired ? null : users,
    }))
}

/** Mappings that are gone and left nothing that is counted, such as events alone, or what another one fills. */
function silentOrphans({ changes, left }: Changed): readonly MappingChange[] {
  const told = new Set(left.filter(({ users }) => users !== 0).map(({ mapping }) => mapping))
  const stays = (id: string, kind: 'attribute' | 'cohort') =>
    left.some((one) => one.mapping === id && one.kind === kind)
  return changes.orphaned
    .filter(({ id }) => !told.has(id))
    .map(({ id, about }) => {
      const { attribute, events, cohort } = decodeAbout(about)
      return {
        kind: 'orphaned',
        mapping: id,
        moved_from: null,
        attribute: stays(id, 'attribute') ? attribute : null,
        events,
        cohort: stays(id, 'cohort') ? cohort : null,
        recorded: true,
        was_away: false,
        options: [],
        ...NOTHING_SENT,
        members: null,
        stale_users: 0,
      }
    })
}

/** Options of a new one, or what differs; of a record without options, what its names tell. */
function changedOptions(before: MappingAbout | null, after: MappingAbout): readonly OptionChange[] {
  const now = after.options ?? {}
  if (before === null) return optionChanges({}, now).filter(({ option }) => option !== 'key')
  if (before.options !== null) return optionChanges(before.options, now)
  const was = before.events.join(', ')
  const is = after.events.join(', ')
  return [
    { option: 'attribute', before: before.attribute, after: after.attribute },
    { option: 'event', before: was || null, after: is || null },
    { option: 'cohort', before: before.cohort, after: after.cohort },
  ].filter((one) => one.before !== one.after)
}

function namesOf({
  attribute,
  events,
  cohort,
}: MappingAbout): Pick<MappingChange, 'attribute' | 'events' | 'cohort'> {
  return { attribute, events, cohort }
}

type Counts = Pick<MappingChange, 'users' | 'data_points' | 'joins' | 'leaves'>

const NOTHING_SENT: Counts = { users: 0, data_points: 0, joins: 0, leaves: 0 }

function countsOf(plan: MappingPlan | undefined): Counts {
  if (plan === undefined) return NOTHING_SENT
  const { users, dataPoints, additions, removals } = plan
  return { users, data_points: dataPoints, joins: additions, leaves: removals }
}

function byRisk(a: MappingChange, b: MappingChange): number {
  return (
    b.leaves - a.leaves ||
    (b.stale_users ?? 0) - (a.stale_users ?? 0) ||
    b.users - a.users ||
    inNaturalOrder(a.mapping, b.mapping)
  )
}
