import { zip } from '@engage-sync/core'
import type { Json, MappingRecord } from '@engage-sync/core'
import type { StateSummary } from '../../state/reading/summarise.ts'
import type { Colours } from '../text/colours.ts'
import { countOf, formatBytes, formatCount, formatInstant } from '../text/numbers.ts'
import { alignRows, shorten } from '../text/table.ts'
import { decodeAbout } from '../../state/values/mapping-about.ts'
import type { MappingAbout } from '../../state/values/mapping-about.ts'
import { ownerText } from '../../state/format/owner-text.ts'

/** How `state show` is laid out. */
export interface StateHumanOptions {
  readonly colours: Colours
  readonly columns: number
  /** Where the state is. */
  readonly place: string
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

/**
 * A state for a terminal.
 *
 * Shape: whose it is, what it holds, then mappings, sources and cohorts as tables. Ends with a line
 * end.
 */
export function renderState(summary: StateSummary, options: StateHumanOptions): string {
  const { colours } = options
  const blocks = [
    headLines(summary, options),
    countLines(summary, options),
    workerLines(summary, options),
    mappingLines(summary.mappings, colours),
    tableOf(
      ['source', 'read up to'],
      [...summary.positions].map(([source, position]) => [source, positionText(position)]),
      colours,
    ),
    tableOf(
      ['cohort', 'id'],
      [...summary.cohorts].map(([id, name]) => [name, id]),
      colours,
    ),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function headLines(
  { info }: StateSummary,
  { colours, place }: StateHumanOptions,
): readonly string[] {
  const workspace = info.workspace.split('#')[0]
  return [
    `${colours.bold(info.environment)} · ${place}`,
    colours.dim(
      `  format ${info.format} · made ${formatInstant(info.createdAt)} · Braze: ${workspace} · id ${info.id.slice(0, 8)}`,
    ),
  ]
}

function countLines(
  summary: StateSummary,
  { colours, nowMs }: StateHumanOptions,
): readonly string[] {
  const { users, bytes, lease } = summary
  const notes = [
    users.aliases > 0 ? `${formatCount(users.aliases)} by alias` : '',
    users.forgotten > 0 ? `${formatCount(users.forgotten)} more forgotten` : '',
  ]
  const rows: readonly (readonly [string, string, string])[] = [
    [
      formatCount(users.total),
      users.total === 1 ? 'user' : 'users',
      notes.filter((note) => note !== '').join(', '),
    ],
    [
      formatCount(summary.columns),
      summary.columns === 1 ? 'column' : 'columns',
      'slots of mappings, verdicts, counters',
    ],
    [
      formatBytes(bytes.snapshots + bytes.deltas),
      'of rows',
      bytes.deltas === 0
        ? ''
        : `${formatBytes(bytes.deltas)} of it in ${countOf(summary.deltas, 'delta')}`,
    ],
    [formatCount(summary.runs), summary.runs === 1 ? 'run' : 'runs', 'engage-sync history'],
    [
      formatCount(summary.deadLetters),
      summary.deadLetters === 1 ? 'dead letter' : 'dead letters',
      summary.deadLetters === 0 ? '' : 'engage-sync dead-letters',
    ],
    [
      formatCount(summary.marks),
      summary.marks === 1 ? 'open mark' : 'open marks',
      summary.marks === 0 ? '' : 'requests without an answer; the next run decides them',
    ],
    lease === null
      ? [summary.workers.length === 0 ? 'free' : colours.yellow('shared'), 'lease', '']
      : [
          colours.yellow('held'),
          'lease',
          `by ${ownerText(lease.owner)}, for ${Math.max(0, Math.round((lease.expiresAt - nowMs) / 1000))} s more unless renewed`,
        ],
  ]
  return alignRows(
    rows.map(([count, name, note]) => ['', count, name, colours.dim(note)]),
    ['left', 'right'],
  )
}

function workerLines(
  { workers, unowned }: StateSummary,
  { colours, nowMs }: StateHumanOptions,
): readonly string[] {
  const rows = workers.map(({ worker, partitions, configuration, seenAt, url }) => [
    ownerText(worker),
    String(partitions.length),
    rangesText(partitions),
    configuration === 0 ? '–' : String(configuration),
    `${Math.max(0, Math.round((nowMs - seenAt) / 1000))} s ago`,
    url ?? '',
  ])
  if (unowned.length > 0)
    rows.push(['nobody', String(unowned.length), rangesText(unowned), '', '', ''])
  return tableOf(['worker', 'owns', 'partitions', 'configuration', 'seen', 'desk'], rows, colours)
}

/** Ascending numbers as `0–7, 12`. */
function rangesText(numbers: readonly number[]): string {
  const starts = numbers.filter((number) => !numbers.includes(number - 1))
  const ends = numbers.filter((number) => !numbers.includes(number + 1))
  return zip(starts, ends)
    .map(([start, end]) => (start === end ? String(start) : `${start}–${end}`))
    .join(', ')
}

/**
 * A position in a few words: its texts and numbers by name, lists by their length. What it means
 * is its source's own business; `--format json` has all of it.
 */
function positionText(position: Json): string {
  if (typeof position !== 'object' || position === null) return String(position)
  const words = Object.entries(position).flatMap(([name, value]) => {
    if (name === 'version' || value === null || typeof value === 'boolean') return []
    if (Array.isArray(value)) return [`${name}: ${formatCount(value.length)}`]
    return typeof value === 'object' ? [] : [`${name}: ${value}`]
  })
  return words.length === 0 ? 'known' : shorten(words.join(', '), MOST_POSITION)
}

/** Characters of a position. */
const MOST_POSITION = 76

function mappingLines(mappings: readonly MappingRecord[], colours: Colours): readonly string[] {
  const rows = mappings.map(({ id, bornAt, slots, active, about }) => [
    id,
    formatInstant(bornAt),
    String(Object.keys(slots).length),
    destinationsOf(decodeAbout(about)),
    active ? '' : colours.yellow('gone'),
  ])
  return tableOf(['mapping', 'born', 'slots', 'sends', ''], rows, colours)
}

/** What a mapping becomes in Braze, in a line. */
export function destinationsOf(about: MappingAbout): string {
  const group = about.options?.['subscription_group']
  const parts = [
    about.attribute ? `attribute ${about.attribute}` : '',
    ...about.events.map((name) => `event ${name}`),
    about.cohort ? `cohort ${about.cohort}` : '',
    typeof group === 'string' ? `subscription group ${group}` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colours: Colours,
): readonly string[] {
  if (rows.length === 0) return []
  return alignRows(
    [head.map((cell) => colours.dim(cell)), ...rows].map((row) => ['', ...row]),
    [],
  )
}
