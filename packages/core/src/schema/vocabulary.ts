/** The version of the configuration language that this package speaks. */
export const CONFIG_VERSION = 1

/** The operators of a trait condition, in the order of the docs. */
export const TRAIT_OPERATORS = [
  'equals',
  'not_equals',
  'in',
  'not_in',
  'matches',
  'not_matches',
  'contains',
  'more_than',
  'less_than',
  'exactly',
  'is_blank',
  'before',
  'after',
  'more_than_days_ago',
  'less_than_days_ago',
] as const
/** Name of an operator on a trait. */
export type TraitOperator = (typeof TRAIT_OPERATORS)[number]

/** The operators of an event condition. */
export const EVENT_OPERATORS = ['more_than', 'less_than', 'exactly'] as const
/** Name of an operator on an event count. */
export type EventOperator = (typeof EVENT_OPERATORS)[number]

const PORT = '(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])'
/**
 * `HOST:PORT` as a regular expression: a name, an IPv4 address, an IPv6 address in brackets or
 * nothing, and a port up to 65535.
 */
export const LISTEN_ADDRESS = `^(?:[A-Za-z0-9.-]*|\\[[0-9A-Fa-f:.]+\\]):${PORT}$`

/** What stands in a log's name for the name of a source. */
export const SOURCE_PLACE = '{source}'

/** The name of a source as a part of a subject or of a topic's. */
export function logToken(source: string): string {
  return source.replaceAll(/[^\w-]/g, '_')
}

/** The name of a source as that of its log's directory. */
export function logDirectory(source: string): string {
  return source.replaceAll(/[^\w.-]/g, '_')
}
