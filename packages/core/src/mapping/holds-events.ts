import type { SourceConfig } from '../schema/source.ts'

/** A source of events, as others may write them, too; profiles come from Segment itself. */
export type EventSourceConfig = Extract<SourceConfig, { readonly trust?: unknown }>

/** Whether a source gives events. */
export function holdsEvents(config: SourceConfig): config is EventSourceConfig {
  return ['events', 'webhook', 'nats', 'kafka'].some((kind) => kind in config)
}
