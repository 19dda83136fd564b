// Elements of the page. Text stays text: nothing is ever read as markup.

export const numbers = new Intl.NumberFormat('en')

/** An element with text or children. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else if (value !== null && value !== undefined) made.setAttribute(name, value)
  }
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))))
  return made
}

export function sparkline(history) {
  const [least, most] = [Math.min(...history), Math.max(...history)]
  if (history.length < 3 || most === least) return []
  const namespace = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(namespace, 'svg')
  const line = document.createElementNS(namespace, 'polyline')
  const points = history.map(
    (value, index) =>
      `${(index / (history.length - 1)) * 100},${28 - ((value - least) / (most - least)) * 26}`,
  )
  svg.setAttribute('viewBox', '0 0 100 30')
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('aria-hidden', 'true')
  line.setAttribute('points', points.join(' '))
  svg.append(line)
  return [svg]
}

/** A table. Columns are `[title, class, cell]`; a row with a key (`keyOf`) opens its detail. */
export function table(rows, columns, { keyOf = () => null, opening = null } = {}) {
  const head = element(
    'tr',
    {},
    ...columns.map(([title, kind]) => element('th', { scope: 'col', class: kind }, title)),
  )
  const body = rows.map((row) => {
    const key = keyOf(row)
    const cells = columns.map(([, kind, cell], index) => {
      const content = cell(row)
      return element(
        'td',
        { class: kind },
        index === 0 && key !== null ? element('button', { type: 'button' }, content) : content,
      )
    })
    const options =
      key === null
        ? {}
        : {
            'data-open': key,
            'aria-selected': String(opening.isOpen(key)),
            onclick: () => opening.open(key),
          }
    return element('tr', options, ...cells)
  })
  return element(
    'div',
    { class: 'table' },
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...body)),
  )
}

export const empty = (text) => element('p', { class: 'empty' }, text)
export const note = (shown, total, what) =>
  total > shown
    ? [
        element(
          'p',
          { class: 'note' },
          `${numbers.format(shown)} of ${numbers.format(total)} ${what}`,
        ),
      ]
    : []
export const time = (milliseconds) => new Date(milliseconds).toISOString().slice(11, 19)
export const day = (milliseconds) =>
  new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')
export const clock = (milliseconds) => new Date(milliseconds).toISOString().slice(11, 23)

export function short(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

export function statusPill(status) {
  const kind =
    status === 0 ? 'bad' : status < 300 ? 'good' : status === 429 || status === 423 ? 'warn' : 'bad'
  return element('span', { class: `pill ${kind}` }, status === 0 ? 'no answer' : status)
}

export function pairs(values) {
  const rows = Object.entries(values).map(([name, value]) =>
    element('tr', {}, element('td', {}, name), element('td', { class: 'mono' }, short(value))),
  )
  return element('table', {}, element('tbody', {}, ...rows))
}
