import { readSize } from '@engage-sync/core'
import type { SourceConfig } from '@engage-sync/core'
import type { WebhookHeaders, WebhookRules } from '@engage-sync/segment'

/** A webhook of an environment: where it listens, and who may send. */
export interface Webhook {
  /** Name of its source. */
  readonly source: string
  readonly paths: readonly string[]
  /** Largest body, in bytes. */
  readonly maxBytes: number
  /** Refuses by the headers alone what would be refused with its body; null for what may go on. */
  refusedEarly(headers: WebhookHeaders): Refused | null
  /** The events of a request, each as one line of JSON, or why it is refused. */
  take(request: { readonly headers: WebhookHeaders; readonly body: Uint8Array }): Taken | Refused
}

/** Events that may be kept. */
export interface Taken {
  readonly ok: true
  readonly records: readonly string[]
}

/** A request that is refused; nothing of it is repeated in the message. */
export interface Refused {
  readonly ok: false
  readonly status: 400 | 401 | 413
  readonly code: string
  readonly message: string
}

/** The webhooks among the sources of an environment, secrets resolved. */
export async function openWebhooks(
  sources: ReadonlyMap<string, SourceConfig>,
): Promise<readonly Webhook[]> {
  const { readWebhook, verifyWebhook } = await import('@engage-sync/segment')
  return [...sources].flatMap(([source, config]) => {
    if (!('webhook' in config)) return []
    const { path = '/segment', max_body: maxBody = '8MB' } = config.webhook
    const rules = rulesOf(config, readSize(maxBody))
    const { sharedSecret: _, ...early } = rules
    const webhook: Webhook = {
      source,
      paths: [path].flat(),
      maxBytes: readSize(maxBody),
      refusedEarly(headers) {
        if (rules.header === undefined) return null
        const verdict = verifyWebhook({ body: NO_BODY, headers }, early)
        return verdict.ok ? null : verdict
      },
      take(request) {
        const verdict = verifyWebhook(request, rules)
        return verdict.ok ? readWebhook(request.body) : verdict
      },
    }
    return [webhook]
  })
}

const NO_BODY = new Uint8Array(0)

type WebhookConfig = Extract<SourceConfig, { readonly webhook: unknown }>

function rulesOf({ webhook }: WebhookConfig, maxBytes: number): WebhookRules {
  const { shared_secret: sharedSecret, header, unsigned } = webhook
  return {
    maxBytes,
    ...(sharedSecret !== undefined && { sharedSecret }),
    ...(header !== undefined && { header }),
    ...(unsigned === true && { unsigned }),
  }
}
