import { WAITING_CODE } from '../../format/place-checksums.ts'

/** The places letters may be of. */
export const LETTER_PLACES = ['waiting', 'dead letters'] as const

/** What letters of a part add to those places. @param checksum - what each adds */
export function lettersIn(part: string, checksum: string): string {
  return `SELECT CASE WHEN code = '${WAITING_CODE}' THEN 'waiting' ELSE 'dead letters' END, ${checksum} FROM ${part}`
}
