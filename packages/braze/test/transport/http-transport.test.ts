import { expect, it } from 'vitest'
import { createHttpTransport } from '../../src/transport/http-transport.ts'
import { closesIdleConnections, disposable, transportBehaviour } from './transport-behaviour.ts'

transportBehaviour('createHttpTransport', (sockets, connectTimeoutMs) =>
  createHttpTransport({ sockets, ...(connectTimeoutMs && { connectTimeoutMs }) }),
)
closesIdleConnections('createHttpTransport', createHttpTransport)

it('tells a host that nobody answers for as unsent', async () => {
  await using transport = disposable(createHttpTransport({ sockets: 1, connectTimeoutMs: 100 }))
  // TEST-NET-1 of RFC 5737: routed nowhere, or refused at once where there is no route.
  const sending = transport.send({
    method: 'GET',
    url: 'http://192.0.2.1/',
    headers: {},
    body: null,
    timeoutMs: 10_000,
  })

  await expect(sending).rejects.toMatchObject({ name: 'TransportError', kind: 'unsent' })
})
