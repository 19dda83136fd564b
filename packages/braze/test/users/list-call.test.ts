import { describe, expect, it } from 'vitest'
import { inLists, sendLists } from '../../src/users/list-call.ts'
import { connection, SIGNAL } from '../connection.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import type { Arrived, Reply } from '../scripted-braze.ts'

const itemsIn = ({ body }: Arrived) => (JSON.parse(body) as { items: number[] }).items

async function send(
  count: number,
  reply: (request: Arrived, number: number) => Reply,
  repeatable = true,
) {
  await using braze = await scriptedBraze(reply)
  await using made = connection(braze.url, { timeoutMs: 200 })
  const items = Array.from({ length: count }, (_, index) => index)
  const call = {
    path: '/users/list',
    bodyOf: (some: readonly number[]) => ({ items: some }),
    repeatable,
  }
  const sent = await sendLists(made.shared, call, { lists: inLists(items), signal: SIGNAL })
  const words = sent.outcomes.map((outcome) =>
    outcome.status === 'rejected' ? outcome.rejection.code : outcome.status,
  )
  return { ...sent, words, arrived: braze.arrived }
}

describe('sendLists', () => {
  it.each([
    [0, []],
    [1, [1]],
    [50, [50]],
    [51, [50, 1]],
    [120, [50, 50, 20]],
  ])('sends %i items in lists of 50', async (count, expected) => {
    const { words, arrived, requests } = await send(count, () => SUCCESS)

    expect(words).toEqual(Array.from({ length: count }, () => 'delivered'))
    expect(arrived.map((request) => itemsIn(request).length)).toEqual(expected)
    expect(requests).toBe(expected.length)
  })

  it.each([
    ['202', { status: 202, body: { message: 'success' } }, 'delivered'],
    ['a deletion', { status: 201, body: { deleted: 2 } }, 'delivered'],
    [
      'errors without index',
      { status: 201, body: { message: 'success', errors: [{ type: 'x' }] } },
      'unknown',
    ],
  ])('reads %s', async (_, reply, expected) => {
    expect((await send(2, () => reply)).words).toEqual([expected, expected])
  })

  it.each([{}, { message: 'accepted?' }])('takes %j for no answer of Braze', async (body) => {
    await expect(send(2, () => ({ status: 201, body }))).rejects.toMatchObject({
      code: 'BRAZE_ANSWER',
      mayBeApplied: true,
    })
  })

  it('gives each item its own reason', async () => {
    const { words } = await send(3, () => ({
      status: 201,
      body: {
        aliases_processed: 2,
        message: 'success',
        errors: [{ type: "'external_id' is required", input_array: 'user_identifiers', index: 1 }],
      },
    }))

    expect(words).toEqual(['delivered', 'BRAZE_IDENTIFIER', 'delivered'])
  })

  it('knows whose an error is when there is one item', async () => {
    const { words } = await send(1, () => ({
      status: 201,
      body: { message: 'success', errors: [{ type: 'x' }] },
    }))

    expect(words).toEqual(['BRAZE_REJECTED'])
  })

  it('halves what a 400 or a 413 refuses', async () => {
    const { words } = await send(9, (request) => {
      if (itemsIn(request).length > 4) return { status: 413 }
      return itemsIn(request).includes(6) ? { status: 400, body: { message: 'no' } } : SUCCESS
    })

    words.forEach((word, index) => expect(word).toBe(index === 6 ? 'BRAZE_REJECTED' : 'delivered'))
  })

  it('rejects a single item that is too large', async () => {
    expect((await send(1, () => ({ status: 413 }))).words).toEqual(['BRAZE_TOO_LARGE'])
  })

  it('tells an unknown outcome where repeating is not the same', async () => {
    expect((await send(1, () => 'reset', false)).words).toEqual(['unknown'])
    expect((await send(1, (_, number) => (number === 0 ? 'reset' : SUCCESS), true)).words).toEqual([
      'delivered',
    ])
  })

  it('keeps the answers it has when the rest fails', async () => {
    const { words } = await send(60, (_, number) => (number === 0 ? SUCCESS : { status: 404 }))

    expect(words.filter((word) => word === 'failed')).toHaveLength(10)
    await expect(send(60, () => ({ status: 401 }))).rejects.toMatchObject({
      code: 'DESTINATION_AUTH',
    })
  })
})
