import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A project directory of a test, removed after it. */
export interface TestProject {
  readonly root: string
  write(path: string, content: string | Uint8Array): void
}

const PROJECT = `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources:
      engage: { events: data/*.ndjson* }
`

const SHOPPERS = `version: 1
source: engage
identity: { external_id: userId }
traits:
  last_product_viewed_item: last_product_viewed_item
  lifetime_value: { attribute: ltv, type: number, event: Trait Computed }
audiences:
  dormant_shopper:
    attribute: dormant_shopper
    on_exit: false
    event: { entered: Audience Entered, exited: Audience Exited }
    cohort: Dormant shoppers
segments:
  sweater_fans:
    when:
      all:
        - { trait: last_product_viewed_item, matches: sweater }
        - { audience: dormant_shopper, equals: true }
    cohort: Sweater fans
`

/** Makes a project with one sync over `data/*.ndjson*` into the simulator; `files` are added or replaced. */
export function makeProject(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): TestProject {
  const root = mkdtempSync(join(tmpdir(), 'engage-sync-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }))
  const write = (path: string, content: string | Uint8Array) => {
    const full = join(root, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, content)
  }
  const all = { 'configs/engage-sync.yaml': PROJECT, 'configs/shoppers.yaml': SHOPPERS, ...files }
  for (const [path, content] of Object.entries(all)) write(path, content)
  return { root, write }
}

let messages = 0

/** One Engage identify call of a computed trait, as a line of a file. */
export function traitLine(userId: string, key: string, value: unknown, minute = 0): string {
  return line({ userId, kind: 'computed_trait', key, value, minute })
}

/** One Engage identify call of an audience, as a line of a file. */
export function audienceLine(userId: string, key: string, value: boolean, minute = 0): string {
  return line({ userId, kind: 'audience', key, value, minute })
}

function line({
  userId,
  kind,
  key,
  value,
  minute,
}: {
  userId: string
  kind: string
  key: string
  value: unknown
  minute: number
}): string {
  const timestamp = new Date(Date.UTC(2026, 0, 5, 10, minute)).toISOString()
  messages += 1
  return `${JSON.stringify({
    type: 'identify',
    userId,
    messageId: `personas_${String(messages).padStart(27, '0')}`,
    timestamp,
    context: {
      personas: {
        computation_class: kind,
        computation_key: key,
        computation_id: `id_${key}`,
        space_id: 'spa_1',
      },
    },
    traits: { [key]: value },
  })}\n`
}
