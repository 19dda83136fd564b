import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { createThreadTransport } from '../../src/transport/thread-transport.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import { disposable, transportBehaviour } from './transport-behaviour.ts'

/** One thread for all: starting one takes longer than a test. */
const shared = createThreadTransport({ sockets: 8, connectTimeoutMs: 2000 })
transportBehaviour('createThreadTransport', () => ({
  send: (each) => shared.send(each),
  close: async () => undefined,
}))
afterAll(() => shared.close())

const request = (url: string) => ({
  method: 'POST' as const,
  url,
  headers: {},
  body: Buffer.from('{}'),
  timeoutMs: 10_000,
})

describe('createThreadTransport', () => {
  it('tells what was in flight when it is closed as unknown', async () => {
    await using braze = await scriptedBraze(() => 'silence')
    const transport = createThreadTransport({ sockets: 2 })
    const sending = Promise.allSettled([
      transport.send(request(braze.url)),
      transport.send(request(braze.url)),
    ])
    while (braze.arrived.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))

    await transport.close()

    for (const result of await sending)
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { kind: 'unknown', code: 'CLOSED' },
      })
  })

  it('starts anew after it was closed', async () => {
    await using braze = await scriptedBraze(() => SUCCESS)
    await using transport = disposable(createThreadTransport({ sockets: 1 }))
    await transport.send(request(braze.url))
    await transport.close()

    expect((await transport.send(request(braze.url))).status).toBe(201)
  })

  it.each([
    ['exit', 'ERR_WORKER_EXIT'],
    ['throw', 'ERR_WORKER'],
  ])(
    'tells what was in flight when the thread died as unknown, and starts anew: %s',
    async (how, code) => {
      await using transport = disposable(
        createThreadTransport(
          { sockets: 1 },
          new URL('./fixtures/dying-worker.ts', import.meta.url),
        ),
      )
      const url = `http://127.0.0.1:1/${how}`
      expect((await transport.send(request(url))).status).toBe(201)

      await expect(transport.send(request(url))).rejects.toMatchObject({
        name: 'TransportError',
        kind: 'unknown',
        code,
      })

      expect((await transport.send(request(url))).status).toBe(201)
    },
  )

  it('tells a thread that never started as unsent', async () => {
    await using transport = disposable(
      createThreadTransport(
        { sockets: 1 },
        new URL('./fixtures/no-such-worker.ts', import.meta.url),
      ),
    )

    await expect(transport.send(request('http://127.0.0.1:1'))).rejects.toMatchObject({
      kind: 'unsent',
      code: 'ERR_WORKER_NEVER_RAN',
    })
  })

  it('does not keep the process alive once nothing is in flight', async () => {
    await using braze = await scriptedBraze(() => SUCCESS)
    const source = new URL('../../src/transport/thread-transport.ts', import.meta.url).href
    const program = `
      const { createThreadTransport } = await import(${JSON.stringify(source)})
      const answer = await createThreadTransport({ sockets: 1 }).send({ method: 'GET', url: ${JSON.stringify(braze.url)}, headers: {}, body: null, timeoutMs: 9000 })
      console.log(answer.status)`

    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { timeout: 20_000 },
    )

    expect(stdout.trim()).toBe('201')
  })
})
