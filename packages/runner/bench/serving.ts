import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

const FLAGS = ['--conditions=engage-sync-source', '--no-warnings']

/** A process that serves. */
export interface ServingChild {
  readonly child: ChildProcess
  readonly url: string
  /** Waits until one of its figures is such a number. */
  until(figure: string, is: (value: number) => boolean): Promise<void>
}

/** A project whose webhook's log and state are in one PostgreSQL, in a directory of its own. */
export function makeServed(braze: string, more: readonly string[] = []): string {
  const root = mkdtempSync(join(tmpdir(), 'engage-sync-served-'))
  const files = {
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { ${[`endpoint: '${braze}'`, "api_key: '${KEY}'", 'settle: 0ms', ...more].join(', ')} }
    guards: { max_data_points: 1000000000, max_additions: 100% }
    state: { url: '\${DATABASE_URL}' }
    serve: { log: postgres, max_log: 10GB }
    sources: { engage: { webhook: { unsigned: true } } }
`,
    'configs/shoppers.yaml':
      'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits: { lifetime_value: ltv }\n',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** Starts one. @param databaseUrl - of the state */
export async function startServing(
  root: string,
  databaseUrl: string,
  argv: readonly string[],
): Promise<ServingChild> {
  const bin = join(import.meta.dirname, '../src/bin.ts')
  const child = spawn(
    process.execPath,
    [...FLAGS, bin, 'serve', '--listen', '127.0.0.1:0', '--format', 'json', ...argv],
    {
      cwd: root,
      env: { PATH: process.env['PATH'], KEY: 'simulator', DATABASE_URL: databaseUrl },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })
  const line = await new Promise<string>((resolve) => lines.once('line', resolve))
  const { url } = JSON.parse(line) as { url: string }
  const figureOf = async (figure: string) => {
    const text = await (await fetch(`${url}/metrics`)).text()
    const found = text.split('\n').find((one) => one.startsWith(`${figure} `))
    return Number(found?.slice(figure.length + 1) ?? Number.NaN)
  }
  return {
    child,
    url,
    until: async (figure, is) => {
      while (!is(await figureOf(figure))) await new Promise((resolve) => setTimeout(resolve, 20))
    },
  }
}

let messages = 0

/** What Segment posts of a user's trait. */
export function eventOf(userId: string, value: number): object {
  messages++
  const timestamp = new Date().toISOString()
  return {
    type: 'identify',
    userId,
    messageId: `personas_${String(messages).padStart(27, '0')}`,
    timestamp,
    receivedAt: timestamp,
    context: {
      personas: {
        computation_class: 'computed_trait',
        computation_key: 'lifetime_value',
        computation_id: 'id_1',
        space_id: 'spa_1',
      },
    },
    traits: { lifetime_value: value },
  }
}

/** Posts events in few bodies. @throws where one is not acknowledged */
export async function postEvents(url: string, events: readonly object[]): Promise<void> {
  const BODY = 1000
  for (let at = 0; at < events.length; at += BODY) {
    const body = JSON.stringify(events.slice(at, at + BODY))
    const answer = await fetch(`${url}/segment`, { method: 'POST', body })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  }
}
