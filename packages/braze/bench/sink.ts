import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { LOCAL_TLS } from '@engage-sync/testkit'

/**
 * A server that takes any request and says success, over TLS with `--tls`; it prints its port. Run
 * in a process of its own.
 */
const answer = Buffer.from('{"attributes_processed":75,"message":"success"}')
const take: RequestListener = (request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(201, {
      'content-type': 'application/json',
      'content-length': answer.length,
      'x-ratelimit-limit': '3000',
      'x-ratelimit-remaining': '2000',
      'x-ratelimit-reset': '1767225600',
      'x-request-id': '00000000-0000-0000-0000-000000000000',
    })
    response.end(answer)
  })
}
const server = process.argv.includes('--tls')
  ? createTlsServer({ ...LOCAL_TLS }, take)
  : createServer(take)
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
