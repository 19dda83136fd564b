import { closest, SyncError } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { knownGuard } from '../command-line/options.ts'
import { defineCommand } from '../command-line/command.ts'
import { EXIT } from '../process/exit.ts'
import { currentEpoch } from '../state/reading/workers.ts'
import { allowRequests, streamGuards } from '../state/values/stream-guards.ts'
import { holdingLease, withState } from '../workspace/state/with-state.ts'

/** A request is written while a server holds the lease. */
const BESIDE = { access: 'hold' } as const

/** `allow`: asks the server of an environment to let a guard pass. */
export const allowCommand = defineCommand({
  configure(command) {
    command
      .argument(
        '<guard...>',
        'removals=<id>, additions=<id>, data_points, deletions',
        (text: string, before: readonly string[] | undefined) => [
          ...(before ?? []),
          knownGuard(text),
        ],
      )
      .addHelpText('after', HELP)
  },
  run: (io, flags, requests) =>
    withState(io, { flags, ...BESIDE }, async (store) => {
      for (const request of requests) await checkMembership(store, request)
      const at = new Date(io.now()).toISOString()
      const values = requests.map((request) => allowRequests.stored(request, at))
      const lease = await store.currentLease()
      const beside = await currentEpoch(store)
      if (beside === null)
        await holdingLease(store, 'allow', (epoch) => store.commit({ epoch, values }))
      else await store.commit({ epoch: beside, values })
      const isServed =
        beside !== null && (lease === null || /\(serve( worker)?\)$/.test(lease.owner))
      io.stdout.write(
        isServed
          ? 'The server takes it within a second, and delivers what was held.\n'
          : 'No server runs. The next one takes it when a guard holds something.\n',
      )
      return EXIT.done
    }),
})

const HELP = `
A server names the guard in /readyz, in the debugger and to those of notify.
What is allowed passes until the time of the guard is over: an hour, or a day for data points.
`

/**
 * What is frozen may be allowed also where nothing in the state tells of the membership any more.
 *
 * @throws {SyncError} `USAGE_ALLOW` for a membership the state does not know
 */
async function checkMembership(store: StateStore, request: string): Promise<void> {
  const [guard = '', id = '*'] = request.split('=', 2)
  if (id === '*' || (guard !== 'removals' && guard !== 'additions')) return
  const known = (await store.mappings()).map((mapping) => mapping.id)
  if (known.includes(id) || (await streamGuards.read(store)).frozen.has(request)) return
  const near = closest(id, known)
  throw new SyncError('USAGE_ALLOW', `The state knows no membership ${id}`, {
    hint:
      near === null
        ? 'Take the id from /readyz of the server: sync:audiences.key, or sync:segments.key.'
        : `Did you mean ${guard}=${near}?`,
  })
}
