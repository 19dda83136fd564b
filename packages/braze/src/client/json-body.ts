import { BrazeError } from '../errors.ts'

/**
 * A body as JSON, in UTF-8.
 *
 * JSON writes NaN and Infinity as null, which unsets an attribute in Braze: they are refused, as
 * all it cannot hold.
 *
 * @throws {BrazeError} `BRAZE_VALUE`, naming the member and never its value
 */
export function jsonBody(body: object): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(body, refuseWhatJsonLoses))
  } catch (error) {
    if (error instanceof BrazeError) throw error
    throw new BrazeError(
      'BRAZE_VALUE',
      'The body holds itself, or something else that JSON cannot hold',
    )
  }
}

function refuseWhatJsonLoses(key: string, value: unknown): unknown {
  const isLost = typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
  if (!isLost) return value
  const what = typeof value === 'bigint' ? 'a bigint' : 'no finite number'
  throw new BrazeError(
    'BRAZE_VALUE',
    `The member ${JSON.stringify(key)} is ${what}, which JSON cannot hold`,
    {
      hint: 'Send a number or a text instead, or null to unset the attribute.',
    },
  )
}
