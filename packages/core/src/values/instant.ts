const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/u
/** Last instant Braze stores as a time: the end of the year 3000. */
const MAX_INSTANT_MS = Date.UTC(3001, 0, 1) - 1
const MIN_INSTANT_MS = new Date(0).setUTCFullYear(0, 0, 1)
const MINUTE_MS = 60_000

/** Civil date and clock time without a zone, as milliseconds as if it were UTC. */
interface Civil {
  readonly asUtcMs: number
  /** Offset of the zone that was written, in milliseconds, or null when none was. */
  readonly offsetMs: number | null
}

/**
 * Milliseconds since the epoch of a date in text, or null when it is no date.
 *
 * Shape: ISO 8601 in (`2026-03-01`, `2026-03-01 09:30`, `2026-03-01T09:30:00.123456Z`, `…+02:00`), milliseconds out;
 * finer fractions are cut, a date alone is its midnight, years 0 to 3000.
 *
 * @param timeZone - IANA name that holds for text without a zone; UTC by default
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/ (formats, missing zone means UTC)
 */
export function parseInstant(text: string, timeZone = 'UTC'): number | null {
  const civil = parseCivil(text.trim())
  if (civil === null) return null
  const { asUtcMs, offsetMs } = civil
  const instant = offsetMs === null ? fromZone(asUtcMs, timeZone) : asUtcMs - offsetMs
  return isStorableInstant(instant) ? instant : null
}

/** Whether Braze stores this instant as a time: years 0 to 3000. */
export function isStorableInstant(instantMs: number): boolean {
  return instantMs >= MIN_INSTANT_MS && instantMs <= MAX_INSTANT_MS
}

/** The text we send for an instant: ISO 8601 in UTC with milliseconds and `Z`. */
export function instantText(instantMs: number): string {
  return new Date(instantMs).toISOString()
}

function parseCivil(text: string): Civil | null {
  const match = ISO.exec(text)
  if (match === null) return null
  const part = (group: number) => Number(match[group] ?? 0)
  const [year, month, day] = [part(1), part(2), part(3)]
  const [hour, minute, second] = [part(4), part(5), part(6)]
  if (hour > 23 || minute > 59 || second > 59) return null
  const millis = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null
  const asUtcMs = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + millis
  const offsetMs = parseOffset(match[8])
  return offsetMs === undefined ? null : { asUtcMs, offsetMs }
}

function parseOffset(text: string | undefined): number | null | undefined {
  if (text === undefined) return null
  if (!/^[+-]/u.test(text)) return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(3).replace(':', '') || 0)
  if (hours > 15 || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS
}

/**
 * The instant at which clocks of a zone show this civil time; in a gap or overlap, by the offset
 * before the change.
 */
function fromZone(asUtcMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return asUtcMs
  const first = asUtcMs - offsetAt(asUtcMs - 24 * 60 * MINUTE_MS, timeZone)
  if (offsetAt(first, timeZone) === asUtcMs - first) return first
  const second = asUtcMs - offsetAt(asUtcMs + 24 * 60 * MINUTE_MS, timeZone)
  return offsetAt(second, timeZone) === asUtcMs - second ? second : first
}

/** How far clocks of a zone are ahead of UTC at an instant, in milliseconds. */
function offsetAt(instantMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const parts = new Map(format.formatToParts(instantMs).map((part) => [part.type, part.value]))
  const read = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
  const shown = new Date(0)
  shown.setUTCFullYear(
    parts.get('era') === 'BC' ? 1 - read('year') : read('year'),
    read('month') - 1,
    read('day'),
  )
  shown.setUTCHours(read('hour'), read('minute'), read('second'))
  return shown.getTime() - (instantMs - (((instantMs % 1000) + 1000) % 1000))
}

/**
 * Whether a text names an IANA time zone.
 *
 * Shape: exact spelling needed (`Europe/Berlin`), offsets such as `+02:00` are no names.
 */
export function isTimeZone(text: string): boolean {
  return timeZoneName(text) === text
}

/**
 * The IANA name of a time zone, or null when the text names none.
 *
 * Shape: a name in any case in, as it is spelled there out; offsets such as `+02:00` are no names.
 * A former name stays, but gives today's where its spelling is not known (`asia/kolkata`).
 */
export function timeZoneName(text: string): string | null {
  if (text.toUpperCase() === 'UTC') return 'UTC'
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/u.test(text)) return null
  try {
    const resolved = new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone
    return resolved.toLowerCase() === text.toLowerCase() || !isSpelled(text) ? resolved : text
  } catch {
    return null
  }
}

/** Every part begins with a capital, and is in mixed case but for short ones such as `US`. */
function isSpelled(text: string): boolean {
  const parts = text.split('/')
  if (parts.length === 1) return text !== text.toLowerCase()
  return parts.every((part) => /^[A-Z]/u.test(part) && (part.length <= 3 || /[a-z\d]/u.test(part)))
}
