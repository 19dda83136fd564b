import { describe, expect, it } from 'vitest'
import { readWebhook } from '../../src/webhook/read.ts'

const event = {
  type: 'track',
  event: 'Audience Entered',
  userId: 'u_1',
  properties: { text: 'Zürich' },
}

describe('readWebhook', () => {
  it('gives the events of any wrapper, each as a record', () => {
    expect(readWebhook(Buffer.from(JSON.stringify([{ json: event }, event])))).toEqual({
      ok: true,
      records: [JSON.stringify(event), JSON.stringify(event)],
    })
    expect(readWebhook(Buffer.from('[]'))).toEqual({ ok: true, records: [] })
  })

  it.each(['', '{', Buffer.from([0x22, 0xff, 0x22])])(
    'refuses what is no JSON in UTF-8',
    (body) => {
      expect(readWebhook(Buffer.from(body))).toMatchObject({
        ok: false,
        status: 400,
        code: 'WEBHOOK_NOT_JSON',
      })
    },
  )
})
