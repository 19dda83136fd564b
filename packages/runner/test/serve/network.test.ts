import { startSimulator } from '@engage-sync/braze-simulator'
import { startPostgres, startTcpProxy } from '@engage-sync/testkit'
import type { PostgresServer, TcpProxy } from '@engage-sync/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { arrives, HOOK_ENV, hookProject, postUntilTaken, serveIn, SHOPPERS } from './serving.ts'

let simulator: Awaited<ReturnType<typeof startSimulator>>
let database: PostgresServer
let toBraze: TcpProxy
let toDatabase: TcpProxy
beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  database = await startPostgres()
  toBraze = await startTcpProxy(Number(new URL(simulator.url).port))
  toDatabase = await startTcpProxy(database.port)
})
afterAll(async () => {
  await Promise.all([toBraze.close(), toDatabase.close()])
  await simulator.close()
  await database.stop()
})

const value = (user: string, ltv: number) => traitLine(user, 'lifetime_value', ltv).trim()

it('delivers all it acknowledged over ways to Braze and PostgreSQL that are cut, slow and silent', async () => {
  const { root, write } = makeProject({ 'configs/shoppers.yaml': SHOPPERS })
  const braze = `http://127.0.0.1:${toBraze.port}`
  const text = hookProject(braze, undefined, '{ log: postgres }')
  write('configs/engage-sync.yaml', `${text}    state: { url: '\${DATABASE_URL}' }\n`)
  const url = database.url.replace(`:${database.port}/`, `:${toDatabase.port}/`)
  const env = { ...HOOK_ENV, DATABASE_URL: url }
  expect((await runCommand(['state', 'init'], { cwd: root, env })).code).toBe(0)
  const serving = await serveIn(root, { env })
  let users = 0
  const post = async () => {
    const user = `net_${++users}`
    await postUntilTaken(serving, value(user, users))
  }

  const disturbances: readonly (() => void)[] = [
    () => toBraze.cut(),
    () => toDatabase.cut(),
    () => toBraze.delay(50),
    () => toDatabase.delay(20),
    () => toBraze.turn('silent'),
    () => toDatabase.turn('refuse'),
  ]
  for (const disturb of disturbances) {
    await post()
    disturb()
    const posting = post()
    await new Promise((resolve) => setTimeout(resolve, 200))
    for (const way of [toBraze, toDatabase]) {
      way.delay(0)
      way.turn('open')
    }
    await posting
  }
  for (let user = 1; user <= users; user++)
    await arrives(simulator.url, `net_${user}`, ['ltv', user])

  expect(await serving.stop()).toBe(0)
})
