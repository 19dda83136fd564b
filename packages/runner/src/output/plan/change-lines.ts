import type { OptionChange } from '@engage-sync/core'
import { leavesNothing, READ_ANEW, WAS_AWAY } from './comment/change-words.ts'
import type { MappingChange } from '../../plan/changes.ts'
import type { SyncChange } from '../../plan/sync-changes.ts'
import type { PlanView } from '../../plan/view.ts'
import type { Colours } from '../text/colours.ts'
import { countOf, formatCount, formatShare } from '../text/numbers.ts'
import { safeLine } from '../text/safe-text.ts'

/**
 * What changed in the configuration, for a terminal.
 *
 * Shape: a line a change with what it does, the riskiest first; under it a line for each option
 * with its old and new value; then cohorts that are created.
 */
export function changeLines(
  {
    changes,
    sync_changes: whole,
    cohorts,
  }: Pick<PlanView, 'changes' | 'sync_changes'> & {
    readonly cohorts: Pick<PlanView['cohorts'], 'created'>
  },
  colours: Colours,
): readonly string[] {
  if (changes.length + whole.length + cohorts.created.length === 0) return []
  return [
    colours.bold('Changes of configuration'),
    ...whole.flatMap((change) => syncLines(change, colours)),
    ...changes.flatMap((change) => [
      `  ${signOf(change, colours)} ${headOf(change, colours)}`,
      ...optionLines(change, colours),
    ]),
    ...cohorts.created.map((name) => `  ${colours.green('+')} cohort ${safeLine(name)}  created`),
  ]
}

function syncLines({ sync, options, note }: SyncChange, colours: Colours): readonly string[] {
  return [
    `  ${colours.yellow('~')} ${colours.bold(safeLine(sync))}${colours.dim('  the sync as a whole')}`,
    ...options.map((one) => `      ${optionLine(one, 'changed', colours)}`),
    ...(note === null ? [] : [colours.dim(`      ${note}`)]),
  ]
}

function signOf({ kind }: MappingChange, colours: Colours): string {
  if (kind === 'added') return colours.green('+')
  if (kind === 'moved') return colours.cyan('→')
  if (kind === 'retired') return colours.red('-')
  return colours.yellow(kind === 'orphaned' ? '?' : '~')
}

function headOf(change: MappingChange, colours: Colours): string {
  const { kind, mapping, moved_from: from } = change
  const name = colours.bold(
    safeLine(kind === 'orphaned' || kind === 'retired' ? leftOf(change) : mapping),
  )
  const was = from === null ? '' : `  was ${safeLine(from)}`
  const effect = effectOf(change)
  return `${name}${was}${effect === '' ? '' : colours.dim(`  ${effect}`)}`
}

/** In Braze, of what nothing fills any more. */
function leftOf({ attribute, cohort, events, mapping }: MappingChange): string {
  const left = [
    ...(attribute === null ? [] : [`attribute ${attribute}`]),
    ...(cohort === null ? [] : [`cohort ${cohort}`]),
    ...events.map((name) => `event ${name}`),
  ]
  return left.join(', ') || mapping
}

function effectOf(change: MappingChange): string {
  const { kind, mapping, users, joins, leaves, members, data_points: points } = change
  if (kind === 'retired')
    return users === 0 ? 'a run unsets it' : `unset for ${countOf(users, 'user')}`
  if (kind === 'orphaned') {
    if (leavesNothing(change)) return 'is gone, and leaves nothing behind'
    const stale = change.stale_users ?? 0
    const who = stale === 0 ? '' : `: ${countOf(stale, 'user keeps', 'users keep')} stale values`
    return `${safeLine(mapping)} fills it no more${who} (say moved: or retire:)`
  }
  const parts = [
    ...(users === 0 ? [] : [countOf(users, 'user')]),
    ...(joins === 0 ? [] : [`${formatCount(joins)} join`]),
    ...(leaves === 0 ? [] : [`${formatCount(leaves)} leave${shareText(leaves, members)}`]),
    ...(points === 0 ? [] : [countOf(points, 'data point')]),
  ]
  return parts.join(' · ')
}

/** What part of the members that is: ` (31% of 216 members)`. */
function shareText(part: number, members: number | null): string {
  return members === null || members === 0
    ? ''
    : ` (${formatShare(part, members)} of ${countOf(members, 'member')})`
}

function optionLines(
  { kind, options, recorded, was_away: isAway }: MappingChange,
  colours: Colours,
): string[] {
  const told = options.filter(({ option }) => option !== 'key')
  const lines = told.map((one) => `      ${optionLine(one, kind, colours)}`)
  if (!recorded) lines.push(colours.dim('      what else it was is not recorded in this state'))
  else if (isAway) lines.push(colours.dim(`      ${WAS_AWAY}`))
  else if (kind === 'changed' && told.length === 0) lines.push(colours.dim(`      ${READ_ANEW}`))
  return lines
}

function optionLine(
  { option, before, after }: OptionChange,
  kind: MappingChange['kind'],
  colours: Colours,
): string {
  const name = safeLine(option)
  if (kind === 'added') return `${name}: ${colours.green(quoted(after))}`
  return `${name}: ${colours.red(quoted(before))} → ${colours.green(quoted(after))}`
}

function quoted(value: string | null): string {
  return value === null ? '(none)' : `"${safeLine(value)}"`
}
