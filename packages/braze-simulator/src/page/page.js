// The page of the simulator: reads `/simulator/…`, and again whenever the server says that something changed.

import { bars } from './charts.js'
import { clock, element, empty, note, numbers, pairs, sparkline, statusPill, table } from './elements.js'
import { causesOf, change, lastRun, overTime } from './history.js'

/** Tiles: title, value, and what stands below it. All are of all time: a store outlives its process. */
const TILES = {
  users: ['Users', ({ users }) => users, () => 'profiles'],
  cohorts: ['Cohorts', ({ cohorts }) => cohorts, () => ''],
  requests: ['Requests', (summary) => summary.all_requests, ({ requests }) => `${numbers.format(requests)} since it started`],
  objects: ['Objects', ({ written }) => sumOf(written), ({ objects }) => `${numbers.format(sumOf(objects))} since it started`],
  data_points: ['Data points', (summary) => summary.data_points, () => 'spent'],
  drops: ['Dropped', ({ drops }) => drops, () => 'not stored'],
}
const KIND_WORDS = {
  custom_attributes: 'Custom attributes',
  standard_attributes: 'Standard attributes',
  events: 'Events',
  purchases: 'Purchases',
  cohorts: 'Cohort changes',
}
const HISTORY = 60
const SHOWN = 100

const byId = (id) => document.getElementById(id)
const sumOf = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0)
const state = { tab: 'users', open: null, search: '', history: {}, series: 'requests', isLoading: false, isStale: false }

async function read(path) {
  const response = await fetch(`/simulator/${path}`)
  return response.ok ? response.json() : null
}

function showTiles(summary) {
  byId('tiles').replaceChildren(
    ...Object.entries(TILES).map(([name, [title, valueOf, noteOf]]) => {
      const history = (state.history[name] ??= [])
      history.push(valueOf(summary))
      if (history.length > HISTORY) history.shift()
      return element(
        'dl',
        { class: 'tile', 'data-tile': name },
        element('dt', {}, title),
        element('dd', {}, numbers.format(valueOf(summary))),
        element('small', {}, noteOf(summary)),
        ...sparkline(history),
      )
    }),
  )
}

async function showHistory() {
  const [run, timeline] = await Promise.all([read('last-run'), read('timeline')])
  fill('run', lastRun(run))
  fill(
    'time',
    overTime(timeline, state.series, (series) => {
      state.series = series
      showHistory()
    }),
  )
}

function fill(id, content) {
  const place = byId(id)
  const pressed = place.contains(document.activeElement) ? document.activeElement.textContent : null
  place.hidden = content.length === 0
  place.replaceChildren(...content)
  if (pressed !== null) [...place.querySelectorAll('button')].find(({ textContent }) => textContent === pressed)?.focus()
}

/** The sync a cohort belongs to, of ids as engage-sync makes them; null for others. */
const syncOf = (id) => /^engage-sync:([^:]+):/.exec(id)?.[1] ?? null

/** How tables open details. */
const opening = { isOpen: (key) => state.open === key, open: (key) => open(key) }

const PANELS = {
  async users() {
    const { total, users } = await read(`users?limit=${SHOWN}&search=${encodeURIComponent(state.search)}`)
    if (users.length === 0)
      return [empty(state.search === '' ? 'No profiles yet. They appear as requests are written.' : 'No user has this id.')]
    const columns = [
      ['User', '', (user) => user.external_id ?? user.user_aliases?.[0]?.alias_name ?? user.email ?? user.phone ?? user.braze_id],
      ['Attributes', 'number', (user) => Object.keys(user.custom_attributes ?? {}).length],
      ['Events', 'number', (user) => numbers.format((user.custom_events ?? []).reduce((sum, { count }) => sum + count, 0))],
      ['Cohorts', '', (user) => (user.cohorts ?? []).join(', ') || '–'],
    ]
    return [
      table(users, columns, (user) => `users/${encodeURIComponent(user.external_id ?? user.braze_id)}`, opening),
      ...note(users.length, total, 'users'),
    ]
  },
  async cohorts() {
    const [{ cohorts }, run] = await Promise.all([read('cohorts'), read('last-run')])
    if (cohorts.length === 0) return [empty('No cohorts yet. A partner makes them.')]
    const before = new Map((run.cohorts ?? []).map((cohort) => [cohort.id, cohort.before]))
    const columns = [
      ['Cohort', '', ({ name }) => name ?? 'without a name'],
      ['Sync', '', ({ id }) => syncOf(id) ?? '–'],
      ['Members', 'number', ({ members }) => numbers.format(members)],
      ['In the latest run', 'number', ({ id, members }) => change(before.get(id) ?? members, members)],
      ['Id', 'mono', ({ id }) => id],
    ]
    const bySync = Map.groupBy(cohorts, ({ id }) => syncOf(id) ?? 'of no sync')
    const sums = [...bySync].map(([sync, group]) => [sync, group.reduce((sum, { members }) => sum + members, 0)])
    return [
      element('h2', {}, 'Members by sync'),
      bars(sums.toSorted(([, a], [, b]) => b - a)),
      table(cohorts, columns, ({ id }) => `cohorts/${encodeURIComponent(id)}`, opening),
    ]
  },
  async requests() {
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
      table(requests.toReversed(), columns, ({ request }) => `requests/${request}`, opening),
      ...note(requests.length, total, 'requests, latest first'),
    ]
  },
  async ledger() {
    const { total, kinds, requests } = await read('ledger')
    if (total === 0) return [empty('Nothing has cost a data point yet.')]
    const costly = requests.filter((entry) => entry.total > 0).toReversed()
    const columns = [
      ['#', '', ({ request }) => request],
      ['Path', 'mono', ({ path }) => path],
      ...Object.entries(KIND_WORDS).map(([kind, word]) => [word, 'number', (entry) => entry[kind] || '–']),
      ['Total', 'number', (entry) => numbers.format(entry.total)],
    ]
    return [
      bars(Object.entries(kinds).map(([kind, points]) => [KIND_WORDS[kind], points])),
      table(costly.slice(0, SHOWN), columns, ({ request }) => `requests/${request}`, opening),
      ...note(Math.min(SHOWN, costly.length), costly.length, 'kept requests, latest first'),
    ]
  },
  async drops() {
    const { total, causes, is_complete: isComplete, drops } = await read('drops')
    if (total === 0) return [empty('Nothing was dropped in silence.')]
    const older = isComplete ? [] : [element('p', { class: 'note' }, 'Causes are those since it started; the total is of all time.')]
    const columns = [
      ['Reason', '', ({ reason }) => reason.replaceAll('_', ' ')],
      ['Name', 'mono', ({ name }) => name ?? 'whole object'],
      ['User', '', ({ user }) => user ?? '–'],
      ['Place', 'mono', ({ input, index }) => `${input}[${index}]`],
      ['Request', 'number', ({ request }) => request],
    ]
    const latest = drops.toReversed().slice(0, SHOWN)
    const explained = element('div', { class: 'causes' }, ...causesOf(causes))
    return [explained, ...older, table(latest, columns), ...note(latest.length, total, 'entries, latest first')]
  },
}

function userDetail(user) {
  const { custom_attributes: custom, custom_events: events, cohorts, user_aliases: aliases, purchases: _, devices, ...standard } = user
  const part = (title, content, isThere) => (isThere ? [element('h3', {}, title), content] : [])
  const eventTimes = Object.fromEntries(events.map(({ name, count, last }) => [name, `${numbers.format(count)} × last ${last}`]))
  return [
    element('h2', {}, user.external_id ?? 'Anonymous user'),
    pairs(standard),
    ...part('Custom attributes', pairs(custom), Object.keys(custom).length > 0),
    ...part('Events', pairs(eventTimes), events.length > 0),
    ...part(
      'Cohorts',
      element('p', { class: 'pills' }, ...cohorts.map((name) => element('span', { class: 'pill' }, name))),
      cohorts.length > 0,
    ),
    ...part(
      'Aliases',
      pairs(Object.fromEntries((aliases ?? []).map((alias) => [alias.alias_label, alias.alias_name]))),
      aliases !== undefined,
    ),
    ...part(
      'Devices',
      pairs(Object.fromEntries((devices ?? []).map(({ device_id: id }, index) => [index + 1, id]))),
      devices !== undefined,
    ),
  ]
}

function otherDetail(kind, found) {
  if (kind === 'cohorts')
    return [
      element('h2', {}, found.name ?? found.id),
      element('p', { class: 'soft' }, `${numbers.format(found.members)} members`),
      element('p', { class: 'pills' }, ...found.member_ids.slice(0, SHOWN).map((id) => element('span', { class: 'pill' }, id))),
      ...note(Math.min(SHOWN, found.member_ids.length), found.members, 'members'),
    ]
  const { body, request, path, at, ...rest } = found
  const facts = Object.entries(rest).filter(([, value]) => value !== 0 && value !== null && !(Array.isArray(value) && value.length === 0))
  return [
    element('h2', {}, `Request ${request}`),
    element('p', {}, element('code', {}, path)),
    pairs({ received: new Date(at).toISOString(), ...Object.fromEntries(facts) }),
    element('h3', {}, 'Body'),
    element('pre', {}, JSON.stringify(body, null, 2)),
  ]
}

async function showDetail() {
  const detail = byId('detail')
  const key = state.open
  const found = key === null ? null : await read(key)
  if (state.open !== key) return
  detail.hidden = found === null
  if (found === null) return
  const kind = key.split('/')[0]
  const close = element('button', { type: 'button', class: 'close', onclick: () => open(null) }, 'Close')
  const top = detail.scrollTop
  detail.replaceChildren(close, ...(kind === 'users' ? userDetail(found) : otherDetail(kind, found)))
  detail.scrollTop = top
}

async function open(key) {
  state.open = key
  for (const row of document.querySelectorAll('tr[data-open]')) row.setAttribute('aria-selected', String(row.dataset.open === key))
  await showDetail()
}

async function show() {
  if (state.isLoading) {
    state.isStale = true
    return
  }
  state.isLoading = true
  try {
    const focused = document.activeElement?.closest('tr[data-open]')?.dataset.open
    const content = await PANELS[state.tab]()
    byId('panel').replaceChildren(...content)
    if (focused !== undefined) document.querySelector(`tr[data-open="${CSS.escape(focused)}"] button`)?.focus({ preventScroll: true })
    await showDetail()
  } finally {
    state.isLoading = false
  }
  if (!state.isStale) return
  state.isStale = false
  await show()
}

function choose(tab) {
  state.tab = tab
  state.open = null
  byId('search').hidden = tab !== 'users'
  byId('panel').setAttribute('aria-labelledby', `tab-${tab}`)
  for (const button of document.querySelectorAll('[role=tab]')) {
    const isChosen = button.dataset.tab === tab
    button.setAttribute('aria-selected', String(isChosen))
    button.tabIndex = isChosen ? 0 : -1
  }
  history.replaceState(null, '', `#${tab}`)
  return show()
}

function moveTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (step === undefined) return
  const tabs = [...document.querySelectorAll('[role=tab]')]
  const next = tabs[(tabs.indexOf(event.currentTarget) + step + tabs.length) % tabs.length]
  next.focus()
  choose(next.dataset.tab)
}

function listen() {
  const live = byId('live')
  const source = new EventSource('/simulator/events')
  source.addEventListener('open', () => {
    live.textContent = 'live'
    live.className = 'live on'
  })
  source.addEventListener('error', () => {
    live.textContent = 'not reachable, trying again'
    live.className = 'live off'
  })
  source.addEventListener('summary', (event) => {
    showTiles(JSON.parse(event.data))
    showHistory()
    show()
  })
}

byId('address').textContent = location.origin
for (const button of document.querySelectorAll('[role=tab]')) {
  button.addEventListener('click', () => choose(button.dataset.tab))
  button.addEventListener('keydown', moveTab)
}
byId('search').addEventListener('input', (event) => {
  state.search = event.target.value
  show()
})
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') open(null)
})
choose(location.hash.slice(1) in PANELS ? location.hash.slice(1) : 'users')
listen()
