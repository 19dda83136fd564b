import { zip } from '@engage-sync/core'
import type { NormalisedNotify, SecretSources } from '@engage-sync/core'
import { readCiJob } from '../process/ci-job.ts'
import type { Io } from '../process/io.ts'
import type { Alert } from './alert.ts'
import { sendAlert } from './send.ts'

/** What somebody is to be told. */
export interface Told {
  readonly target: NormalisedNotify
  readonly alert: Alert
}

/** Why each alert was not taken; null where it was. */
export type Ends = readonly (string | null)[]

/** Sends alerts, all at once, and says on standard error which were not taken. Throws nothing. */
export async function tell(io: Io, secrets: SecretSources, told: readonly Told[]): Promise<Ends> {
  const sending = { secrets, job: readCiJob(io.env), nowMs: io.now() }
  const ends = await Promise.all(
    told.map(({ target, alert }) =>
      sendAlert(target, alert, sending).catch(() => 'it could not be written'),
    ),
  )
  for (const [{ target }, why] of zip(told, ends)) {
    if (why === null) continue
    if (io.log !== undefined)
      io.log({ level: 'warning', code: 'NOTIFY_NOT_SENT', to: target.kind, message: why })
    else
      io.stderr.write(`! An alert to ${nameOf(target)} was not taken: ${why} (NOTIFY_NOT_SENT)\n`)
  }
  return ends
}

/** A target for people, without its address. */
export function nameOf({ kind }: NormalisedNotify): string {
  return kind === 'slack' ? 'Slack' : 'a webhook'
}
