// What happened: the latest run before and after, counts over time, drops by cause.

import { timeChart } from './charts.js'
import { element, numbers, time } from './elements.js'

const TOTALS = {
  users: 'Users',
  requests: 'Requests',
  data_points: 'Data points',
  drops: 'Dropped',
}
const SERIES = {
  requests: 'Requests',
  objects: 'Objects',
  data_points: 'Data points',
  drops: 'Dropped',
}

/** How much a number rose or fell, with its sign. */
export function change(before, after) {
  const difference = after - before
  return difference === 0
    ? 'unchanged'
    : `${difference > 0 ? '+' : '−'}${numbers.format(Math.abs(difference))}`
}

/** The latest run: totals before and after it, and the cohorts it changed. */
export function lastRun(run) {
  if (run === null || run.started_at === null) return []
  const facts = Object.entries(TOTALS).map(([name, word]) =>
    fact(word, [run.before[name], run.after[name]], name === 'drops'),
  )
  const changed = run.cohorts.filter(({ before, after }) => before !== after)
  const cohorts = changed
    .slice(0, 6)
    .map(({ id, name, before, after }) => fact(name ?? id, [before, after]))
  const more =
    changed.length > 6
      ? [element('p', { class: 'note' }, `and ${changed.length - 6} cohorts more`)]
      : []
  const when = `${time(run.started_at)} to ${time(run.latest_at)} UTC`
  return [
    element('h2', {}, 'Latest run ', element('span', { class: 'soft' }, when)),
    element('dl', { class: 'facts' }, ...facts),
    ...(cohorts.length === 0
      ? []
      : [
          element('h3', {}, 'Members of cohorts'),
          element('dl', { class: 'facts' }, ...cohorts),
          ...more,
        ]),
  ]
}

function fact(word, [before, after], isBad = false) {
  const rose = after > before
  const kind = after === before ? 'soft' : isBad && rose ? 'change warn' : 'change'
  return element(
    'div',
    {},
    element('dt', {}, word),
    element('dd', { class: 'value' }, numbers.format(after)),
    element(
      'dd',
      { class: 'sub' },
      element('span', { class: kind }, change(before, after)),
      after === before ? '' : ` from ${numbers.format(before)}`,
    ),
  )
}

/** Counts over time, one series at a time. */
export function overTime(timeline, series, choose) {
  if (timeline === null || timeline.buckets.length === 0) return []
  const buttons = Object.entries(SERIES).map(([name, word]) =>
    element(
      'button',
      { type: 'button', 'aria-pressed': String(name === series), onclick: () => choose(name) },
      word,
    ),
  )
  return [
    element(
      'div',
      { class: 'head' },
      element('h2', {}, 'Over time'),
      element('div', { class: 'choice' }, ...buttons),
    ),
    ...timeChart(timeline, series, SERIES[series].toLowerCase()),
  ]
}

/** Each cause of drops: how often, of what, and what it means. */
export function causesOf(causes) {
  const byReason = Map.groupBy(causes, ({ reason }) => reason)
  return [...byReason].map(([reason, group]) => {
    const count = group.reduce((sum, cause) => sum + cause.count, 0)
    const names = group.map(
      ({ name, input, count: times }) => `${name ?? input} × ${numbers.format(times)}`,
    )
    const shown = names.slice(0, 8).map((name) => element('span', { class: 'pill' }, name))
    const more =
      names.length > 8 ? [element('span', { class: 'soft' }, `and ${names.length - 8} more`)] : []
    return element(
      'section',
      { class: 'cause' },
      element(
        'h2',
        {},
        element('span', { class: 'pill warn' }, numbers.format(count)),
        reason.replaceAll('_', ' '),
      ),
      element('p', {}, group[0].text.replaceAll('`', '')),
      element('p', { class: 'pills' }, ...shown, ...more),
    )
  })
}
