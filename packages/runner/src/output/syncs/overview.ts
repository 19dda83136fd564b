import { zip } from '@engage-sync/core'
import type { Colours } from '../text/colours.ts'
import { countOf } from '../text/numbers.ts'
import { safeLine } from '../text/safe-text.ts'
import type { SyncOverview, UnitOverview } from './sync-overview.ts'
import { alignRows } from '../text/table.ts'

/** What Segment says of a mapping, by its id; shown below it. */
export type Remarks = ReadonlyMap<string, readonly string[]>

const NO_REMARKS: Remarks = new Map()

/**
 * Syncs at a glance, for a terminal: what each mapping becomes in Braze, and whether it is real
 * time or scheduled.
 *
 * Shape: a block each, parted by an empty line; the reason stands below what is scheduled. Ends
 * with a line end.
 */
export function renderOverviews(
  syncs: readonly SyncOverview[],
  colours: Colours,
  remarks: Remarks = NO_REMARKS,
): string {
  const blocks = syncs.map(
    (sync) => `${[headline(sync, colours), ...unitLines(sync, colours, remarks)].join('\n')}\n`,
  )
  const hasScheduled = syncs.some(({ mappings }) =>
    mappings.some(({ timing }) => timing.mode === 'scheduled'),
  )
  const legend = [
    '  real time  changes only when Segment sends something: a run over the new events is enough',
    ...(hasScheduled ? ['  scheduled  changes as time passes too; each run looks again'] : []),
    ...(syncs.some(({ mappings }) => mappings.some(isUntyped))
      ? ['  as it comes  no `type:`: Braze keeps that of the first value, and drops what differs']
      : []),
  ]
  return `${[...blocks, `${colours.dim(legend.join('\n'))}\n`].join('\n')}`
}

function headline(
  { name, enabled, source, owner, tags, description }: SyncOverview,
  colours: Colours,
): string {
  const facts = [
    `from ${source}`,
    ...(owner === null ? [] : [owner]),
    ...tags.map((tag) => `#${tag}`),
  ].map(safeLine)
  const off = enabled ? '' : `  ${colours.yellow('disabled')}`
  const first = `${colours.bold(name)}${off}  ${colours.dim(facts.join(' · '))}`
  return description === null ? first : `${first}\n  ${safeLine(description)}`
}

function unitLines(sync: SyncOverview, colours: Colours, remarks: Remarks): readonly string[] {
  const rows = sync.mappings.map((unit) => [
    '',
    colours.dim(unit.kind),
    safeLine(unit.key),
    timing(unit, colours),
    safeLine(becomes(unit)),
  ])
  const lines = alignRows(rows, [])
  return zip(sync.mappings, lines).flatMap(([unit, line]) => {
    const reason = unit.timing.mode === 'scheduled' ? [unit.timing.reason] : []
    const notes = [...reason, ...(remarks.get(unit.id) ?? [])]
    return [line, ...notes.map((note) => `      ${colours.dim(safeLine(note))}`)]
  })
}

function timing({ timing: { mode } }: UnitOverview, colours: Colours): string {
  return mode === 'scheduled' ? colours.yellow(mode) : colours.green(mode)
}

/** Of a trait whose type nobody said, Braze decides by the first value. */
function isUntyped({ kind, attribute, type }: Pick<UnitOverview, 'kind' | 'attribute' | 'type'>) {
  return (kind === 'trait' || kind === 'enrichment') && attribute !== null && type === null
}

function typeText(unit: Pick<UnitOverview, 'kind' | 'attribute' | 'type'>): string {
  if (isUntyped(unit)) return ' (as it comes)'
  return unit.type === null ? '' : ` (${unit.type})`
}

/** What a mapping becomes in Braze, in words. */
export function becomes({
  kind,
  attribute,
  type,
  events,
  cohort,
  subscription_group: group,
}: UnitOverview): string {
  const parts = [
    ...(attribute === null ? [] : [`attribute ${attribute}${typeText({ kind, attribute, type })}`]),
    ...(events.length === 0
      ? []
      : [`${events.length === 1 ? 'event' : 'events'} ${events.join(' / ')}`]),
    ...(cohort === null ? [] : [`cohort ${cohort}`]),
    ...(group === null ? [] : [`subscription group ${group}`]),
  ]
  return parts.length === 0 ? 'not sent; filters read it' : parts.join(', ')
}

/** One line: how many syncs and mappings there are. */
export function overviewCounts(syncs: readonly SyncOverview[]): string {
  const mappings = syncs.flatMap((sync) => sync.mappings)
  const segments = mappings.filter(({ kind }) => kind === 'segment').length
  return `${countOf(syncs.length, 'sync')}, ${countOf(mappings.length - segments, 'mapping')}, ${countOf(segments, 'segment')}`
}
