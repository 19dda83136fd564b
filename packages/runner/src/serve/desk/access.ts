import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { refusal } from '../front/index.ts'
import type { Answer } from '../front/index.ts'

/** Who may look. */
export interface AccessRules {
  /** Null: nobody but this machine. */
  readonly adminToken: string | null
  /** A proxy stands before the server, so that an address of this machine proves nothing. */
  readonly trustProxy: boolean
}

/** What somebody who asks may see. */
export type Access =
  | {
      readonly ok: true
      /** Gave the token, and may see values, too. */ readonly hasToken: boolean
    }
  | { readonly ok: false; readonly answer: Answer }

/** Names of this machine, as a browser of it says them. */
const LOCAL_HOSTS = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i
const LOCAL_ADDRESSES = /^(?:127\.|::1$|::ffff:127\.)/
/** What proxies say of those they speak for. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const

/**
 * Whether somebody may look at the desk: with the token where there is one, else from this machine
 * alone, and not through a proxy.
 *
 * The name in `Host` is looked at, too: a page of elsewhere can send its reader's browser here under
 * a name of its own, and read what it gets.
 */
export function accessOf(request: IncomingMessage, rules: AccessRules): Access {
  const { adminToken, trustProxy } = rules
  if (adminToken !== null) {
    return isSameSecret(tokenOf(request), adminToken)
      ? { ok: true, hasToken: true }
      : { ok: false, answer: refusal(401, TOKEN, { 'www-authenticate': CHALLENGE }) }
  }
  const { headers, socket } = request
  const isLocal =
    !trustProxy &&
    LOCAL_ADDRESSES.test(socket.remoteAddress ?? '') &&
    LOCAL_HOSTS.test(headers.host ?? '') &&
    FORWARDED.every((name) => headers[name] === undefined)
  return isLocal ? { ok: true, hasToken: false } : { ok: false, answer: refusal(403, ELSEWHERE) }
}

/** Browsers ask for a name and a password: any name, and the token. */
const CHALLENGE = 'Basic realm="engage-sync", charset="UTF-8"'
const TOKEN = { code: 'SERVE_TOKEN', message: 'Expected the admin token.' }
const ELSEWHERE = {
  code: 'SERVE_ELSEWHERE',
  message: 'This is shown on the machine of the server alone.',
  hint: 'Set `serve.admin_token` to look at it from elsewhere, or through a proxy.',
}

/** The token somebody gives: as a bearer, or as the password beside any name; an empty text without one. */
export function tokenOf({ headers: { authorization = '' } }: IncomingMessage): string {
  const [, kind = '', text = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization) ?? []
  if (kind.toLowerCase() !== 'basic') return text
  const pair = Buffer.from(text, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
export function isSameSecret(left: string, right: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(left).digest(),
    createHash('sha256').update(right).digest(),
  )
}
