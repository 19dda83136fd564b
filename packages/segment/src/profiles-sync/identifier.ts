import { SourceError } from '../source/index.ts'

/**
 * Longest name PostgreSQL keeps, bytes; it cuts longer ones in silence, and then means another
 * object.
 */
const MAX_NAME_BYTES = 63

/**
 * Quote a name for SQL, whatever it holds.
 *
 * Shape: `segment` → `"segment"`; quotes inside are doubled.
 *
 * @throws {SourceError} `SOURCE_SCHEMA` for names PostgreSQL cannot have
 */
export function quoteName(name: string): string {
  if (
    name === '' ||
    name.includes('\0') ||
    !name.isWellFormed() ||
    Buffer.byteLength(name) > MAX_NAME_BYTES
  ) {
    throw new SourceError('SOURCE_SCHEMA', 'profiles_sync.schema is no name PostgreSQL can have', {
      hint: `Give the schema Segment writes to: 1 to ${MAX_NAME_BYTES} bytes.`,
    })
  }
  return `"${name.replaceAll('"', '""')}"`
}
