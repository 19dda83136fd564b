import { SourceError } from '../source/index.ts'

/**
 * A secret or an id that must be there: what a variable that nobody set gives is none.
 *
 * @throws {SourceError} `SOURCE_OPTION`
 */
export function required(name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new SourceError('SOURCE_OPTION', `The option ${name} is missing or empty`, {
    hint: 'Look whether the environment variable it comes from is set.',
  })
}
