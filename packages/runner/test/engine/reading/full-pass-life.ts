import { createProfilesSyncSource } from '@engage-sync/segment'
import { run } from '../../../src/engine/index.ts'
import { openSqlite } from '../../../src/state/sqlite/open-sqlite.ts'
import { Bench, NOW } from '../harness.ts'

/**
 * A run over a warehouse that is killed once it has read something: `reconcile-life.ts <warehouse>
 * <state>`. The sync and the keys are those of `reconcile.test.ts`.
 */
const [url, path] = process.argv.slice(2)

const bench = new Bench({ shop: 'audiences:\n  vip: { attribute: vip, cohort: VIPs }\n' })
const store = openSqlite({
  path,
  environment: 'local',
  workspace: 'ledger',
  create: false,
  now: () => NOW,
})
const source = createProfilesSyncSource({
  url,
  schema: 'segment',
  keys: { traits: [], audiences: ['vip'] },
  mode: 'full',
})
bench.close()
await run(
  bench.options(store, {
    sources: new Map([['engage', source]]),
    observe: ({ type }) => {
      if (type === 'read') process.kill(process.pid, 'SIGKILL')
    },
  }),
)
