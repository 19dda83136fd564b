import type { Writer } from '@engage-sync/core'
import type { Query } from '../connection/index.ts'
import { stillThere } from './held-by.ts'
import { LETTER_PLACES, lettersIn } from './letter-sums.ts'
import { Statement } from './statement.ts'

/** One statement that removes what expired before an instant, milliseconds; gives `held` and `gone`, their number. */
export function expiryQuery(schema: string, writer: Writer, nowMs: number): Query {
  const statement = new Statement(schema, { isShared: true })
  const letters = statement.table('dead_letters')
  const before = statement.value(nowMs, 'bigint')
  const gone = statement.part(
    `DELETE FROM ${letters} USING held WHERE expires_at < ${before} RETURNING code, checksum`,
  )
  statement.alsoSum(lettersIn(gone, '-checksum'), LETTER_PLACES)
  const held = stillThere(statement, writer)
  const answer = `(SELECT count(*)::int FROM held) AS held, (SELECT count(*)::int FROM ${gone}) AS gone`
  return { text: statement.text(held, answer), values: statement.values }
}
