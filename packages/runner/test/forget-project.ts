import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import type { Simulator } from '@engage-sync/braze-simulator'
import { onTestFinished } from 'vitest'
import { makeProject, traitLine } from './project.ts'
import type { TestProject } from './project.ts'

export interface ForgetProject extends TestProject {
  readonly simulator: Simulator
  /** Configures the member that holds the time of an event, what a request does, and anything more. */
  configure(time: string, onDelete: string, more?: string): void
  /** Whether the state names a user anywhere in its files. */
  stateNames(user: string): boolean
}

/**
 * A project with a simulator of its own, whose second file asks to forget users.
 *
 * The requests have a `timestamp` that cannot be read, so they are rejected until `time` is `receivedAt`.
 */
export async function makeForgetProject(
  users: readonly string[],
  forgotten: readonly string[],
): Promise<ForgetProject> {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const project = makeProject({
    'configs/shoppers.yaml':
      'version: 1\nsource: engage\ntraits: { lifetime_value: { attribute: ltv, type: number } }\n',
    'data/a.ndjson': users.map((user) => traitLine(user, 'lifetime_value', 1)).join(''),
    'data/b.ndjson': forgotten.map(requestLine).join(''),
  })
  const directory = join(project.root, '.engage-sync')
  return {
    ...project,
    simulator,
    configure: (time, onDelete, more = '') =>
      project.write(
        'configs/engage-sync.yaml',
        configuration({ url: simulator.url, time, onDelete }) + more,
      ),
    stateNames: (user) =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(user)),
  }
}

/** Of these users, those a simulator knows. */
export async function knownTo(
  { url }: Simulator,
  users: readonly string[],
): Promise<readonly string[]> {
  const answers = await Promise.all(users.map((user) => fetch(`${url}/simulator/users/${user}`)))
  return users.filter((_, index) => answers[index].ok)
}

function requestLine(userId: string): string {
  return `${JSON.stringify({ type: 'delete', userId, timestamp: 'yesterday', receivedAt: '2026-02-01T10:00:00Z' })}\n`
}

function configuration({
  url,
  time,
  onDelete,
}: {
  readonly url: string
  readonly time: string
  readonly onDelete: string
}): string {
  return `version: 1
environments:
  local:
    braze: { endpoint: "${url}", api_key: "\${KEY}", settle: 0s }
    sources: { engage: { events: data/*.ndjson, time: ${time}, trust: [deletes] } }
    privacy: { on_delete: ${onDelete} }
`
}
