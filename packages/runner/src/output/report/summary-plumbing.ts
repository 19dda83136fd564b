import type { Report } from '@engage-sync/core'
import { escapeCell } from '../formats/markdown.ts'
import { code, dotted } from '../plan/comment/inline.ts'
import type { CommentPart } from '../plan/comment/layout.ts'
import { folded, line } from '../plan/comment/tables.ts'
import { countOf, formatCount } from '../text/numbers.ts'
import { BRAZE_LINES, BRAZE_TROUBLES, RECORD_CLASSES, skippedMeaning } from './lines.ts'
import { skippedPart } from './summary-problems.ts'

/** How the run worked: syncs, records, requests, keys that no mapping wants. */
export function plumbingParts(report: Report): readonly CommentPart[] {
  return [
    syncPart(report),
    recordPart(report),
    brazePart(report),
    skippedPart(report),
    unmappedPart(report),
  ]
}

function syncPart({ syncs }: Report): CommentPart {
  const lines = syncs.map(({ sync, values, braze }) =>
    line([
      escapeCell(sync),
      dotted(values.changed),
      dotted(braze.attributes),
      dotted(braze.events),
      dotted(braze.cohort_adds),
      dotted(braze.cohort_removals),
      dotted(braze.rejected + values.rejected),
      dotted(braze.data_points),
    ]),
  )
  const head = [
    'sync',
    'changed',
    'attributes',
    'events',
    'joins',
    'leaves',
    'refused',
    'data points',
  ]
  const summary = countOf(syncs.length, 'sync', 'syncs')
  return folded({ summary, head, lines: syncs.length > 1 ? lines : [] }, 10)
}

function recordPart(report: Report): CommentPart {
  const { records } = report
  const lines = RECORD_CLASSES.filter(({ key }) => records[key] > 0).map(({ key, meaning }) =>
    line([
      key,
      formatCount(records[key]),
      escapeCell(key === 'skipped' ? skippedMeaning(report) : meaning),
    ]),
  )
  const summary = `${countOf(records.read, 'record')} read`
  return folded({ summary, head: ['records', 'count', ''], lines }, 11)
}

function brazePart({ braze }: Report): CommentPart {
  const points = { key: 'data_points' as const, name: 'data points' }
  const lines = [...BRAZE_LINES, points, ...BRAZE_TROUBLES]
    .filter(({ key }) => braze[key] > 0)
    .map(({ key, name }) => line([name, formatCount(braze[key])]))
  const summary = `${countOf(braze.requests, 'request')} sent to Braze`
  return folded({ summary, head: ['sent to Braze', 'count'], lines }, 11)
}

function unmappedPart({ unmapped }: Report): CommentPart {
  const lines = unmapped.map(({ key, count }) => line([code(key), formatCount(count)]))
  const summary = `In the data, but in no mapping: ${countOf(unmapped.length, 'key')}`
  return folded({ summary, head: ['key', 'count'], lines }, 9)
}
