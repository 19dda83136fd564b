/**
 * The workflow of a new project: pull requests are reviewed, a merge is planned and applied once somebody approved, and
 * a schedule runs what is new.
 *
 * @param configs - the configuration directory
 * @param version - of this program; the action is pinned to it
 */
export function workflowText(configs: string, version: string): string {
  const where = configs === 'configs' ? '' : `, configs: ${configs}`
  return WORKFLOW.replaceAll('CONFIGS/**', `${configs}/**`)
    .replaceAll('ACTION', `engage-sync/engage-sync@v${version}`)
    .replaceAll('ENVIRONMENT', `environment: production${where}`)
}

const SECRETS = `      BRAZE_API_KEY: \${{ secrets.BRAZE_API_KEY }}
      SEGMENT_PUBLIC_API_TOKEN: \${{ secrets.SEGMENT_PUBLIC_API_TOKEN }}
      DATABASE_URL: \${{ secrets.DATABASE_URL }}`

const CHECKOUT = 'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0'

const WORKFLOW = `# yaml-language-server: $schema=https://json.schemastore.org/github-workflow.json
name: engage-sync

on:
  pull_request:
    paths: ['CONFIGS/**']
  push:
    branches: [main]
    paths: ['CONFIGS/**']
  schedule:
    - cron: '7 * * * *'
  workflow_dispatch:

permissions:
  contents: read

jobs:
  # Validates, runs the cases, and keeps one comment with the plan, compared with what the branch is merged into: its
  # commit is the second one fetched. Forks get no secrets: they are checked, and what they change is told.
  review:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    timeout-minutes: 30
    permissions: { contents: read, pull-requests: write }
    environment: production-plan
    env:
${SECRETS}
    steps:
      - uses: ${CHECKOUT}
        with: { persist-credentials: false, fetch-depth: 2 }
      - uses: ACTION
        with: { ENVIRONMENT }

  # After the merge: a plan on main, in the summary of this job, for whoever approves the next one.
  plan:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    timeout-minutes: 30
    environment: production-plan
    outputs:
      changed: \${{ steps.plan.outputs.changed }}
    env:
${SECRETS}
    steps:
      - uses: ${CHECKOUT}
        with: { persist-credentials: false }
      - id: plan
        uses: ACTION
        with: { task: plan, ENVIRONMENT }

  # Does exactly that plan. Give the environment "production" required reviewers. Exit code 7: the plan no longer fits,
  # nothing was sent; run all jobs again.
  apply:
    needs: plan
    if: needs.plan.outputs.changed == 'true'
    runs-on: ubuntu-latest
    timeout-minutes: 120
    environment: production
    concurrency: { group: engage-sync-production, cancel-in-progress: false }
    env:
${SECRETS}
    steps:
      - uses: ${CHECKOUT}
        with: { persist-credentials: false }
      - uses: ACTION
        with: { task: apply, ENVIRONMENT }

  # What is new in the data. A change of configuration that was not applied yet waits: nothing goes out unapproved.
  run:
    if: github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'
    runs-on: ubuntu-latest
    timeout-minutes: 120
    environment: production-schedule
    concurrency: { group: engage-sync-production, cancel-in-progress: false }
    env:
${SECRETS}
    steps:
      - uses: ${CHECKOUT}
        with: { persist-credentials: false }
      - uses: ACTION
        with: { task: schedule, ENVIRONMENT }
`
