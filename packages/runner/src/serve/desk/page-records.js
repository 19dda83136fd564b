// The records on the page of the live server, each with what happened to it.

import { byId, clock, duration, element, line, pill } from './page-elements.js'

const MOST = 200
const TONES = {
  accepted: 'good',
  sent: 'plain',
  waiting: 'quiet',
  held: 'warn',
  'nothing to send': 'quiet',
  skipped: 'quiet',
  refused: 'bad',
  failed: 'bad',
  rejected: 'warn',
}
const entries = new Map()
const shown = new Map()
const NOTHING = 'Nothing came since you look.'
const ELSEWHERE =
  'This process only receives. The pages of its workers show what becomes of the records.'
let nothing = NOTHING
let isPaused = false
let pending = null

/** When the last thing happened to a record. */
const lastOf = (entry) =>
  Math.max(
    entry.came_ms,
    entry.ended_ms ?? 0,
    ...entry.requests.map((one) => one.answered_ms ?? one.sent_ms),
  )

function step(title, at, tone, ...content) {
  const head = element('h3', {}, title, at === null ? null : element('span', { class: 'soft' }, at))
  return element('li', { class: tone }, head, ...content)
}

const json = (value) => element('pre', { tabindex: '0' }, JSON.stringify(value, null, 2))

function decodedStep(entry) {
  const { event } = entry
  const facts = [
    ...(entry.rejected.length > 0 ? [] : entry.reasons).map(({ code, message }) =>
      line(element('code', {}, code), ` ${message}`),
    ),
    ...entry.unmapped.map((key) => line(element('code', {}, key), ' is in no mapping')),
    ...entry.rejected.map(({ mapping, code, message }) =>
      line(element('code', {}, code), ` ${mapping ?? ''} ${message}`),
    ),
  ]
  const said =
    event === null
      ? 'no event of Engage'
      : `${event.kind} ${event.key}, ${event.call} of ${event.time}`
  const tone = entry.rejected.length > 0 ? 'warn' : facts.length > 0 ? '' : 'good'
  return step('Decoded', null, tone, line(said), ...facts)
}

function mappedStep({ mappings }) {
  if (mappings.length === 0) return step('Mapped', null, '', line('to nothing'))
  const lines = mappings.map(({ id, place, becomes }) =>
    line(
      element('b', {}, id),
      ` → ${becomes ?? ''} `,
      element('code', { class: 'soft' }, place ?? ''),
    ),
  )
  return step('Mapped', null, 'good', ...lines)
}

const BECAME = {
  unchanged: 'Braze has this value.',
  duplicate: 'It came before.',
  stale: 'Something newer is known.',
}

/** What changes a membership that is held waits, whatever else of the record goes on. */
function heldSteps({ held_by: heldBy }) {
  if (heldBy.length === 0) return []
  const why = heldBy.length === 1 ? 'It is held by a guard' : 'They are held by a guard'
  const until = `${why}: what changes that waits, and is delivered once it is allowed.`
  return [step('Held', null, 'warn', line(element('b', {}, heldBy.join(', '))), line(until))]
}

function requestSteps(entry) {
  if (entry.requests.length === 0) {
    if (entry.ended_ms === null) return [step('Waits for its window', null, 'warn')]
    if (entry.held_by.length > 0) return []
    const why =
      entry.outcome === 'rejected' || entry.outcome === 'skipped'
        ? 'Nothing of it is a value for Braze.'
        : (BECAME[entry.became] ?? 'Braze has it, or something newer.')
    return [step('Nothing to send', `+${duration(entry.ended_ms - entry.came_ms)}`, '', line(why))]
  }
  return entry.requests.flatMap(({ path, body, sent_ms: sent, answered_ms: answered, answers }) => [
    step(`Sent to ${path}`, `+${duration(sent - entry.came_ms)}`, 'good', ...body.map(json)),
    answers === null
      ? step('No answer yet', null, 'warn')
      : step(
          'Braze answered',
          `+${duration(answered - entry.came_ms)}, after ${duration(answered - sent)}`,
          answers.every((answer) => answer === 'accepted') ? 'good' : 'bad',
          ...[...new Set(answers)].map((answer) => line(answer)),
        ),
  ])
}

function steps(entry) {
  const record = element('details', {}, element('summary', {}, 'record'), json(entry.record))
  return element(
    'ol',
    { class: 'steps' },
    step('Came', `${clock(entry.came_ms)} UTC, source ${entry.source}`, 'good', record),
    decodedStep(entry),
    mappedStep(entry),
    ...requestSteps(entry),
    ...heldSteps(entry),
    entry.ended_ms === null
      ? null
      : step('Committed', `+${duration(entry.ended_ms - entry.came_ms)}`, 'good'),
  )
}

function summary(entry) {
  const { event } = entry
  const what = event === null ? 'no event of Engage' : `${event.kind} ${event.key}`
  return [
    element('span', { class: 'mono soft' }, clock(entry.came_ms)),
    element('span', { class: 'mono' }, entry.user),
    element('span', { class: 'what' }, what),
    pill(entry.outcome, TONES[entry.outcome] ?? 'plain'),
    element('span', { class: 'took' }, duration(lastOf(entry) - entry.came_ms)),
  ]
}

/** The element of an entry; one that is open stays so, and is filled anew. */
function show(entry) {
  let found = shown.get(entry.id)
  if (found === undefined) {
    found = element('details', { class: 'entry', 'data-id': entry.id }, element('summary'))
    const filled = found
    found.addEventListener('toggle', () => fill(filled))
    shown.set(entry.id, found)
  }
  found.querySelector('summary').replaceChildren(...summary(entry))
  fill(found)
  return found
}

function fill(found) {
  const entry = entries.get(Number(found.dataset.id))
  const before = found.querySelector(':scope > .steps')
  if (!found.open || entry === undefined) return before?.remove()
  const isOpen = before?.querySelector('details')?.open === true
  const now = steps(entry)
  now.querySelector('details').open = isOpen
  if (before) before.replaceWith(now)
  else found.append(now)
}

function isWanted(entry) {
  const [mapping, outcome] = [byId('mapping').value, byId('outcome').value]
  return (
    (mapping === '' || entry.mappings.some(({ id }) => id === mapping)) &&
    (outcome === '' || entry.outcome === outcome)
  )
}

/** At most once a frame, however much comes. */
function showSoon() {
  pending ??= requestAnimationFrame(() => {
    pending = null
    if (!isPaused) showEntries()
  })
}

export function showEntries() {
  const list = byId('entries')
  const wanted = [...entries.values()].filter(isWanted).toReversed()
  if (wanted.length === 0) {
    const text = entries.size === 0 ? nothing : 'Nothing fits the filters.'
    return list.replaceChildren(element('p', { class: 'empty' }, text))
  }
  const elements = wanted.map(show)
  const isSame =
    list.children.length === elements.length &&
    elements.every((one, at) => list.children[at] === one)
  if (!isSame) list.replaceChildren(...elements)
}

export function take(entry) {
  entries.delete(entry.id)
  entries.set(entry.id, entry)
  for (const id of [...entries.keys()].slice(0, Math.max(0, entries.size - MOST))) {
    entries.delete(id)
    shown.delete(id)
  }
  showSoon()
}

/** Whether others work on all that comes, so that nothing is to be seen here. */
export function workElsewhere(isElsewhere) {
  const text = isElsewhere ? ELSEWHERE : NOTHING
  if (text === nothing) return
  nothing = text
  showSoon()
}

/** Nothing came yet. */
export function clear() {
  entries.clear()
  shown.clear()
  showSoon()
}

/** Shows nothing new until it goes on; whether it is paused now. */
export function pause() {
  isPaused = !isPaused
  if (!isPaused) showEntries()
  return isPaused
}
