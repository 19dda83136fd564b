const HINTS: ReadonlyMap<string, string> = new Map([
  ['RECORD_NOT_JSON', 'Look at the file at that record; each line is one JSON text.'],
  ['RECORD_TOO_LONG', 'No event of Segment is that long: is it the right file?'],
  ['RECORD_IS_BATCH', 'Put each event on a line of its own.'],
  ['RECORD_NO_TIME', 'Say which member is the time with `time:` of the source.'],
  ['SOURCE_TRUNCATED', 'Fetch the file again; what came before was read.'],
  ['SOURCE_CORRUPT', 'Fetch the file again; what came before was read.'],
  ['SKIPPED_NO_EXTERNAL_ID', '`identity.alias` would take anonymous users along.'],
  ['CAST_STRING', 'Declare the `type:` the trait has.'],
  ['CAST_NUMBER', 'Declare another `type:`, or correct the trait in Segment.'],
  ['CAST_INTEGER', '`type: number` takes fractions.'],
  [
    'CAST_TIME',
    'Times are ISO 8601 text or seconds since the epoch; a `type: string` takes the rest.',
  ],
  ['DELIVERED_OTHER_TYPE', 'Declare the `type:` the trait has.'],
  ['DELIVERED_TEXT_AS_TIME', 'Declare `type: time`, or choose another attribute.'],
  ['BRAZE_EXTERNAL_ID_TOO_LARGE', 'Choose another `identity.external_id`.'],
  ['BRAZE_SUBSCRIPTION_GROUP', 'Check the id in the dashboard.'],
  ['BRAZE_PROPERTIES', 'Rename or leave out some with `properties:`.'],
])

/**
 * The next step for a rejection or skip code, or undefined where its message says all there is to
 * do.
 */
export function hintFor(code: string): string | undefined {
  return HINTS.get(code)
}

/** Codes with a next step. */
export const HINTED_CODES: readonly string[] = [...HINTS.keys()]
