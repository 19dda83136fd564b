/*
 * Loaded before a program: whatever it connects to at one port of this machine, it reaches through another one, as a
 * router would have it. `OTHER_WAY` is `from:to`.
 */
import { Socket } from 'node:net'

const [from, to] = (process.env['OTHER_WAY'] ?? '').split(':').map(Number)
const connect = Socket.prototype.connect

Socket.prototype.connect = function (...given) {
  const options = Array.isArray(given[0]) ? given[0][0] : given[0]
  if (Number(options?.port) === from) options.port = to
  return connect.apply(this, given)
}
