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
