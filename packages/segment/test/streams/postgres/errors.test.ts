import { expect, it } from 'vitest'
import { isAnswer, postgresError } from '../../../src/streams/postgres/errors.ts'

const failed = (code: string) => Object.assign(new Error('write'), { code })

it.each(['57P01', '53100', '42501'])('takes %s for what the server says', (code) => {
  expect(isAnswer(failed(code))).toBe(true)
})

it.each(['EPIPE', 'ECONNRESET', ''])('takes %j for a server that is gone', (code) => {
  expect(isAnswer(failed(code))).toBe(false)
  expect(postgresError(failed(code), 'records')).toMatchObject({ code: 'SOURCE_UNAVAILABLE' })
})
