import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A span as it is told in JSON. */
export interface Span {
  readonly name: string
  readonly traceId: string
  readonly parentSpanId?: string
  readonly spanId: string
  readonly status?: { readonly code?: number; readonly message?: string }
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly attributes: readonly {
    readonly key: string
    readonly value: { readonly intValue?: number; readonly stringValue?: string }
  }[]
}

interface TracesTold {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
  }[]
}

/** A collector on this machine that is told as JSON. */
export async function collecting() {
  const told = new Map<string, readonly string[]>()
  const server = createServer((request, response) => {
    const { url = '' } = request
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => {
      told.set(url, [...(told.get(url) ?? []), text])
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    paths: () => [...told.keys()].toSorted(),
    /** All that was told, or all of one path. */
    text: (path?: string) =>
      (path === undefined ? [...told.values()].flat() : (told.get(path) ?? [])).join('\n'),
    spans: () =>
      (told.get('/v1/traces') ?? []).flatMap((text) =>
        ((JSON.parse(text) as TracesTold).resourceSpans ?? []).flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans),
        ),
      ),
  }
}
