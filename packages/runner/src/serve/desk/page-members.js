// Members over time, one small chart a membership.

import { byId, counted, duration, element, numbers, pill } from './page-elements.js'

const WIDTH = 240
const HEIGHT = 40
/** Frozen memberships, by id. */
let frozen = new Set()
let shown = null

function svg(tag, properties, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** Points of the counts that are known, over the whole time; a flat line stands in the middle. */
function pointsOf(times, counts) {
  const first = times.at(0)
  const span = Math.max(1, times.at(-1) - first)
  const known = counts.filter((count) => count !== null)
  const least = Math.min(...known)
  const range = Math.max(...known) - least
  return counts.flatMap((count, at) => {
    if (count === null) return []
    const x = ((times[at] - first) / span) * WIDTH
    const share = range === 0 ? 0.5 : (count - least) / range
    return [[x, HEIGHT - 3 - share * (HEIGHT - 6)]]
  })
}

function chart(times, counts, label) {
  const points = pointsOf(times, counts)
  const text = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
  const [from, to] = [points.at(0)[0].toFixed(1), points.at(-1)[0].toFixed(1)]
  return svg(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': label,
    },
    svg('polygon', { class: 'area', points: `${from},${HEIGHT} ${text} ${to},${HEIGHT}` }),
    svg('polyline', { class: 'line', points: text }),
  )
}

function member(times, { id, counts }) {
  const known = counts.filter((count) => count !== null)
  const now = known.at(-1)
  const change = now - known.at(0)
  const first = times[counts.findIndex((count) => count !== null)]
  const sign = change > 0 ? '+' : change < 0 ? '−' : '±'
  const since = `${sign}${numbers.format(Math.abs(change))} in ${duration(times.at(-1) - first)}`
  const label = `${id}: ${counted(now, 'member')}, ${since}`
  return element(
    'div',
    { class: frozen.has(id) ? 'member frozen' : 'member' },
    element('div', { class: 'id' }, id, ...(frozen.has(id) ? [' ', pill('frozen', 'warn')] : [])),
    element('div', { class: 'now' }, numbers.format(now)),
    element('div', { class: 'since' }, known.length < 2 ? 'counted once so far' : since),
    ...(known.length < 2 ? [] : [chart(times, counts, label)]),
  )
}

/** Which memberships are marked. */
export function markFrozen(ids) {
  if (ids.size === frozen.size && [...ids].every((id) => frozen.has(id))) return
  frozen = ids
  if (shown !== null) showMembers(shown)
}

export function showMembers(members) {
  shown = members
  const { times_ms: times, memberships, left } = members
  const all = memberships.filter(({ counts }) => counts.some((count) => count !== null))
  byId('members').hidden = all.length === 0
  const more =
    left === 0
      ? []
      : [element('p', { class: 'soft small' }, `${counted(left, 'membership')} more.`)]
  byId('memberships').replaceChildren(...all.map((each) => member(times, each)), ...more)
}
