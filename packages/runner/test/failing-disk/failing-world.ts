import { spawn } from 'node:child_process'
import { startSimulator } from '@engage-sync/braze-simulator'
import { onTestFinished } from 'vitest'
import { BASE_ENV } from '../live-program.ts'
import { PROGRAM } from '../program.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'

const USERS = ['u1', 'u2', 'u3']

/** How a run ended. */
export interface EndedRun {
  readonly code: number | null
  readonly said: string
}

/** How a run is begun. */
export interface RunLimits {
  /** What a shell does before it becomes the program. */
  readonly before?: string
  readonly env?: NodeJS.ProcessEnv
}

/** A project whose disk may fail, and a Braze whose does not. */
export interface FailingWorld {
  run(limits?: RunLimits): Promise<EndedRun>
  /** What Braze holds: attributes by user, and how many events it took. */
  held(): Promise<{ readonly users: readonly unknown[]; readonly events: readonly number[] }>
}

/** Makes one, with everything a short run writes: rows, marks, a dead letter, positions, a run. */
export async function makeFailingWorld(): Promise<FailingWorld> {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const { root } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: "${simulator.url}", api_key: "\${KEY}", settle: 0s }
    on_unknown: repeat
    sources: { engage: { events: data/*.ndjson } }
`,
    'configs/shoppers.yaml': `version: 1
source: engage
traits: { lifetime_value: { attribute: ltv, type: number, event: Trait Computed } }
audiences: { dormant: { attribute: dormant } }
`,
    'data/1.ndjson': [
      ...USERS.map((user, index) => traitLine(user, 'lifetime_value', index + 1)),
      ...USERS.map((user) => audienceLine(user, 'dormant', true)),
      traitLine('u1', 'lifetime_value', 'many', 1),
    ].join(''),
  })
  return {
    run: (limits) => runIn(root, limits),
    async held() {
      const people = await Promise.all(
        USERS.map(async (user) => (await fetch(`${simulator.url}/simulator/users/${user}`)).json()),
      )
      const known = people as readonly Person[]
      return {
        users: known.map(({ custom_attributes: attributes }) => attributes),
        events: known.map(({ custom_events: events }) => events?.[0]?.count ?? 0),
      }
    },
  }
}

interface Person {
  readonly custom_attributes?: unknown
  readonly custom_events?: readonly { readonly count: number }[]
}

/** What Braze holds after a run over a disk that does not fail. */
export const CALM = {
  users: USERS.map((_, index) => ({ ltv: index + 1, dormant: true })),
  events: USERS.map(() => 1),
}

function runIn(root: string, { before = ':', env = {} }: RunLimits = {}): Promise<EndedRun> {
  const program = [...PROGRAM, 'run', '--format', 'json'].map((word) => `'${word}'`).join(' ')
  const child = spawn('/bin/sh', ['-c', `${before}; exec ${program}`], {
    cwd: root,
    env: { ...BASE_ENV, KEY: 'simulator', ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })))
}
