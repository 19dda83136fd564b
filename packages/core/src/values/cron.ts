/** When something is due, minute by minute, in UTC. */
export interface Cron {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>
  /** Days of the month and of the week are both named: either is enough, as cron has it. */
  readonly isEitherDay: boolean
}

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  /** Names of the values, from the least on. */
  readonly names?: readonly string[]
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ')
const MINUTE: Field = { name: 'minute', least: 0, most: 59 }
const HOUR: Field = { name: 'hour', least: 0, most: 23 }
const DAY: Field = { name: 'day of the month', least: 1, most: 31 }
const MONTH: Field = { name: 'month', least: 1, most: 12, names: MONTHS }
const WEEKDAY: Field = { name: 'day of the week', least: 0, most: 7, names: WEEKDAYS }

/**
 * Reads a schedule as cron has it: minute, hour, day of the month, month, day of the week.
 *
 * Shape: `*`, numbers, names (`mon`, `jan`), ranges `1-5`, lists `1,3`, steps `*\/15` and `0-30/10`;
 * a text says what is wrong with it.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html
 */
export function readCron(text: string): Cron | string {
  const words = text.trim().split(/\s+/)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = words
  if (words.length !== 5)
    return `expected five fields (minute, hour, day, month, weekday), got ${words.length}`
  const minutes = readField(minute, MINUTE)
  if (typeof minutes === 'string') return minutes
  const hours = readField(hour, HOUR)
  if (typeof hours === 'string') return hours
  const days = readField(day, DAY)
  if (typeof days === 'string') return days
  const months = readField(month, MONTH)
  if (typeof months === 'string') return months
  const weekdays = readField(weekday, WEEKDAY)
  if (typeof weekdays === 'string') return weekdays
  const cron = {
    minutes,
    hours,
    days,
    months,
    weekdays: new Set([...weekdays].map((each) => each % 7)),
    isEitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  }
  return nextOfCron(cron, 0) === null ? 'there is no such day in any year' : cron
}

function readField(text: string, field: Field): ReadonlySet<number> | string {
  const found = new Set<number>()
  for (const part of text.toLowerCase().split(',')) {
    const [, range = '', stepText] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? []
    const step = Number(stepText ?? 1)
    const ends = endsOf(range, field, stepText !== undefined)
    if (ends === null || step < 1)
      return `"${part}" is no ${field.name}: ${field.least} to ${field.most}, or *`
    for (let value = ends[0]; value <= ends[1]; value += step) found.add(value)
  }
  return found
}

function endsOf(range: string, field: Field, hasStep: boolean): readonly [number, number] | null {
  if (range === '*') return [field.least, field.most]
  const [first = '', last] = range.split('-', 2)
  const from = valueOf(first, field)
  const to = last === undefined ? (hasStep ? field.most : from) : valueOf(last, field)
  return from === null || to === null || from > to ? null : [from, to]
}

function valueOf(text: string, { least, most, names = [] }: Field): number | null {
  const named = names.indexOf(text)
  const value = named >= 0 ? named + least : /^\d+$/.test(text) ? Number(text) : -1
  return value >= least && value <= most ? value : null
}

/** Years that are looked through: one of them has every day there is. */
const MOST_YEARS = 9

/**
 * The first whole minute after an instant that a schedule names, in UTC; null where there is none.
 *
 * @param afterMs - milliseconds since the epoch
 */
export function nextOfCron(cron: Cron, afterMs: number): number | null {
  const at = new Date(afterMs)
  at.setUTCSeconds(0, 0)
  at.setUTCMinutes(at.getUTCMinutes() + 1)
  const last = at.getUTCFullYear() + MOST_YEARS
  while (at.getUTCFullYear() < last) {
    if (!cron.months.has(at.getUTCMonth() + 1)) {
      at.setUTCMonth(at.getUTCMonth() + 1, 1)
      at.setUTCHours(0, 0)
    } else if (!isDay(cron, at)) {
      at.setUTCDate(at.getUTCDate() + 1)
      at.setUTCHours(0, 0)
    } else if (!cron.hours.has(at.getUTCHours())) at.setUTCHours(at.getUTCHours() + 1, 0)
    else if (!cron.minutes.has(at.getUTCMinutes())) at.setUTCMinutes(at.getUTCMinutes() + 1)
    else return at.getTime()
  }
  return null
}

function isDay({ days, weekdays, isEitherDay }: Cron, at: Date): boolean {
  const [isDate, isWeekday] = [days.has(at.getUTCDate()), weekdays.has(at.getUTCDay())]
  return isEitherDay ? isDate || isWeekday : isDate && isWeekday
}
