import type { ServerResponse } from 'node:http'

/** An answer in JSON. Nothing of the request is repeated in it. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** Why a request is refused, as its answer. */
export function refusal(
  status: number,
  {
    code,
    message,
    hint,
  }: { readonly code: string; readonly message: string; readonly hint?: string },
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, body: { code, message, ...(hint !== undefined && { hint }) }, headers }
}

/** Sends an answer, unless somebody else did or nobody is there any more. */
export function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  if (response.headersSent || response.destroyed) return
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(text)
}
