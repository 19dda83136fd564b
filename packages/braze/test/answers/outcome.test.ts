import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RequestPart } from '@engage-sync/contract'
import { readTrackAnswer, rejectionOfBody } from '../../src/answers/outcome.ts'

const ATTRIBUTES = (update: number): RequestPart => ({ update, kind: 'attributes', ref: -1 })
const EVENT = (update: number): RequestPart => ({ update, kind: 'event', ref: 0 })
const NO_ID = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"

/** Outcomes as short words: the code of a rejection, the status, or `open`. */
function read(parts: readonly RequestPart[], status: number, body: unknown): readonly string[] {
  return readTrackAnswer(parts, { status, body }).map((outcome) => {
    if (outcome === null) return 'open'
    if (outcome.status !== 'rejected') return outcome.status
    return outcome.field === undefined
      ? outcome.rejection.code
      : `${outcome.rejection.code} ${outcome.field}`
  })
}

const MIXED = [ATTRIBUTES(0), ATTRIBUTES(1), EVENT(0), EVENT(1), EVENT(2)]

describe('readTrackAnswer', () => {
  it.each([
    [
      'a success',
      201,
      { attributes_processed: 2, events_processed: 3, message: 'success' },
      ['delivered', 'delivered', 'delivered', 'delivered', 'delivered'],
    ],
    [
      'a success without counts',
      201,
      { message: 'success' },
      ['delivered', 'delivered', 'delivered', 'delivered', 'delivered'],
    ],
    [
      'a named event',
      201,
      {
        attributes_processed: 2,
        events_processed: 2,
        message: 'success',
        errors: [{ type: NO_ID, input_array: 'events', index: 1 }],
      },
      ['delivered', 'delivered', 'delivered', 'BRAZE_IDENTIFIER', 'delivered'],
    ],
    [
      'each its own reason',
      201,
      {
        message: 'success',
        errors: [
          { type: 'EMAIL_BAD_FORMAT', input_array: 'attributes', index: 0 },
          { type: 'BAD_LOCATION_UPDATE', input_array: 'attributes', index: 1 },
          { type: "'time' is not valid", input_array: 'events', index: 2 },
        ],
      },
      [
        'BRAZE_EMAIL email',
        'BRAZE_LOCATION current_location',
        'delivered',
        'delivered',
        'BRAZE_EVENT_TIME',
      ],
    ],
    [
      'two reasons of one object: the one that concerns all of it',
      201,
      {
        message: 'success',
        errors: [
          { type: 'EMAIL_BAD_FORMAT', input_array: 'attributes', index: 0 },
          { type: 'BLACKLISTED_EXTERNAL_USER_ID', input_array: 'attributes', index: 0 },
        ],
      },
      ['BRAZE_BLOCKED_USER', 'delivered', 'delivered', 'delivered', 'delivered'],
    ],
    [
      'no array, but a count that leaves one',
      201,
      {
        attributes_processed: 2,
        events_processed: 2,
        message: 'success',
        errors: [{ type: 'x', index: 1 }],
      },
      ['delivered', 'delivered', 'delivered', 'BRAZE_REJECTED', 'delivered'],
    ],
    [
      'no array, but an index that only one has',
      201,
      { message: 'success', errors: [{ type: 'x', index: 2 }] },
      ['delivered', 'delivered', 'delivered', 'delivered', 'BRAZE_REJECTED'],
    ],
    [
      'no array and two that fit',
      201,
      { message: 'success', errors: [{ type: 'x', index: 1 }] },
      ['open', 'open', 'open', 'open', 'open'],
    ],
    [
      'no index, but a count that clears the attributes',
      201,
      { attributes_processed: 2, message: 'success', errors: [{ type: 'x' }] },
      ['delivered', 'delivered', 'open', 'open', 'open'],
    ],
    [
      'an index beyond the array',
      201,
      { message: 'success', errors: [{ type: 'x', input_array: 'events', index: 9 }] },
      ['open', 'open', 'open', 'open', 'open'],
    ],
    [
      'one error placed, one not',
      201,
      {
        attributes_processed: 2,
        message: 'success',
        errors: [{ type: 'x', input_array: 'events', index: 0 }, { type: 'y' }],
      },
      ['delivered', 'delivered', 'BRAZE_REJECTED', 'open', 'open'],
    ],
    ['a success that does not say so', 201, {}, Array.from({ length: 5 }, () => 'open')],
    [
      'a success with another message',
      200,
      { message: 'accepted?' },
      Array.from({ length: 5 }, () => 'open'),
    ],
    [
      'the same with an error',
      201,
      { errors: [{ type: NO_ID, input_array: 'events', index: 0 }] },
      ['open', 'open', 'BRAZE_IDENTIFIER', 'open', 'open'],
    ],
    [
      'a 400 that names some: the others were not applied',
      400,
      {
        message: 'Valid data must be provided',
        errors: [{ type: NO_ID, input_array: 'events', index: 0 }],
      },
      ['open', 'open', 'BRAZE_IDENTIFIER', 'open', 'open'],
    ],
    [
      'a 400 that names none',
      400,
      { message: 'Bad Request' },
      ['open', 'open', 'open', 'open', 'open'],
    ],
    [
      'a 400 of too many objects',
      400,
      { message: 'Max Input Length Exceeded' },
      ['open', 'open', 'open', 'open', 'open'],
    ],
  ])('reads %s', (_, status, body, expected) => {
    expect(read(MIXED, status, body)).toEqual(expected)
  })

  it.each([
    ['a 400 without errors', 400, { message: "'time' is not valid" }, ['BRAZE_EVENT_TIME']],
    [
      'a 400 of too many objects',
      400,
      { message: 'Max Input Length Exceeded' },
      ['BRAZE_REJECTED'],
    ],
    [
      'an error without index',
      201,
      { message: 'success', errors: [{ type: "'time' is not valid" }] },
      ['BRAZE_EVENT_TIME'],
    ],
    [
      'an error as text',
      201,
      { message: 'success', errors: ["'name' is required"] },
      ['BRAZE_EVENT_NAME'],
    ],
  ])('of a single object knows whose it is: %s', (_, status, body, expected) => {
    expect(read([EVENT(0)], status, body)).toEqual(expected)
  })

  it('gives no object the reason of another, whatever errors name', () => {
    const errors = fc.array(
      fc.record(
        {
          type: fc.constantFrom('EMAIL_BAD_FORMAT', "'time' is not valid", 'new'),
          input_array: fc.constantFrom('attributes', 'events'),
          index: fc.nat(4),
        },
        { requiredKeys: ['type'] },
      ),
    )
    fc.assert(
      fc.property(errors, fc.constantFrom(201, 400), (list, status) => {
        const outcomes = readTrackAnswer(MIXED, {
          status,
          body: { message: 'success', errors: list },
        })
        expect(outcomes).toHaveLength(MIXED.length)
        MIXED.forEach((part, index) => {
          if (outcomes[index]?.status !== 'rejected') return
          const array = part.kind === 'event' ? 'events' : 'attributes'
          const place = array === 'events' ? index - 2 : index
          const isNamed = list.some(
            (error) =>
              error.index === place &&
              (error.input_array === undefined || error.input_array === array),
          )
          expect(isNamed).toBe(true)
        })
      }),
    )
  })
})

describe('rejectionOfBody', () => {
  it('takes the message, or the first error', () => {
    expect(rejectionOfBody({ message: '`cohort_id` must be a valid string' }).message).toContain(
      '`cohort_id` must be a valid string',
    )
    expect(rejectionOfBody({ message: 'x', errors: [{ type: 'EMAIL_BAD_FORMAT' }] }).code).toBe(
      'BRAZE_EMAIL',
    )
  })
})
