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

it('tells a database that is not there from a role that lacks a right', () => {
  const [none, poor] = ['3D000', '42501'].map((code) => postgresError(failed(code), 'records'))
  expect([none?.code, none?.hint]).toEqual([
    'SOURCE_REQUEST',
    expect.stringMatching(/CREATE DATABASE/),
  ])
  expect([poor?.code, poor?.hint]).toEqual(['SOURCE_REQUEST', expect.stringMatching(/schema/)])
})
