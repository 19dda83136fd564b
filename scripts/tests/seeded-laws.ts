import fc from 'fast-check'

// Laws draw their worlds by the seed of the run.
fc.configureGlobal({ seed: Number(process.env['ENGAGE_SYNC_SEED']) })
