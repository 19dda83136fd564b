import type { MappingChange } from '../../../plan/changes.ts'
import { countOf, formatCount } from '../../text/numbers.ts'

/*
 * What a change of configuration is called, in every place that shows one: each adds its own marks
 * and links to the same words.
 */

/**
 * Whether nothing in Braze remembers a mapping that is gone: another one fills it, or nobody has
 * it.
 */
export function leavesNothing({ attribute, cohort, events }: MappingChange): boolean {
  return attribute === null && cohort === null && events.length === 0
}

/** What a change is, in a word or two, and the sign it goes by. */
export function kindOf(change: MappingChange): {
  readonly mark: string
  readonly what: string
} {
  const { kind, options } = change
  if (kind === 'orphaned' && leavesNothing(change)) return { mark: '➖', what: 'gone' }
  if (kind !== 'changed') return KINDS[kind]
  const names = options.map(({ option }) => option)
  if (names.length > 0 && names.every((option) => option === 'cohort'))
    return { mark: '🏷️', what: 'cohort renamed' }
  if (names.length > 0 && names.every((option) => option === 'attribute'))
    return { mark: '✏️', what: 'renamed' }
  if (names.length > 0 && names.every((option) => option === 'when' || option.startsWith('when.')))
    return { mark: '✏️', what: 'filter' }
  return { mark: '✏️', what: 'changed' }
}

const KINDS = {
  added: { mark: '➕', what: 'new' },
  moved: { mark: '➡️', what: 'moved' },
  retired: { mark: '🗑️', what: 'retired' },
  orphaned: { mark: '⚠️', what: 'stays behind' },
} as const

/** The name by which a change is known in Braze. @param known - of its mapping, where it goes on */
export function calledAs(change: MappingChange, known: string | undefined): string {
  const { cohort, attribute, events, mapping, kind } = change
  const isLeft = kind === 'orphaned' || kind === 'retired'
  return (isLeft ? undefined : known) ?? cohort ?? attribute ?? events[0] ?? mapping
}

/** What becomes of a mapping that is gone; null of one that goes on. */
export function endOf(change: MappingChange): string | null {
  const { kind, stale_users: stale, users } = change
  if (kind === 'retired')
    return users === 0 ? 'a run unsets it' : `unset for ${countOf(users, 'user')}`
  if (kind !== 'orphaned') return null
  if (leavesNothing(change)) return 'leaves nothing behind'
  return stale === null || stale === 0
    ? 'nothing renews it any more'
    : `stays in Braze for ${countOf(stale, 'user')}, and nothing renews it`
}

/** The options of a change that are shown; its key is its name. */
export function shownOptions({ options }: MappingChange): MappingChange['options'] {
  return options.filter(({ option }) => option !== 'key')
}

/** Of a mapping that runs went without, and that is there again. */
export const WAS_AWAY = 'its sync did not run for a while: its history is read again'
/** Of a mapping none of whose options differs. */
export const READ_ANEW = 'read differently by this version'

/** What else is to be said of a mapping that goes on. */
export function notesOf(change: MappingChange): readonly string[] {
  const { kind, recorded, was_away: isAway } = change
  const isSame = shownOptions(change).length === 0
  return [
    ...(recorded ? [] : ['what else it was is not recorded']),
    ...(isAway ? [WAS_AWAY] : []),
    ...(kind === 'changed' && recorded && !isAway && isSame ? [READ_ANEW] : []),
  ]
}

/** An option by its words; of a condition, its trait and operator. */
export function optionLabel(option: string): string {
  if (option === 'when') return 'filter'
  return option.startsWith('when.')
    ? option.slice('when.'.length).replaceAll('.', ' ')
    : option.replaceAll('_', ' ')
}

/** Whom a change moves, or who keeps what it leaves; null where it is simply a number of users. */
export function movesOf({
  joins,
  leaves,
  stale_users: stale,
}: Pick<MappingChange, 'joins' | 'leaves' | 'stale_users'>): string | null {
  const moves = [
    ...(joins === 0 ? [] : [`+${formatCount(joins)}`]),
    ...(leaves === 0 ? [] : [`−${formatCount(leaves)}`]),
  ]
  if (moves.length > 0) return moves.join(' ')
  return stale === null || stale === 0 ? null : `${formatCount(stale)} keep it`
}
