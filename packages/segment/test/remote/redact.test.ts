import { describe, expect, it } from 'vitest'
import { describeUrl, safeCause, safeCode } from '../../src/remote/redact.ts'

describe('describeUrl', () => {
  it.each([
    [
      'postgres://user:secret@db.example.com:5432/warehouse?sslpassword=secret',
      'postgres://db.example.com:5432/warehouse',
    ],
    ['https://profiles.segment.com/v1#secret', 'https://profiles.segment.com/v1'],
    ['secret', '[hidden]'],
  ])('shows %s without its secrets', (url, shown) => {
    expect(describeUrl(url)).toBe(shown)
  })
})

describe('safeCode', () => {
  it.each([
    ['not_found', 'not_found'],
    ['ECONNRESET', 'ECONNRESET'],
    ['person@example.com', ''],
    ['no profile for u_1', ''],
    ['x'.repeat(65), ''],
    [undefined, ''],
    [{ message: 'secret' }, ''],
  ])('lets short words through alone: %j', (value, code) => {
    expect(safeCode(value)).toBe(code)
  })
})

describe('safeCause', () => {
  it('keeps name and code of an error, and nothing it quotes', () => {
    const error = Object.assign(new TypeError('cannot send person@example.com'), {
      code: 'ECONNRESET',
      url: 'https://secret',
      response: { body: 'secret' },
    })

    const cause = safeCause(error)

    expect(cause.message).toBe('TypeError (ECONNRESET)')
    expect(JSON.stringify(cause, Object.getOwnPropertyNames(cause))).not.toMatch(/person|secret/u)
  })

  it('takes anything that was thrown', () => {
    expect(safeCause('person@example.com').message).toBe('Error')
  })
})
