/** Every code a check of filters can give, with its severity and meaning. */
export const FILTER_CHECK_CODES = {
  FILTER_OPERATOR_MISSING: { severity: 'error', meaning: 'A condition without an operator.' },
  FILTER_OPERATOR_TYPE: {
    severity: 'error',
    meaning: 'An operator, or its value, that does not fit the type of the trait.',
  },
  FILTER_TYPE_CONFLICT: {
    severity: 'error',
    meaning: 'Conditions on one trait without a declared type ask for different types.',
  },
  FILTER_EVENT_UNKNOWN: {
    severity: 'error',
    meaning: 'A filter counts an event that no mapping sends.',
  },
  FILTER_TIME: { severity: 'error', meaning: 'A date in a filter that cannot be read.' },
  FILTER_REGEX: {
    severity: 'error',
    meaning:
      'A pattern that is wrong, too large once its repetitions are written out, or that uses what a linear-time engine cannot do.',
  },
  FILTER_REGEX_NEVER: { severity: 'warning', meaning: 'A pattern that no text can match.' },
  FILTER_REGEX_ALWAYS: { severity: 'warning', meaning: 'A pattern that every text matches.' },
  FILTER_REGEX_DIFFERS: {
    severity: 'warning',
    meaning: 'A pattern that Braze (PCRE) reads differently.',
  },
  FILTER_UNKNOWN_KEY: {
    severity: 'warning',
    meaning: 'A filter reads a trait or audience that no mapping and no other filter knows.',
  },
  FILTER_NEVER: { severity: 'warning', meaning: 'A condition that can never be true.' },
  FILTER_CONTRADICTION: {
    severity: 'warning',
    meaning: 'Conditions under `all` that cannot be true together.',
  },
} as const

/** A code of a filter check. */
export type FilterCode = keyof typeof FILTER_CHECK_CODES
