// Charts of the page: bars over time, and bars beside each other. Drawn as SVG attributes, which the policy of the page allows.

import { day, element, numbers, time } from './elements.js'

const SVG = 'http://www.w3.org/2000/svg'
const HEIGHT = 72
const SHOWN_BUCKETS = 120
const DAY_MS = 86_400_000

function shape(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** Bars of a series over time, with what each stretch holds as its title. */
export function timeChart({ width_ms: width, buckets }, series, word) {
  const first = buckets[0].start
  const count = Math.min(SHOWN_BUCKETS, Math.max(24, (buckets.at(-1).start - first) / width + 1))
  const most = Math.max(1, ...buckets.map((bucket) => bucket[series]))
  const bars = buckets
    .filter((bucket) => bucket[series] > 0)
    .map((bucket) => {
      const height = Math.max(1.5, (bucket[series] / most) * HEIGHT)
      const x = ((bucket.start - first) / width / count) * 1000
      const title = shape(
        'title',
        {},
        `${time(bucket.start)}: ${numbers.format(bucket[series])} ${word}`,
      )
      return shape(
        'rect',
        { x, y: HEIGHT - height, width: (1000 / count) * 0.8, height, rx: 1 },
        title,
      )
    })
  const chart = shape(
    'svg',
    { viewBox: `0 0 1000 ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' },
    ...bars,
  )
  chart.setAttribute(
    'aria-label',
    `${word} over time, at most ${numbers.format(most)} in ${stretch(width)}`,
  )
  const stamp = count * width < DAY_MS ? time : day
  const ends = element(
    'p',
    { class: 'axis' },
    element('span', {}, stamp(first)),
    element('span', {}, stamp(first + count * width)),
  )
  return [
    element('p', { class: 'soft most' }, `at most ${numbers.format(most)} in ${stretch(width)}`),
    chart,
    ends,
  ]
}

/** A length of time in the largest unit that keeps it whole. */
function stretch(milliseconds) {
  const seconds = milliseconds / 1000
  if (seconds % 60 !== 0) return seconds === 1 ? 'a second' : `${seconds} seconds`
  return seconds === 60 ? 'a minute' : `${seconds / 60} minutes`
}

/** Bars beside each other: a word, a bar, a number, each. */
export function bars(entries) {
  const most = Math.max(1, ...entries.map(([, count]) => count))
  const cells = entries.flatMap(([word, count]) => {
    const fill = shape('rect', { width: (count / most) * 100, height: 10 })
    const bar = shape(
      'svg',
      { viewBox: '0 0 100 10', preserveAspectRatio: 'none', class: 'bar', 'aria-hidden': 'true' },
      fill,
    )
    return [
      element('span', {}, word),
      bar,
      element('span', { class: 'number' }, numbers.format(count)),
    ]
  })
  return element('div', { class: 'bars' }, ...cells)
}
