/** Files of tests that kill processes, or have several, and of laws over whole runs: they start first. */
export const LONG_FILES = [
  '**/test/crash/**',
  '**/*laws.test.ts',
  '**/killed*.test.ts',
  '**/fleet{,-logs,-ways,-guards}.test.ts',
  '**/engine/fleet/rollout.test.ts',
  '**/engine/stream/frozen-many.test.ts',
]

/**
 * Files that take seconds each, since they start programs, browsers, databases or servers that
 * misbehave, compile what the pages show, or fuzz: they come next.
 */
export const SLOW_FILES = [
  '**/test/ci/action.test.ts',
  '**/test/faults/**',
  '**/test/failing-disk/**',
  '**/test/page/**',
  '**/test/docs/{figures,typescript,library-example,tutorial}.test.ts',
  '**/test/s3/**',
  '**/test/serve/**',
  '**/test/streams/**',
  '**/adapters/shared-pace.test.ts',
  '**/test/telemetry/**',
  '**/test/state/{postgres,sqlite}/**',
  '**/state/pieces.test.ts',
  '**/state/format/former-{formats,state}.test.ts',
  '**/{bin,bundle,conformance,demo,fuzz,package,readme,unbuilt}.test.ts',
  '**/output/{canaries,obeyed,report/summary}.test.ts',
  '**/peer/misbehaving.test.ts',
  '**/exchange/ways.test.ts',
  '**/transport/thread-transport.test.ts',
  '**/engine/reading/{delete-missing,full-pass}.test.ts',
  '**/engine/retry/retry.test.ts',
  '**/engine/durable/compact-partitions.test.ts',
  '**/engine/stream/upkeep.test.ts',
  '**/decode/{ahead/decode-ahead,hot/hot-decoder}.test.ts',
  '**/events/generate.test.ts',
  '**/workspace/state/read-only.test.ts',
  '**/profiles-sync/source.test.ts',
  '**/commands/{adopt,doctor,dropped,plan,plan-spooled,run,state,validate}.test.ts',
]

/** What `npm run test:quick` leaves out. */
export const NOT_QUICK = [...LONG_FILES, ...SLOW_FILES]
