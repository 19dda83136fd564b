import type { Check } from '@engage-sync/contract'
import { withKeys } from '../cohorts/index.ts'
import type { CohortKeys } from '../cohorts/index.ts'
import { BrazeAuthError, BrazeError } from '../errors.ts'
import { exchange } from '../exchange/index.ts'
import type { Exchange, Exchanger } from '../exchange/index.ts'
import type { EndpointGroup } from '../limits.ts'

/** A call that shows a permission and changes nothing. */
interface Probe {
  readonly permission: string
  readonly why: string
  readonly isNeeded: boolean
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly group: EndpointGroup
  readonly body?: object
}

/**
 * Empty lists everywhere: Braze answers 400 or 201 to a key that may call, 401 or 403 to one that
 * may not.
 */
const TRACK: Probe = {
  permission: 'users.track',
  why: 'to send attributes and events',
  isNeeded: true,
  method: 'POST',
  path: '/users/track',
  group: 'track',
  body: {},
}
const OTHERS: readonly Probe[] = [
  {
    permission: 'users.export.ids',
    why: 'for verify, and for on_unknown: verify',
    isNeeded: false,
    method: 'POST',
    path: '/users/export/ids',
    group: 'export',
    body: { external_ids: [], fields_to_export: ['external_id'] },
  },
  {
    permission: 'users.identify',
    why: 'for aliases with promote: identify',
    isNeeded: false,
    method: 'POST',
    path: '/users/identify',
    group: 'users',
    body: { aliases_to_identify: [] },
  },
  {
    permission: 'users.merge',
    why: 'for aliases with promote: merge',
    isNeeded: false,
    method: 'POST',
    path: '/users/merge',
    group: 'users',
    body: { merge_updates: [] },
  },
  {
    permission: 'users.delete',
    why: 'for privacy.on_delete: delete',
    isNeeded: false,
    method: 'POST',
    path: '/users/delete',
    group: 'users',
    body: { external_ids: [] },
  },
]

/** Above this, times and rate limits are read wrong. Milliseconds. */
const MAX_SKEW_MS = 30_000

/**
 * Looks at what a run will need: endpoint, clock, key, permissions, cohort keys. Sends nothing that
 * Braze would keep.
 *
 * @throws the signal's reason when aborted; everything else becomes a check
 */
export async function check(
  shared: Exchanger,
  keys: CohortKeys | null,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const track = await probe(shared, TRACK, signal)
  if (track.kind === 'failed')
    return [{ name: 'endpoint', status: 'failed', message: track.message, hint: track.hint }]
  const answers: [Probe, ProbeResult][] = [[TRACK, track]]
  for (const each of OTHERS) answers.push([each, await probe(shared, each, signal)])
  const checks: Check[] = [
    { name: 'endpoint', status: 'ok', message: 'Braze answers' },
    clockCheck(shared, track),
  ]
  if (answers.every(([, { kind }]) => kind === 'refused')) checks.push(KEY_REFUSED)
  else {
    checks.push({ name: 'key', status: 'ok', message: 'The API key is valid' })
    checks.push(...answers.map(([each, answer]) => permissionCheck(each, answer)))
  }
  if (keys !== null) checks.push(await cohortCheck(shared, keys, signal))
  return checks
}

const KEY_REFUSED: Check = {
  name: 'key',
  status: 'failed',
  message: 'Braze refuses the API key',
  hint: 'Check the key and the endpoint: a key is valid on one instance only. Keys are made under Settings > APIs and Identifiers.',
}

type ProbeResult =
  | { readonly kind: 'answered'; readonly date: string | undefined }
  | { readonly kind: 'refused'; readonly date?: undefined }
  | {
      readonly kind: 'failed'
      readonly message: string
      readonly hint: string
      readonly date?: undefined
    }

async function probe(
  shared: Exchanger,
  { method, path, group, body }: Probe,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body))
  return ask(
    () => exchange(shared, { method, path, group, body: bytes, repeatable: true, signal }),
    signal,
  )
}

async function ask(call: () => Promise<Exchange>, signal: AbortSignal): Promise<ProbeResult> {
  try {
    const result = await call()
    signal.throwIfAborted()
    return { kind: 'answered', date: result.kind === 'answer' ? result.headers['date'] : undefined }
  } catch (error) {
    if (error instanceof BrazeAuthError) return { kind: 'refused' }
    if (error instanceof BrazeError)
      return { kind: 'failed', message: error.message, hint: error.hint ?? 'Check the endpoint.' }
    throw error
  }
}

function clockCheck({ clock }: Exchanger, { date }: ProbeResult): Check {
  const theirs = date === undefined ? NaN : Date.parse(date)
  if (Number.isNaN(theirs))
    return { name: 'clock', status: 'ok', message: 'Braze does not tell its time' }
  const seconds = Math.round(Math.abs(clock.wallTime() - theirs) / 1000)
  if (seconds * 1000 <= MAX_SKEW_MS)
    return { name: 'clock', status: 'ok', message: `This clock and Braze's are ${seconds} s apart` }
  return {
    name: 'clock',
    status: 'warning',
    message: `This clock and Braze's are ${seconds} s apart`,
    hint: 'Let this machine keep its time by NTP: Braze takes a time in its future as now.',
  }
}

function permissionCheck({ permission, why, isNeeded }: Probe, result: ProbeResult): Check {
  if (result.kind === 'answered')
    return { name: permission, status: 'ok', message: `The key has ${permission}` }
  const status = isNeeded ? 'failed' : 'warning'
  if (result.kind === 'failed')
    return { name: permission, status, message: result.message, hint: result.hint }
  return {
    name: permission,
    status,
    message: `The key lacks ${permission}`,
    hint: `Make a key with ${permission}; it is needed ${why}.`,
  }
}

/** Segment's own credential test: a membership call without members. */
async function cohortCheck(
  shared: Exchanger,
  keys: CohortKeys,
  signal: AbortSignal,
): Promise<Check> {
  const path = `/partners/${encodeURIComponent(keys.partner)}/cohorts/users`
  const body = withKeys(
    Buffer.from(JSON.stringify({ cohort_id: 'engage-sync:doctor', cohort_changes: [] })),
    keys,
  )
  const result = await ask(
    () =>
      exchange(shared, {
        method: 'POST',
        path,
        group: 'cohorts',
        body,
        repeatable: true,
        authorised: false,
        signal,
      }),
    signal,
  )
  if (result.kind === 'answered')
    return { name: 'cohorts', status: 'ok', message: 'The cohort keys are valid' }
  if (result.kind === 'failed')
    return { name: 'cohorts', status: 'failed', message: result.message, hint: result.hint }
  return {
    name: 'cohorts',
    status: 'failed',
    message: 'Braze refuses the cohort keys',
    hint: 'Check partner, partner_api_key and data_import_key: the last is made under Partner Integrations > Technology Partners.',
  }
}
