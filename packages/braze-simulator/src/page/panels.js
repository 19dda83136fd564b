// The panels of the page, one a tab: each reads what it shows.

import { bars } from './charts.js'
import { clock, element, empty, note, numbers, statusPill, table } from './elements.js'
import { causesOf, change } from './history.js'
import { read } from './read.js'

const SHOWN = 100
const KIND_WORDS = {
  custom_attributes: 'Custom attributes',
  standard_attributes: 'Standard attributes',
  events: 'Events',
  purchases: 'Purchases',
  cohorts: 'Cohort changes',
}

/** The sync a cohort belongs to, of ids as engage-sync makes them; null for others. */
const syncOf = (id) => /^engage-sync:([^:]+):/.exec(id)?.[1] ?? null

/**
 * What stands below each tab.
 *
 * @param opening - how tables open details
 * @param search - only users with this id; empty for all
 */
export const PANELS = {
  async users(opening, search) {
    const { total, users } = await read(`users?limit=${SHOWN}&search=${encodeURIComponent(search)}`)
    if (users.length === 0)
      return [
        empty(
          search === ''
            ? 'No profiles yet. They appear as requests are written.'
            : 'No user has this id.',
        ),
      ]
    const columns = [
      [
        'User',
        '',
        (user) =>
          user.external_id ??
          user.user_aliases?.[0]?.alias_name ??
          user.email ??
          user.phone ??
          user.braze_id,
      ],
      ['Attributes', 'number', (user) => Object.keys(user.custom_attributes ?? {}).length],
      [
        'Events',
        'number',
        (user) =>
          numbers.format((user.custom_events ?? []).reduce((sum, { count }) => sum + count, 0)),
      ],
      ['Cohorts', '', (user) => (user.cohorts ?? []).join(', ') || '–'],
    ]
    return [
      table(users, columns, {
        keyOf: (user) => `users/${encodeURIComponent(user.external_id ?? user.braze_id)}`,
        opening,
      }),
      ...note(users.length, total, 'users'),
    ]
  },
  async cohorts(opening) {
    const [{ cohorts }, run] = await Promise.all([read('cohorts'), read('last-run')])
    if (cohorts.length === 0) return [empty('No cohorts yet. A partner makes them.')]
    const before = new Map((run.cohorts ?? []).map((cohort) => [cohort.id, cohort.before]))
    const columns = [
      ['Cohort', '', ({ name }) => name ?? 'without a name'],
      ['Sync', '', ({ id }) => syncOf(id) ?? '–'],
      ['Members', 'number', ({ members }) => numbers.format(members)],
      [
        'In the latest run',
        'number',
        ({ id, members }) => change(before.get(id) ?? members, members),
      ],
      ['Id', 'mono', ({ id }) => id],
    ]
    const bySync = Map.groupBy(cohorts, ({ id }) => syncOf(id) ?? 'of no sync')
    const sums = [...bySync].map(([sync, group]) => [
      sync,
      group.reduce((sum, { members }) => sum + members, 0),
    ])
    return [
      element('h2', {}, 'Members by sync'),
      bars(sums.toSorted(([, a], [, b]) => b - a)),
      table(cohorts, columns, { keyOf: ({ id }) => `cohorts/${encodeURIComponent(id)}`, opening }),
    ]
  },
  async requests(opening) {
    const { total, requests } = await read(`requests?limit=${SHOWN}`)
    if (requests.length === 0) return [empty('No requests yet.')]
    const columns = [
      ['#', '', ({ request }) => request],
      ['Time (UTC)', 'mono', ({ at }) => clock(at)],
      ['Path', 'mono', ({ path }) => path],
      ['Status', '', ({ status }) => statusPill(status)],
      ['Attributes', 'number', ({ attributes }) => attributes || '–'],
      ['Events', 'number', ({ events }) => events || '–'],
      ['Errors', 'number', ({ errors }) => errors || '–'],
      ['Points', 'number', ({ points }) => points ?? '–'],
      ['Faults', '', ({ faults }) => faults.join(', ') || '–'],
    ]
    return [
      table(requests.toReversed(), columns, {
        keyOf: ({ request }) => `requests/${request}`,
        opening,
      }),
      ...note(requests.length, total, 'requests, latest first'),
    ]
  },
  async ledger(opening) {
    const { total, kinds, requests } = await read('ledger')
    if (total === 0) return [empty('Nothing has cost a data point yet.')]
    const costly = requests.filter((entry) => entry.total > 0).toReversed()
    const columns = [
      ['#', '', ({ request }) => request],
      ['Path', 'mono', ({ path }) => path],
      ...Object.entries(KIND_WORDS).map(([kind, word]) => [
        word,
        'number',
        (entry) => entry[kind] || '–',
      ]),
      ['Total', 'number', (entry) => numbers.format(entry.total)],
    ]
    return [
      bars(Object.entries(kinds).map(([kind, points]) => [KIND_WORDS[kind], points])),
      table(costly.slice(0, SHOWN), columns, {
        keyOf: ({ request }) => `requests/${request}`,
        opening,
      }),
      ...note(Math.min(SHOWN, costly.length), costly.length, 'kept requests, latest first'),
    ]
  },
  async drops() {
    const { total, causes, is_complete: isComplete, drops } = await read('drops')
    if (total === 0) return [empty('Nothing was dropped in silence.')]
    const older = isComplete
      ? []
      : [
          element(
            'p',
            { class: 'note' },
            'Causes are those since it started; the total is of all time.',
          ),
        ]
    const columns = [
      ['Reason', '', ({ reason }) => reason.replaceAll('_', ' ')],
      ['Name', 'mono', ({ name }) => name ?? 'whole object'],
      ['User', '', ({ user }) => user ?? '–'],
      ['Place', 'mono', ({ input, index }) => `${input}[${index}]`],
      ['Request', 'number', ({ request }) => request],
    ]
    const latest = drops.toReversed().slice(0, SHOWN)
    const explained = element('div', { class: 'causes' }, ...causesOf(causes))
    return [
      explained,
      ...older,
      ...(latest.length === 0 ? [] : [table(latest, columns)]),
      ...note(latest.length, total, 'entries, latest first'),
    ]
  },
}
