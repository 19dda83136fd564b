import { BRAZE_INSTANCES, hostMistake } from '@engage-sync/contract'
import { BrazeError } from '../errors.ts'

/** REST endpoints by instance name. */
export const INSTANCES: Readonly<Record<string, string>> = BRAZE_INSTANCES

const HOSTS = {
  sdk: 'an SDK host',
  dashboard: 'a dashboard',
  'no-rest': 'a host that Braze does not have',
} as const

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/

/**
 * The base URL of an instance name, in any case, or of a URL; without a trailing slash.
 *
 * @throws {BrazeError} `BRAZE_ENDPOINT` for anything but https, or http on a loopback host; for an
 *   SDK host, a dashboard, and a host that only looks like Braze, which would be given the key
 */
export function endpointOf(nameOrUrl: string): string {
  const text = INSTANCES[String(nameOrUrl).toUpperCase()] ?? nameOrUrl
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !isSafeUrl(url) || url.username !== '' || url.password !== '') {
    throw new BrazeError(
      'BRAZE_ENDPOINT',
      'The Braze endpoint must be an instance name or an https URL',
      {
        hint: `Use one of ${Object.keys(INSTANCES).join(', ')}, or a URL such as https://rest.iad-01.braze.com; plain http works for 127.0.0.1 only.`,
      },
    )
  }
  refuseHost(url.hostname)
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** Whether nobody on the way can read along: https, or http that stays on this machine. */
export function isSafeUrl({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

function refuseHost(hostname: string): void {
  const mistake = hostMistake(hostname)
  if (mistake === null) return
  if (mistake.kind === 'look-alike') {
    throw new BrazeError(
      'BRAZE_ENDPOINT',
      'The Braze endpoint looks like Braze, but is another host',
      {
        hint: 'Type it anew, e.g. https://rest.iad-03.braze.com, or use the name of the instance.',
      },
    )
  }
  const { kind, rest } = mistake
  throw new BrazeError(
    'BRAZE_ENDPOINT',
    `The Braze endpoint is ${HOSTS[kind]}; the REST host is needed`,
    { hint: rest === null ? 'Use the name of the instance.' : `Use https://${rest}.` },
  )
}
