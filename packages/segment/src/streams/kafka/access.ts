/** How to reach a topic of Kafka. */
export interface KafkaAccess {
  /** `HOST:9092`; one of a cluster is enough. */
  readonly brokers: readonly string[]
  readonly topic: string
  readonly sasl?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
    readonly username: string
    readonly password: string
  }
  /** PEM texts; empty for TLS with what Node trusts. Default: no TLS. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}
