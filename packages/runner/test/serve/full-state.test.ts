import { spawnSync } from 'node:child_process'
import { startSimulator } from '@engage-sync/braze-simulator'
import { expect, it, onTestFinished, vi } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { EACH } from './fleet-project.ts'
import { arrives, HOOK_ENV, hookProject, serveProcess, SHOPPERS } from './serving.ts'

const PRLIMIT = 'prlimit'
/** A limit on the size of files is the full disk that every user may have, and who may lift it makes room. */
const hasLimits = spawnSync(PRLIMIT, ['--version']).status === 0
/** What was received fits, and the state does not, bytes. */
const ROOM = 16_384

it.skipIf(!hasLimits)(
  'acknowledges while the disk of its state is full, says so, and goes on when there is room, with nothing half written',
  async () => {
    const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
    onTestFinished(() => simulator.close())
    const { root } = makeProject({
      'configs/engage-sync.yaml': hookProject(simulator.url),
      'configs/shoppers.yaml': SHOPPERS,
    })
    // Without the signal the write fails, as it does on a full disk.
    const under = ['sh', '-c', `trap '' XFSZ; exec "$@"`, 'sh']
    const serving = await serveProcess(root, { under })
    const limit = (bytes: string) =>
      spawnSync(PRLIMIT, ['--pid', String(serving.child.pid), `--fsize=${bytes}:`])
    const post = async (user: number) => {
      const line = traitLine(`full ${user}`, 'lifetime_value', user)
      expect((await serving.post('/segment', line)).status).toBe(200)
    }
    await post(1)
    await arrives(simulator.url, 'full 1', ['ltv', 1])
    limit(String(ROOM))
    for (const user of [2, 3]) await post(user)

    await vi.waitFor(async () => {
      const answer = await serving.get('/readyz')
      expect([answer.status, await answer.text()]).toEqual([
        503,
        expect.stringContaining('STATE_FULL'),
      ])
    }, EACH)
    await post(4)
    limit('unlimited')
    for (const user of [2, 3, 4]) await arrives(simulator.url, `full ${user}`, ['ltv', user])
    await vi.waitFor(async () => expect((await serving.get('/readyz')).status).toBe(200), EACH)
    serving.child.kill('SIGTERM')
    expect(await serving.ended).toMatchObject({ code: 0 })
    const check = await runCommand(['state', 'check'], { cwd: root, env: HOOK_ENV })
    expect(check).toMatchObject({ code: 0 })
  },
)
