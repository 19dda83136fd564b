/**
 * Shapes of dates Braze reads, beside ISO 8601.
 *
 * @see https://www.braze.com/docs/api/objects_filters/user_attributes_object/
 */
const CLOCK = String.raw`(?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.:,](?<fraction>\d{1,9}))?)?`
const ZONE = String.raw`(?<zone>Z|[A-Za-z]{2,5}|[+-]\d{2}(?::?\d{2})?)`
const YEAR_FIRST = new RegExp(
  String.raw`^(?<year>-?\d{4,6})-(?<month>\d{2})-(?<day>\d{2})(?:[T ]${CLOCK}\s*${ZONE}?)?$`,
)
const MONTH_FIRST = /^(?<month>\d{1,2})([-/])(?<day>\d{1,2})\2(?<year>\d{4})$/
const WEEKDAY_FIRST = new RegExp(
  String.raw`^[A-Z][a-z]{2} (?<month>\d{1,2}) (?<day>\d{1,2}) (?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})\.(?<zone>\S+) (?<year>\d{4})$`,
)

/**
 * Reads a date as Braze does: milliseconds since the epoch, or null when the text is none.
 *
 * No zone, or one that cannot be read, is UTC; a date alone is midnight. Years below 0 or above
 * 3000 are no dates.
 */
export function readDate(text: string): number | null {
  if (text.length > 40) return null
  const found = YEAR_FIRST.exec(text) ?? MONTH_FIRST.exec(text) ?? WEEKDAY_FIRST.exec(text)
  return found?.groups === undefined ? null : instant(found.groups)
}

/** Whether a text is a time as strict ISO 8601 with date and clock. */
export function isIsoTime(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text) &&
    readDate(text) !== null
  )
}

function instant(parts: NonNullable<RegExpExecArray['groups']>): number | null {
  const [year, month, day] = [Number(parts['year']), Number(parts['month']), Number(parts['day'])]
  const { hour = '0', minute = '0', second = '0', fraction = '0', zone } = parts
  if (year < 0 || year > 3000 || month < 1 || month > 12) return null
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || day < 1) return null
  const minutes = Number(hour) * 60 + Number(minute) - zoneMinutes(zone)
  return (
    date.getTime() +
    (minutes * 60 + Number(second)) * 1000 +
    Math.floor(Number(`0.${fraction}`) * 1000)
  )
}

function zoneMinutes(zone: string | undefined): number {
  const parts = zone === undefined ? null : /^([+-])(\d{2}):?(\d{2})?$/.exec(zone)
  if (parts === null) return 0
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3] ?? 0))
}
