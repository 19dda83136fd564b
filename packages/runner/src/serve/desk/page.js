// The page of the live server: reads /debug/events, and shows what it says.

import { byId, bytes, clock, counted, duration, element, line, numbers } from './page-elements.js'
import { lookFor, showOwner, showWorkers } from './page-fleet.js'
import { markFrozen, showMembers } from './page-members.js'
import { clear, pause, showEntries, take, workElsewhere } from './page-records.js'

let stream = null

function tile(id, value, note) {
  const found = byId(id)
  found.querySelector('.value').textContent = value
  found.querySelector('.note').textContent = note
}

/** The latest windows as bars, by a measure. */
function spark(id, values, label) {
  const found = byId(id)
  found.querySelector('.spark')?.parentElement.remove()
  if (values.length < 2) return
  const most = Math.max(...values, 1)
  const bars = values.map((value) => {
    const bar = element('i')
    bar.style.height = `${(value / most) * 100}%`
    return bar
  })
  found.append(
    element(
      'dd',
      {},
      element('div', { class: 'spark', role: 'img', 'aria-label': label }, ...bars),
    ),
  )
}

function showState(state) {
  const reasons = state.parts.filter(({ reason }) => reason !== null)
  const failing = reasons.filter(({ ok }) => !ok)
  const band = byId('verdict')
  band.className = `band ${state.ready ? 'good' : failing.some(({ name }) => name === 'front') ? 'bad' : 'warn'}`
  band.querySelector('h1').textContent = state.ready
    ? 'It receives, and delivers within seconds'
    : failing.length > 0
      ? `Not ready: ${failing.map(({ name }) => name).join(', ')}`
      : `It is ${state.state}`
  byId('reasons').replaceChildren(
    ...reasons.map(({ name, reason: { code, message, hint } }) =>
      line(`${name}: `, element('b', { class: 'mono' }, code), ` ${message}. ${hint ?? ''}`),
    ),
    ...state.silent.map(({ source, quiet_ms: quiet }) =>
      line(
        element('b', {}, 'Silence: '),
        `nothing came to source ${source} for ${duration(quiet)}, far longer than usual.`,
      ),
    ),
  )
  const last = state.recent.at(-1)
  tile(
    'windows',
    numbers.format(state.windows),
    `${counted(state.records, 'record')}, ${counted(state.requests, 'request')}`,
  )
  tile(
    'lag',
    numbers.format(state.lag?.records ?? 0),
    `${(state.lag?.records ?? 0) === 0 ? '' : `oldest ${duration(state.lag.oldestMs)}, `}log ${bytes(state.log_bytes)}`,
  )
  tile(
    'held',
    numbers.format(state.held),
    state.held === 0 ? 'nobody waits' : 'wait for an answer, or a guard',
  )
  const took = state.recent.map((window) => window.end_to_end_ms).filter((ms) => ms !== null)
  tile(
    'speed',
    took.length === 0 ? '–' : duration(took.at(-1)),
    last === undefined ? 'no window yet' : 'of the oldest record of the last window',
  )
  spark(
    'windows',
    state.recent.map(({ records }) => records),
    'records of the latest windows',
  )
  spark('speed', took, 'seconds from arrival to commit, of the latest windows')
  showFrozen(state.frozen)
  markFrozen(new Set(state.frozen.map(({ mapping }) => mapping)))
  showFleet(state)
  const { sampled, anonymous } = state.left
  byId('left').textContent =
    sampled + anonymous === 0
      ? ''
      : `Not shown: ${counted(sampled, 'record')} left out, ${numbers.format(anonymous)} of nobody identified.`
}

/** Of a process that only receives there is nothing to tell of windows. */
function showFleet({ workers, unowned }) {
  showWorkers(workers, unowned)
  const isElsewhere = workers !== null && !workers.some(({ here }) => here)
  for (const id of ['windows', 'held', 'speed']) byId(id).hidden = isElsewhere
  workElsewhere(isElsewhere)
}

function showFrozen(frozen) {
  byId('frozen').replaceChildren(
    ...(frozen.length === 0 ? [] : [element('h2', {}, 'Held by a guard')]),
    ...frozen.map(({ mapping, guard, held, since_ms: since, allow }) =>
      element(
        'div',
        { class: 'notice warn' },
        line(
          element('b', {}, mapping),
          ` ${guard}: ${held === null ? 'changes are' : `something of ${counted(held, 'user')} is`} held since ${clock(since)} UTC. If that is meant:`,
        ),
        element('code', { class: 'command' }, allow),
      ),
    ),
  )
}

function connection(text, tone) {
  const found = byId('connection')
  if (found.textContent === text) return
  found.className = `pill ${tone}`
  found.textContent = text
}

function connect() {
  stream?.close()
  clear()
  const wishes = new URLSearchParams()
  const user = byId('user').value.trim()
  lookFor(user)
  if (user !== '') wishes.set('user', user)
  if (byId('values')?.checked) wishes.set('values', '1')
  stream = new EventSource(`/debug/events?${wishes}`)
  connection('connecting', 'warn')
  stream.addEventListener('open', () => connection('live', 'good'))
  stream.addEventListener('error', () => connection('connecting', 'warn'))
  stream.addEventListener('entry', ({ data }) => take(JSON.parse(data)))
  stream.addEventListener('owner', ({ data }) => showOwner(JSON.parse(data)))
  stream.addEventListener('members', ({ data }) => showMembers(JSON.parse(data)))
  stream.addEventListener('state', ({ data }) => showState(JSON.parse(data)))
}

// A user that was looked for on the page of another worker.
byId('user').value = new URLSearchParams(location.hash.slice(1)).get('user') ?? ''

byId('filters').addEventListener('submit', (event) => event.preventDefault())
byId('user').addEventListener('change', connect)
byId('values')?.addEventListener('change', connect)
byId('mapping').addEventListener('change', showEntries)
byId('outcome').addEventListener('change', showEntries)
byId('pause').addEventListener('click', () => {
  const isPaused = pause()
  byId('pause').setAttribute('aria-pressed', String(isPaused))
  byId('pause').textContent = isPaused ? 'Go on' : 'Pause'
})
connect()
