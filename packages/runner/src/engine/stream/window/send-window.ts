import { NOTHING_RECOVERED } from '../../../state/values/values.ts'
import { deliveryRules } from '../../books.ts'
import { deliverPass, deliverWindow, Rounds } from '../../delivery/index.ts'
import type { PassInputs, SentCall, WindowDelivered } from '../../delivery/index.ts'
import { sleep } from '../../durable/index.ts'
import type { Folded } from '../../reading/index.ts'
import type { WindowScope } from './scope.ts'

/** Rows a window leaves, and requests it has no answer to. */
export type Left = Pick<WindowDelivered, 'unfinished' | 'settling' | 'open'>

/** Who decides the requests of a window that have no answer. */
export function roundsOf({ session, signals }: WindowScope): Rounds {
  const { options } = session.inputs
  const { books, outcomes } = session.shift
  return new Rounds({
    ...options,
    signal: signals.signal,
    committer: books.committer,
    outcomes,
    recovered: NOTHING_RECOVERED,
    onVerifying: ({ requests, ms }) => options.observe({ type: 'verifying', requests, ms }),
  })
}

/** Delivers what is pending in the rows. @throws what concerns more than some users */
export async function sendWindow(
  scope: WindowScope,
  { merged }: Folded,
  rounds: Rounds,
): Promise<Left> {
  const { joinsAliases, late, shift } = scope.session
  shift.outcomes.follow(merged.pairs)
  const inputs = passInputs(scope, rounds)
  const left = joinsAliases
    ? { ...(await deliverPass(inputs, merged)), settling: [], open: [] }
    : await deliverWindow({ ...inputs, late })
  if (left.failure !== null) throw left.failure
  scope.signals.signal.throwIfAborted()
  if (rounds.ended.failure !== null) throw rounds.ended.failure
  return left
}

function passInputs({ session, signals, nowMs }: WindowScope, rounds: Rounds): PassInputs {
  const { open, shift, cohorts } = session
  const { options } = session.inputs
  const { books, outcomes, reasons } = shift
  return {
    sending: {
      ...signals,
      destination: options.destination,
      run: shift.number,
      onSent: countingCalls(session),
      wait: sleep,
    },
    committer: books.committer,
    outcomes,
    program: open.mappings.program,
    rows: open.partitions.rows,
    nowMs,
    createUsers: deliveryRules(options, open).createUsers,
    renamesCohorts: options.kind.renamesCohorts,
    known: cohorts,
    rounds,
    letterOf: () => null,
    now: options.now,
    onRefusedPair: ({ code, message }) => reasons.add(code, message),
    onSettling: (ms) => options.observe({ type: 'settling', ms }),
  }
}

/** Counts and tells every call of the destination. */
export function countingCalls({ shift, inputs }: WindowScope['session']): (sent: SentCall) => void {
  return (sent) => {
    for (let left = sent.uncounted ?? 0; left > 0; left--)
      shift.reasons.add('DELIVERED_UNCOUNTED', '')
    inputs.options.observe({ type: 'sent', ...shift.books.counters.sent(sent) })
  }
}
