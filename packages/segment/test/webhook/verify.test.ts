import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyWebhook } from '../../src/webhook/verify.ts'

const secret = 'example-shared-secret'
const event = { type: 'track', event: 'Audience Entered', userId: 'u_1', properties: { text: 'Zürich' } }
const sign = (text: string): string => createHmac('sha1', secret).update(text).digest('hex')
const request = (text: string, headers: Record<string, string> = {}): { body: Uint8Array; headers: Record<string, string> } => ({
  body: Buffer.from(text),
  headers,
})
const header = { name: 'Authorization', value: 'Bearer example' }

describe('verifyWebhook', () => {
  it('takes a request whose whole body is signed', () => {
    const one = JSON.stringify(event)
    const batch = JSON.stringify([event, event])

    expect(verifyWebhook(request(one, { 'x-signature': sign(one) }), { sharedSecret: secret })).toEqual({ ok: true })
    expect(verifyWebhook(request(batch, { 'x-signature': sign(batch).toUpperCase() }), { sharedSecret: secret })).toEqual({ ok: true })
  })

  it('takes a batch whose first event is signed only with a secret header beside it', () => {
    const body = JSON.stringify([event, { type: 'page' }])
    const signed = { 'x-signature': sign(JSON.stringify(event)) }

    expect(verifyWebhook(request(body, signed), { sharedSecret: secret })).toMatchObject({
      ok: false,
      status: 401,
      code: 'WEBHOOK_PARTLY_SIGNED',
    })
    expect(verifyWebhook(request(body, { ...signed, authorization: header.value }), { sharedSecret: secret, header })).toEqual({ ok: true })
  })

  it.each([
    ['no signature', {}, 'WEBHOOK_UNSIGNED'],
    ['a signature of another form', { 'x-signature': 'sha256=1' }, 'WEBHOOK_UNSIGNED'],
    ['a wrong signature', { 'x-signature': '0'.repeat(40) }, 'WEBHOOK_BAD_SIGNATURE'],
  ])('refuses %s', (_, headers, code) => {
    expect(verifyWebhook(request(JSON.stringify(event), headers), { sharedSecret: secret })).toMatchObject({ ok: false, status: 401, code })
  })

  it.each(['', 'Bearer exampl', 'Bearer example ', 'bearer example'])('refuses the header value "%s"', (value) => {
    const verdict = verifyWebhook(request('{}', { authorization: value }), { header })

    expect(verdict).toMatchObject({ ok: false, status: 401, code: 'WEBHOOK_BAD_HEADER' })
    expect(JSON.stringify(verdict)).not.toContain('example')
  })

  it('refuses a body that is too large before anything else', () => {
    expect(verifyWebhook(request('x'.repeat(11)), { sharedSecret: secret, maxBytes: 10 })).toMatchObject({
      status: 413,
      code: 'WEBHOOK_TOO_LARGE',
    })
  })

  it('refuses any change of a signed body', () => {
    const body = Buffer.from(JSON.stringify(event))
    const signature = sign(JSON.stringify(event))

    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(body)
        changed[at] ^= flip
        expect(verifyWebhook({ body: changed, headers: { 'x-signature': signature } }, { sharedSecret: secret }).ok).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('takes everything when nothing is configured', () => {
    expect(verifyWebhook(request('whatever'), {})).toEqual({ ok: true })
  })
})
