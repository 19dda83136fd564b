/**
 * Shapes of dates Braze reads, beside ISO 8601.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 */
const YEAR_FIRST =
  /^(-?\d{4,6})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.:,](\d{1,9}))?)?\s*(Z|[A-Za-z]{2,5}|[+-]\d{2}(?::?\d{2})?)?)?$/
const MONTH_FIRST = /^(\d{1,2})([-/])(\d{1,2})\2(\d{4})$/
const WEEKDAY_FIRST = /^[A-Z][a-z]{2} (\d{1,2}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2})\.(\S+) (\d{4})$/

/**
 * Reads a date as Braze does: milliseconds since the epoch, or null when the text is none.
 *
 * No zone, or one that cannot be read, is UTC; a date alone is midnight. Years below 0 or above
 * 3000 are no dates.
 */
export function readDate(text: string): number | null {
  if (text.length > 40) return null
  const yearFirst = YEAR_FIRST.exec(text)
  if (yearFirst !== null) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] =
      yearFirst
    const millis = Math.floor(Number(`0.${fraction}`) * 1000)
    return instant([year, month, day, hour, minute, second].map(Number), millis, zoneMinutes(zone))
  }
  const monthFirst = MONTH_FIRST.exec(text)
  if (monthFirst !== null)
    return instant([monthFirst[4], monthFirst[1], monthFirst[3], '0', '0', '0'].map(Number), 0, 0)
  const weekday = WEEKDAY_FIRST.exec(text)
  if (weekday === null) return null
  return instant(
    [weekday[7], weekday[1], weekday[2], weekday[3], weekday[4], weekday[5]].map(Number),
    0,
    zoneMinutes(weekday[6]),
  )
}

/** Whether a text is a time as strict ISO 8601 with date and clock. */
export function isIsoTime(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text) &&
    readDate(text) !== null
  )
}

function instant(parts: readonly number[], millis: number, offsetMinutes: number): number | null {
  const [year, month, day, hour, minute, second] = parts
  if (year < 0 || year > 3000 || month < 1 || month > 12 || hour > 24 || minute > 59 || second > 60)
    return null
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || day < 1) return null
  return date.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + millis
}

function zoneMinutes(zone: string | undefined): number {
  const parts = zone === undefined ? null : /^([+-])(\d{2}):?(\d{2})?$/.exec(zone)
  if (parts === null) return 0
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3] ?? 0))
}
