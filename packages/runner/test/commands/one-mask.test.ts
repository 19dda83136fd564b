import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { LETTER } from '../state/a-letter.ts'

/** Writes a dead letter about a user, as a run does for what Braze refused. */
async function refuse(root: string, user: string): Promise<void> {
  const path = join(root, '.engage-sync/local/state.sqlite')
  const store = openSqlite({
    path,
    environment: 'local',
    workspace: 'simulator',
    create: false,
    now: Date.now,
  })
  const { epoch } = await store.acquireLease('the test', 60_000)
  const subject = { partition: 0, user, slot: '0' }
  await store.commit({ epoch, deadLetters: [{ ...LETTER, stage: 'destination', subject }] })
  await store.breakLease()
  await store.close()
}

it('shows a user under the same mask in every command', async () => {
  const event = traitLine('shopper-1', 'lifetime_value', 7)
  const { root } = makeProject({ 'data/events.ndjson': event, 'one.json': event })
  const plan = await runCommand(['plan'], { cwd: root })
  const debug = await runCommand(['debug', 'one.json'], { cwd: root })
  await runCommand(['run'], { cwd: root })
  const explain = await runCommand(['explain', 'shopper-1'], { cwd: root })
  await refuse(root, 'shopper-1')
  const letters = await runCommand(['dead-letters'], { cwd: root })
  const data = await runCommand(['dead-letters', '--format', 'json'], { cwd: root })

  for (const { out } of [plan, debug, explain, letters, data]) {
    expect(out).toContain('sh…-1')
    expect(out).not.toMatch(/shopper-|sho…|sh… \(/)
  }
})
