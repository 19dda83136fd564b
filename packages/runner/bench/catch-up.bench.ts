/*
 * Braze was down, and what came meanwhile waits: how much of the limit workers reach together while they catch up, and
 * whether any request was over it.
 *
 * `node --conditions=engage-sync-source packages/runner/bench/catch-up.bench.ts [workers] [requests a second] [seconds]`
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSimulator } from '@engage-sync/braze-simulator'
import { startPostgres } from '@engage-sync/testkit'

const [workers = 3, perSecond = 20, seconds = 30] = process.argv.slice(2).map(Number)
/** Users of one request. */
const FULL = 75
const BODY = 1000
const FLAGS = ['--conditions=engage-sync-source', '--no-warnings']
const users = perSecond * seconds * FULL

const database = await startPostgres()
const braze = await startSimulator({
  settings: { trackLimit: perSecond, trackWindowMs: 1000, answerDelayMs: 20, applyDelayMs: 0 },
})
const root = mkdtempSync(join(tmpdir(), 'engage-sync-catch-up-'))
mkdirSync(join(root, 'configs'))
writeFileSync(
  join(root, 'configs/engage-sync.yaml'),
  `version: 1
environments:
  local:
    braze: { endpoint: '${braze.url}', api_key: '\${KEY}', settle: 0ms, requests_per_second: ${perSecond} }
    guards: { max_data_points: 1000000000, max_additions: 100% }
    state: { url: '\${DATABASE_URL}' }
    serve: { log: postgres, max_log: 10GB }
    sources: { engage: { webhook: { unsigned: true } } }
`,
)
writeFileSync(
  join(root, 'configs/shoppers.yaml'),
  'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits: { lifetime_value: ltv }\n',
)

async function serve(...argv: readonly string[]) {
  const bin = join(import.meta.dirname, '../src/bin.ts')
  const child = spawn(
    process.execPath,
    [...FLAGS, bin, 'serve', '--listen', '127.0.0.1:0', '--format', 'json', ...argv],
    {
      cwd: root,
      env: { PATH: process.env['PATH'], KEY: 'simulator', DATABASE_URL: database.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const line = await new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).once('line', resolve),
  )
  return { child, url: (JSON.parse(line) as { url: string }).url }
}

async function tell(what: string, method: string, body?: object): Promise<void> {
  await fetch(`${braze.url}/simulator/${what}`, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  })
}

async function counts(): Promise<Readonly<Record<string, number>>> {
  const answer = await fetch(`${braze.url}/simulator/requests`)
  return ((await answer.json()) as { counts: Record<string, number> }).counts
}

const event = (user: number) => ({
  type: 'identify',
  userId: `user ${user}`,
  messageId: `personas_${String(user).padStart(27, '0')}`,
  timestamp: new Date().toISOString(),
  context: {
    personas: {
      computation_class: 'computed_trait',
      computation_key: 'lifetime_value',
      computation_id: 'id_1',
      space_id: 'spa_1',
    },
  },
  traits: { lifetime_value: user },
})

const front = await serve('--role', workers === 1 ? 'all' : 'front')
const all = [front]
if (workers > 1)
  for (let worker = 0; worker < workers; worker++) all.push(await serve('--role', 'worker'))
// All have their shares.
await sleep(5000)
await tell('faults', 'POST', { kind: 'status', status: 503, path: '/users/track', probability: 1 })
for (let user = 0; user < users; user += BODY) {
  const body = Array.from({ length: Math.min(BODY, users - user) }, (_, at) => event(user + at))
  const answer = await fetch(`${front.url}/segment`, { method: 'POST', body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
}
await tell('faults', 'DELETE')

const seen: { readonly at: number; readonly taken: number }[] = []
const wanted = users / FULL
for (;;) {
  const taken = (await counts())['/users/track 201'] ?? 0
  seen.push({ at: performance.now(), taken })
  if (taken >= wanted) break
  await sleep(100)
}
const from = seen.find(({ taken }) => taken > wanted * 0.1)
const to = seen.find(({ taken }) => taken > wanted * 0.9)
const rate = (((to?.taken ?? 0) - (from?.taken ?? 0)) / ((to?.at ?? 0) - (from?.at ?? 0))) * 1000
const over = (await counts())['/users/track 429'] ?? 0
console.log(
  `${workers} workers, ${perSecond} a second: ${(rate / perSecond).toFixed(3)} of the limit, ${over} over it`,
)
for (const { child } of all) child.kill('SIGKILL')
await braze.close()
await database.stop()
rmSync(root, { recursive: true, force: true })
process.exit()
