import { createGotTransport } from '../src/got-transport.ts'
import { closesIdleConnections, transportBehaviour } from './transport-behaviour.ts'

transportBehaviour('createGotTransport', (sockets) => createGotTransport({ sockets }))
closesIdleConnections('createGotTransport', createGotTransport)
