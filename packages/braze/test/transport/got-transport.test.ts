import { createGotTransport } from '../../src/transport/got-transport.ts'
import { closesIdleConnections, transportBehaviour } from './transport-behaviour.ts'

transportBehaviour('createGotTransport', (sockets, connectTimeoutMs) =>
  createGotTransport({ sockets, ...(connectTimeoutMs && { connectTimeoutMs }) }),
)
closesIdleConnections('createGotTransport', createGotTransport)
