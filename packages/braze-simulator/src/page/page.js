// The page of the simulator: reads `/simulator/…`, and again whenever the server says that something changed.

import { detailOf } from './details.js'
import { element, numbers, sparkline } from './elements.js'
import { lastRun, overTime } from './history.js'
import { PANELS } from './panels.js'
import { read } from './read.js'

/** Tiles: title, value, and what stands below it. All are of all time: a store outlives its process. */
const TILES = {
  users: ['Users', ({ users }) => users, () => 'profiles'],
  cohorts: ['Cohorts', ({ cohorts }) => cohorts, () => ''],
  requests: [
    'Requests',
    (summary) => summary.all_requests,
    ({ requests }) => `${numbers.format(requests)} since it started`,
  ],
  objects: [
    'Objects',
    ({ written }) => sumOf(written),
    ({ objects }) => `${numbers.format(sumOf(objects))} since it started`,
  ],
  data_points: ['Data points', (summary) => summary.data_points, () => 'spent'],
  drops: ['Dropped', ({ drops }) => drops, () => 'not stored'],
}
const HISTORY = 60

const byId = (id) => document.getElementById(id)
const sumOf = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0)
const state = {
  tab: 'users',
  open: null,
  search: '',
  history: {},
  series: 'requests',
  isLoading: false,
  isStale: false,
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
        element('dd', { class: 'value' }, numbers.format(valueOf(summary))),
        element('dd', { class: 'sub' }, noteOf(summary), ...sparkline(history)),
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
  if (pressed !== null)
    [...place.querySelectorAll('button')]
      .find(({ textContent }) => textContent === pressed)
      ?.focus()
}

/** How tables open details. */
const opening = { isOpen: (key) => state.open === key, open: (key) => open(key) }

async function showDetail() {
  const detail = byId('detail')
  const key = state.open
  const found = key === null ? null : await read(key)
  if (state.open !== key) return
  detail.hidden = found === null
  if (found === null) return
  const close = element(
    'button',
    { type: 'button', class: 'close', onclick: () => open(null) },
    'Close',
  )
  const top = detail.scrollTop
  detail.replaceChildren(close, ...detailOf(key, found))
  detail.scrollTop = top
}

async function open(key) {
  state.open = key
  for (const row of document.querySelectorAll('tr[data-open]'))
    row.setAttribute('aria-selected', String(row.dataset.open === key))
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
    const content = await PANELS[state.tab](opening, state.search)
    byId('panel').replaceChildren(...content)
    if (focused !== undefined)
      document
        .querySelector(`tr[data-open="${CSS.escape(focused)}"] button`)
        ?.focus({ preventScroll: true })
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
