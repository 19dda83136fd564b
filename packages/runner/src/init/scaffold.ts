import { programVersion } from '../process/program-version.ts'
import { schemaLine } from './schema-line.ts'
import { workflowText } from './workflow.ts'

/** A file to write: its path below the current directory, its text, and what it is. */
export interface ScaffoldFile {
  readonly path: string
  readonly text: string
  readonly about: string
}

const PROJECT = `# The project: where each environment reads from and writes to. Relative paths start beside this directory.
version: 1

environments:
  # The default. The simulator plays Braze, so nothing leaves this machine and no secret is needed.
  local:
    braze: { endpoint: simulator }
    sources:
      engage: { events: data/engage/*.ndjson* }

  # Secrets are named here and read when a command needs them; \`validate\` and \`test\` never do.
  production:
    segment:
      region: us # or eu
      space_id: spa_change_me
      public_api_token: '\${SEGMENT_PUBLIC_API_TOKEN}'
    sources:
      # Where Segment writes Engage's events: an S3 bucket, files, or - for standard input.
      engage: { events: 's3://change-me/segment-logs/ENGAGE_SOURCE_ID/**' }
    braze:
      instance: US-03
      api_key: '\${BRAZE_API_KEY}'
      # Cohorts need a Braze partner key of your own; without one, give audiences an attribute.
      # cohorts: { partner: acme, partner_api_key: '\${BRAZE_PARTNER_API_KEY}', data_import_key: '\${BRAZE_DATA_IMPORT_KEY}' }
    # Machines of a CI do not keep their disk: a PostgreSQL database remembers what Braze already has.
    state: { url: '\${DATABASE_URL}' }

# A run that would do more than this stops before anything is sent, and says how to allow it.
guards:
  max_removals: 20%
  max_data_points: 500000
`

const SYNC = `# One sync: which traits and audiences of Engage become what in Braze.
version: 1
description: What shoppers are worth, and who went dormant.
owner: change-me
source: engage
backfill: true # send what is known today, not only what changes from now on

identity:
  external_id: userId # where it is an address: \`external_id: email\` and \`lower_case: true\`

traits:
  # Short form: this trait becomes the custom attribute of that name.
  last_product_viewed_item: last_product_viewed_item

  # An attribute to segment on, and an event to trigger campaigns with.
  lifetime_value:
    attribute: lifetime_value
    type: number
    event: Trait Computed

audiences:
  dormant_shopper:
    attribute: dormant_shopper
    on_exit: false # or unset
    event: { entered: Audience Entered, exited: Audience Exited }

segments:
  # Conditions mean what Braze's own mean. \`engage-sync explain shoppers --braze\` says how to build it there by hand.
  dormant_sweater_fans:
    when:
      all:
        - { audience: dormant_shopper, equals: true }
        - { trait: last_product_viewed_item, matches: sweater }
    attribute: dormant_sweater_fan
`

const CASES = `# What the sync promises: events in, Braze objects out. \`engage-sync test\` runs them, \`--update\` takes what came.
version: 1

cases:
  - name: a computed trait becomes an attribute and an event
    events:
      - { trait: { lifetime_value: '120.50' } }
    expect:
      attributes: { lifetime_value: 120.5 }
      events: [Trait Computed]

  - name: a dormant shopper who looked at a sweater is a fan
    events:
      - { trait: { last_product_viewed_item: Blue Sweater } }
      - { audience: { dormant_shopper: true } }
    expect:
      attributes:
        last_product_viewed_item: Blue Sweater
        dormant_shopper: true
        dormant_sweater_fan: true
      events: [Audience Entered]
      segments: { dormant_sweater_fans: true }

  - name: who comes back is dormant no longer
    profile:
      traits: { last_product_viewed_item: Blue Sweater }
      audiences: { dormant_shopper: true }
      segments: { dormant_sweater_fans: true }
    events:
      - { audience: { dormant_shopper: false } }
    expect:
      attributes: { dormant_shopper: false, dormant_sweater_fan: false }
      events: [Audience Exited]
      segments: { dormant_sweater_fans: false }
`

/** Where the workflow goes. */
export const WORKFLOW_PATH = '.github/workflows/engage-sync.yml'

/** The project file of a new project. */
export function projectFile(configs: string, cwd: string): ScaffoldFile {
  const path = `${configs}/engage-sync.yaml`
  return {
    path,
    text: schemaLine('project', path, cwd) + PROJECT,
    about: 'environments, sources, guards',
  }
}

/** A sync to start from, and its cases. */
export function exampleFiles(configs: string, cwd: string): readonly ScaffoldFile[] {
  const sync = `${configs}/shoppers.yaml`
  const cases = `${configs}/shoppers.cases.yaml`
  return [
    { path: sync, text: schemaLine('sync', sync, cwd) + SYNC, about: 'a sync to start from' },
    { path: cases, text: schemaLine('cases', cases, cwd) + CASES, about: 'its cases' },
  ]
}

/** A workflow that reviews, applies and runs. @param configs - the configuration directory */
export function workflowFile(configs: string): ScaffoldFile {
  const text = workflowText(configs, programVersion())
  return { path: WORKFLOW_PATH, text, about: 'reviews, applies and runs in GitHub Actions' }
}
