import { createGotTransport } from '../src/got-transport.ts'
import { transportBehaviour } from './transport-behaviour.ts'

transportBehaviour('createGotTransport', (sockets) => createGotTransport({ sockets }))
