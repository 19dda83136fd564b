import { describe, expect, it } from 'vitest'
import { readBody, saysSuccess } from '../../src/answers/answer-body.ts'

describe('readBody', () => {
  it('reads message, errors and counts', () => {
    const body = readBody({
      message: 'success',
      attributes_processed: 3,
      errors: [{ type: 'EMAIL_BAD_FORMAT', input_array: 'attributes', index: 1 }],
    })

    expect(body.message).toBe('success')
    expect(body.errors).toEqual([{ text: 'EMAIL_BAD_FORMAT', array: 'attributes', index: 1 }])
    expect([body.processed('attributes'), body.processed('events')]).toEqual([3, null])
  })

  it.each([null, 'text', 7, [], {}, { message: 7, errors: 'none', events_processed: '3' }])(
    'takes %j as empty',
    (value) => {
      const body = readBody(value)

      expect([body.message, body.errors, body.processed('events')]).toEqual(['', [], null])
    },
  )

  it.each([
    ['plain text', { text: 'plain text', array: null, index: null }],
    [{ type: 'x' }, { text: 'x', array: null, index: null }],
    [
      { type: 'x', index: '1' },
      { text: 'x', array: null, index: null },
    ],
    [
      { type: 'x', index: -1 },
      { text: 'x', array: null, index: null },
    ],
    [
      { type: 'x', index: 1.5, input_array: 5 },
      { text: 'x', array: null, index: null },
    ],
    [null, { text: '', array: null, index: null }],
  ])('reads the error %j', (error, expected) => {
    expect(readBody({ errors: [error] }).errors).toEqual([expected])
  })
})

describe('saysSuccess', () => {
  it.each([
    ['success', true],
    ['queued', true],
    ['', false],
    ['Success!', false],
  ])('of %s is %s', (message, expected) => {
    expect(saysSuccess(readBody({ message }))).toBe(expected)
  })
})
