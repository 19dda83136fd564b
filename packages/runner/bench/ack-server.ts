/*
 * A process that receives: `bare` reads bodies and answers, `front` is the front of `serve` without its windows.
 * Tells its port, and on request what CPU it took.
 */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openWebhooks } from '../src/adapters/open-webhook.ts'
import { openSpool } from '../src/adapters/open-log.ts'
import { createFront, Log, newTally, receive, BodyRoom, send } from '../src/serve/front/index.ts'

const [kind = 'bare', directory = '.'] = process.argv.slice(2)
const server = kind === 'bare' ? bare() : await front()
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
)
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }))

function bare(): Server {
  return createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      JSON.parse(Buffer.concat(parts).toString('utf8'))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{}')
    })
  })
}

async function front(): Promise<Server> {
  const events = await openSpool({ name: 'engage', directory })
  const log = new Log({ events, directory, maxBytes: 1e12, committed: async () => null })
  const webhook = { shared_secret: 'secret' }
  const [opened] = await openWebhooks(new Map([['engage', { webhook }]]))
  if (opened === undefined) throw new Error('no webhook')
  const inlet = { webhook: opened, log, tally: newTally(Date.now()) }
  const room = new BodyRoom()
  return createFront(async ({ request, response, proceed }) => {
    const answer = await receive(inlet, { request, room, proceed })
    if (answer !== null) send(response, answer)
  })
}
