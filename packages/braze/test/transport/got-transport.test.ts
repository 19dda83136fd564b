import { createGotTransport } from '../../src/transport/got-transport.ts'
import { closesIdleConnections, transportBehaviour } from './transport-behaviour.ts'

transportBehaviour('createGotTransport', (sockets) => createGotTransport({ sockets }))
closesIdleConnections('createGotTransport', createGotTransport)
