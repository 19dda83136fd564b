// What the page of the live server is made of. Text stays text: nothing is ever read as markup.

export const numbers = new Intl.NumberFormat('en')
export const byId = (id) => document.getElementById(id)

/** An element with text or children; null is nothing. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value)
  made.append(...children.filter((child) => child !== null))
  return made
}

export const pill = (text, tone) => element('span', { class: `pill ${tone}` }, text)
export const line = (...parts) => element('p', {}, ...parts)
export const clock = (ms) => new Date(ms).toISOString().slice(11, 23)
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}
export const counted = (count, one) => `${numbers.format(count)} ${one}${count === 1 ? '' : 's'}`

export function bytes(count) {
  const units = ['bytes', 'KB', 'MB', 'GB']
  let unit = 0
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000
    unit += 1
  }
  return `${unit === 0 ? count : count.toFixed(1)} ${units[unit]}`
}
