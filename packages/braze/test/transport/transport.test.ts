import { expect, it } from 'vitest'
import { TransportError } from '../../src/transport/transport.ts'

it('tells kind and code, nothing else', () => {
  const error = new TransportError('unknown', 'ECONNRESET')

  expect({ ...error }).toEqual({ name: 'TransportError', kind: 'unknown', code: 'ECONNRESET' })
  expect(error.message).toBe('No answer (ECONNRESET)')
})
