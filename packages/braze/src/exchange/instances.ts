import { BrazeError } from '../errors.ts'

const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`US-0${index + 1}`, `https://rest.iad-0${index + 1}.braze.com`]))

/**
 * REST endpoints by instance name.
 *
 * @see https://www.braze.com/docs/user_guide/administrative/access_braze/braze_instances
 */
export const INSTANCES: Readonly<Record<string, string>> = {
  ...numbered(8),
  'US-10': 'https://rest.us-10.braze.com',
  'EU-01': 'https://rest.fra-01.braze.eu',
  'EU-02': 'https://rest.fra-02.braze.eu',
  'AU-01': 'https://rest.au-01.braze.com',
  'ID-01': 'https://rest.id-01.braze.com',
  'JP-01': 'https://rest.jp-01.braze.com',
  'KR-01': 'https://rest.kr-01.braze.com',
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/

/**
 * The base URL of an instance name or URL, without a trailing slash.
 *
 * @throws {BrazeError} `BRAZE_ENDPOINT` for anything but https, or http on a loopback host
 */
export function endpointOf(nameOrUrl: string): string {
  const text = INSTANCES[nameOrUrl] ?? nameOrUrl
  const url = URL.canParse(text) ? new URL(text) : null
  const isSafe = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname)))
  if (!isSafe || url.username !== '' || url.password !== '') {
    throw new BrazeError('BRAZE_ENDPOINT', 'The Braze endpoint must be an instance name or an https URL', {
      hint: `Use one of ${Object.keys(INSTANCES).join(', ')}, or a URL such as https://rest.iad-01.braze.com; plain http works for 127.0.0.1 only.`,
    })
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}
