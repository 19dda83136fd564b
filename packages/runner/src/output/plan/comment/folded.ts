import { readMappingId } from '@engage-sync/core'
import type { MappingView } from '../../../plan/mapping-view.ts'
import type { PlanView } from '../../../plan/view.ts'
import { rejections } from '../../../plan/view.ts'
import { escapeCell } from '../../formats/markdown.ts'
import { countOf, formatCount, formatSeconds } from '../../text/numbers.ts'
import { code, dotted } from './inline.ts'
import type { CommentPart } from './layout.ts'
import { folded, line } from './tables.ts'

/** What runs would do with or without the change: mappings that it did not touch. */
export function waitingPart({ mappings, changes, base }: PlanView): CommentPart {
  const touched = new Set(changes.map(({ mapping }) => mapping))
  const waiting = base?.waiting.mappings ?? mappings.filter(({ mapping }) => !touched.has(mapping))
  const points = waiting.reduce((sum, one) => sum + one.data_points, 0)
  const summary = `<b>Waiting anyway</b>, with or without this change: ${countOf(waiting.length, 'mapping')}, ${countOf(points, 'data point')} from new data`
  const lines = waiting
    .toSorted((a, b) => b.cohort_removals - a.cohort_removals || b.users - a.users)
    .map(
      ({ name, mapping, users, cohort_adds: joins, cohort_removals: leaves, data_points: cost }) =>
        line([
          `${escapeCell(name)} ${code(mapping)}`,
          dotted(users),
          dotted(joins),
          dotted(leaves),
          dotted(cost),
        ]),
    )
  const part = folded(
    {
      summary,
      head: ['', 'users', 'joins', 'leaves', 'data points'],
      lines: changes.length === 0 ? [] : lines,
    },
    4,
  )
  // The whole table below has them, too: it keeps the larger half of the room.
  return { ...part, render: (room) => part.render(Math.floor(room * WAITING_SHARE)) }
}

const WAITING_SHARE = 0.4
const MOST_SAMPLES = 3

/** A few users, before and after: identifiers shortened, types instead of values. */
export function samplePart({ samples }: PlanView): CommentPart {
  const shown = samples.slice(0, MOST_SAMPLES)
  const lines = shown.flatMap(({ user, attributes, events, cohorts }) => {
    const rows = [
      ...cohorts.map(({ name, member }) => [
        `_${escapeCell(name)}_`,
        member ? 'no member' : 'member',
        member ? 'member' : 'no member',
      ]),
      ...attributes.map(({ name, before, value }) => [
        escapeCell(name),
        escapeCell(typeWords(before)),
        escapeCell(typeWords(value)),
      ]),
      ...events.map((event) => [`event ${escapeCell(event)}`, '·', 'sent']),
    ]
    return rows.map((cells, index) => line([index === 0 ? code(user) : '', ...cells]))
  })
  const who = shown.length === MOST_SAMPLES ? 'Three users' : countOf(shown.length, 'user')
  const summary = `${who}, before and after: identifiers shortened, types instead of values`
  return folded({ summary, head: ['user', '', 'before', 'after'], lines }, 5)
}

/** What a hidden value is, so that nobody takes its type for it. */
export function typeWords(kind: string): string {
  return TYPE_WORDS[kind] ?? (kind.startsWith('array of ') ? `an ${kind}` : kind)
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  time: 'a time',
  object: 'an object',
  adds: 'more elements',
  removes: 'fewer elements',
}

/** Every mapping with something to send, a block a sync with its sum, and what all of it takes. */
export function fullPart({ mappings, braze }: PlanView): CommentPart {
  const syncs = Map.groupBy(mappings, ({ mapping }) => readMappingId(mapping).sync)
  const lines = [...syncs].flatMap(([sync, own]) => [
    line([`**${escapeCell(sync)}**`, ...countCells(sumOf(own)).map((cell) => `**${cell}**`)]),
    ...own.map((one) =>
      line([`${escapeCell(one.name)} ${code(readMappingId(one.mapping).key)}`, ...countCells(one)]),
    ),
  ])
  const summary = `All of it: ${countOf(mappings.length, 'mapping')} of ${countOf(syncs.size, 'sync', 'syncs')}, about ${countOf(braze.requests, 'request')}, ${formatSeconds(braze.seconds_at_limit)} at the limit`
  return folded(
    {
      summary,
      head: ['', 'new', 'changed', 'unset', 'events', 'joins', 'leaves', 'data points'],
      lines,
    },
    8,
  )
}

type Counts = Omit<MappingView, 'mapping' | 'name' | 'users' | 'members' | 'joins' | 'leaves'>

function countCells(one: Counts): readonly string[] {
  return [
    one.new,
    one.changed,
    one.unset,
    one.events,
    one.cohort_adds,
    one.cohort_removals,
    one.data_points,
  ].map(dotted)
}

function sumOf(mappings: readonly Counts[]): Counts {
  const sum = (key: keyof Counts): number => mappings.reduce((total, one) => total + one[key], 0)
  return {
    new: sum('new'),
    changed: sum('changed'),
    unset: sum('unset'),
    events: sum('events'),
    cohort_adds: sum('cohort_adds'),
    cohort_removals: sum('cohort_removals'),
    data_points: sum('data_points'),
  }
}

/** How many values a run would reject, and how many records bring nothing then. */
export function rejectedText({ values, records }: Pick<PlanView, 'values' | 'records'>): string {
  const parts = [
    ...(values.rejected > 0 ? [`${countOf(values.rejected, 'value')} would be rejected`] : []),
    ...(records.rejected > 0 ? [`${countOf(records.rejected, 'record')} could not be used`] : []),
  ]
  return parts.join('; ')
}

/** Values and records a run would reject, by reason: open, since somebody should look. */
export function rejectedPart(plan: PlanView): CommentPart {
  const lines = rejections(plan).map(({ code: reason, count, example }) =>
    line([code(reason), formatCount(count), escapeCell(example)]),
  )
  return folded(
    { summary: `⚠️ ${rejectedText(plan)}`, head: ['reason', 'count', 'for example'], lines },
    3,
  )
}

/** Keys in the data that no mapping wants: often a typo. */
export function unmappedPart({ unmapped }: PlanView): CommentPart {
  const lines = unmapped.map(({ key, count }) => line([code(key), formatCount(count)]))
  return folded(
    {
      summary: `In the data, but in no mapping: ${countOf(unmapped.length, 'key')}`,
      head: ['key', 'count'],
      lines,
    },
    6,
  )
}

/** What Segment says of the computations; only where it was asked. */
export function spacePart({ space }: PlanView): CommentPart {
  const lines = space.map(({ mapping, segment, ours, size }) =>
    line([
      code(mapping),
      escapeCell(segment ?? '·'),
      ours.mode,
      String(size?.segment ?? '·'),
      String(size?.braze ?? '·'),
    ]),
  )
  return folded(
    {
      summary: 'Segment beside Braze',
      head: ['mapping', 'in Segment', 'here', 'members in Segment', 'in Braze'],
      lines,
    },
    7,
  )
}
