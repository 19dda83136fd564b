import { closest, hostMistake, knownHost } from '@engage-sync/contract'
import type { Finding } from '../document/document.ts'

const HOSTS = {
  sdk: 'an SDK host',
  dashboard: 'a dashboard',
  'no-rest': 'a host that Braze does not have',
} as const
const EXAMPLE =
  'E.g. `https://rest.iad-03.braze.com`; or use the name of the instance, `instance: US-03`'
const LOOPBACK_HOSTS = new Set(['localhost', '[::1]'])

/** Whether a URL stays on this machine. */
export function isLoopback(endpoint: string): boolean {
  const url = parseUrl(endpoint)
  return (
    url !== null && (LOOPBACK_HOSTS.has(url.hostname) || /^127\.\d+\.\d+\.\d+$/.test(url.hostname))
  )
}

/** Why a text is no Braze endpoint, or null when it is one. Never repeats credentials of a URL. */
export function endpointProblem(endpoint: string): Finding | null {
  if (endpoint === 'simulator') return null
  const url = parseUrl(endpoint)
  if (url === null) {
    return {
      message: '"endpoint" expects `simulator` or an https URL',
      hint: `${whatIsMeant(endpoint.trim())}.`,
    }
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(endpoint))) {
    return {
      message: '"endpoint" must be https; plain http is for this machine only',
      hint: `Write \`https://${url.host}\`.`,
    }
  }
  const wrongHost = hostProblem(url)
  if (wrongHost !== null) return wrongHost
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return {
      message: '"endpoint" is a host alone, without a path',
      hint: `Write \`${url.origin}\`.`,
    }
  }
  return null
}

/** What a text that is no URL most likely stands for, as a hint. */
function whatIsMeant(text: string): string {
  if (closest(text, ['simulator']) !== null) return 'Write `simulator`'
  const host = knownHost(text)
  if (host !== null) return `Write \`https://${host}\``
  const url = parseUrl(text) ?? parseUrl(`https://${text}`)
  const isHost = url !== null && /\.[a-z]{2,}$/.test(url.hostname)
  return isHost && url.username === '' ? `Write \`${url.origin}\`` : EXAMPLE
}

function hostProblem({ hostname, username, password }: URL): Finding | null {
  if (username !== '' || password !== '') {
    return {
      message: '"endpoint" holds a user before its host',
      hint: 'Write the host alone; the key belongs into `api_key`.',
    }
  }
  const mistake = hostMistake(hostname)
  if (mistake === null) return null
  if (mistake.kind === 'look-alike') {
    return {
      message: `"endpoint" looks like Braze, but its host is "${hostname}"`,
      hint: `Type it anew. ${EXAMPLE}.`,
    }
  }
  const { kind, rest } = mistake
  return {
    message: `"endpoint" is ${HOSTS[kind]}; the REST host is needed`,
    hint: rest === null ? `${EXAMPLE}.` : `Write \`https://${rest}\`.`,
  }
}

function parseUrl(text: string): URL | null {
  if (!/^[a-z]+:\/\//i.test(text)) return null
  return URL.parse(text)
}
