import { expect, it } from 'vitest'
import { endpointProblem, isLoopback } from '../../../src/config/rules/endpoint.ts'

it.each([
  'simulator',
  'https://rest.iad-03.braze.com',
  'https://rest.iad-03.braze.com/',
  'http://127.0.0.1:8787',
  'http://127.8.9.10:1',
  'http://localhost:8787',
  'http://[::1]:8787',
])('%s is an endpoint', (endpoint) => {
  expect(endpointProblem(endpoint)).toBeNull()
})

it.each([
  ['http://rest.iad-03.braze.com', /https/],
  ['http://127.0.0.1.example.com', /https/],
  ['https://sdk.iad-03.braze.com', /SDK/],
  ['https://dashboard-03.braze.com', /dashboard/],
  ['https://dashboard.us-10.braze.com', /dashboard/],
  ['https://rest.iad-03.braze.com.evil.example', /looks like Braze/],
  ['https://rest.iad-03.br\u0430ze.com', /looks like Braze/],
  ['https://rest.iad-03.braze.com@evil.example', /user/],
  ['https://rest.iad-03.braze.com/users/track', /path/],
  ['https://rest.iad-03.braze.com?x=1', /path/],
  ['rest.iad-03.braze.com', /https URL/],
  ['ftp://127.0.0.1', /https/],
  ['', /https URL/],
  ['javascript:alert(1)', /https URL/],
])('%s is none, and the hint says what is', (endpoint, message) => {
  const problem = endpointProblem(endpoint)

  expect(problem?.message).toMatch(message)
  expect(problem?.hint).toMatch(/https:|simulator|api_key/)
})

it.each([
  ['https://dashboard-03.braze.com', 'https://rest.iad-03.braze.com'],
  ['https://dashboard-01.braze.eu', 'https://rest.fra-01.braze.eu'],
  ['https://dashboard.us-10.braze.com', 'https://rest.us-10.braze.com'],
  ['https://sdk.iad-03.braze.com', 'https://rest.iad-03.braze.com'],
  ['https://iad-03.braze.com', 'https://rest.iad-03.braze.com'],
  ['https://rest.iad-3.braze.com', 'https://rest.iad-03.braze.com'],
  ['https://rest.us-03.braze.com', 'https://rest.iad-03.braze.com'],
  ['https://rest.fra-01.braze.com', 'https://rest.fra-01.braze.eu'],
  ['rest.fra-02.braze.eu', 'https://rest.fra-02.braze.eu'],
  [' https://rest.fra-02.braze.eu ', 'https://rest.fra-02.braze.eu'],
  ['rest.iad-03', 'https://rest.iad-03.braze.com'],
  ['EU-01', 'https://rest.fra-01.braze.eu'],
  ['braze.acme.example', 'https://braze.acme.example'],
  ['Simulater', 'simulator'],
])('instead of %s proposes the REST host', (endpoint, rest) => {
  expect(endpointProblem(endpoint)?.hint).toContain(`\`${rest}\``)
})

it('proposes no host that is not there for a dashboard without a number', () => {
  expect(endpointProblem('https://dashboard.braze.com')?.hint).not.toContain('//rest.braze.com')
})

it.each(['https://rest.us-09.braze.com', 'https://rest.fra-03.braze.eu'])(
  'takes %s, which may be new',
  (endpoint) => {
    expect(endpointProblem(endpoint)).toBeNull()
  },
)

it.each(['https://braze-proxy.acme.example', 'https://gateway.acme.example'])(
  'takes %s, which claims nothing',
  (endpoint) => {
    expect(endpointProblem(endpoint)).toBeNull()
  },
)

it('repeats no password of a URL', () => {
  expect(
    JSON.stringify(endpointProblem('http://user:hunter2@rest.iad-03.braze.com/x')),
  ).not.toContain('hunter2')
})

it.each([
  ['http://127.0.0.1:1', true],
  ['http://localhost', true],
  ['http://127.0.0.1.example.com', false],
  ['https://rest.iad-03.braze.com', false],
  ['nonsense', false],
])('whether %s stays on this machine: %s', (endpoint, expected) => {
  expect(isLoopback(endpoint)).toBe(expected)
})
