// What opens beside a panel: one user, cohort or request.

import { element, note, numbers, pairs } from './elements.js'

const SHOWN = 100

/** The detail of a path below `/simulator/`, made of what was read there. */
export function detailOf(path, found) {
  return DETAILS[path.split('/')[0]](found)
}

function userDetail(user) {
  const {
    custom_attributes: custom,
    custom_events: events,
    cohorts,
    user_aliases: aliases,
    purchases: _,
    devices,
    ...standard
  } = user
  const part = (title, content, isThere) => (isThere ? [element('h3', {}, title), content] : [])
  const eventTimes = Object.fromEntries(
    events.map(({ name, count, last }) => [name, `${numbers.format(count)} × last ${last}`]),
  )
  return [
    element('h2', {}, user.external_id ?? 'Anonymous user'),
    pairs(standard),
    ...part('Custom attributes', pairs(custom), Object.keys(custom).length > 0),
    ...part('Events', pairs(eventTimes), events.length > 0),
    ...part(
      'Cohorts',
      element(
        'p',
        { class: 'pills' },
        ...cohorts.map((name) => element('span', { class: 'pill' }, name)),
      ),
      cohorts.length > 0,
    ),
    ...part(
      'Aliases',
      pairs(
        Object.fromEntries((aliases ?? []).map((alias) => [alias.alias_label, alias.alias_name])),
      ),
      aliases !== undefined,
    ),
    ...part(
      'Devices',
      pairs(Object.fromEntries((devices ?? []).map(({ device_id: id }, index) => [index + 1, id]))),
      devices !== undefined,
    ),
  ]
}

function cohortDetail(found) {
  return [
    element('h2', {}, found.name ?? found.id),
    element('p', { class: 'soft' }, `${numbers.format(found.members)} members`),
    element(
      'p',
      { class: 'pills' },
      ...found.member_ids.slice(0, SHOWN).map((id) => element('span', { class: 'pill' }, id)),
    ),
    ...note(Math.min(SHOWN, found.member_ids.length), found.members, 'members'),
  ]
}

function requestDetail(found) {
  const { body, request, path, at, ...rest } = found
  const facts = Object.entries(rest).filter(
    ([, value]) => value !== 0 && value !== null && !(Array.isArray(value) && value.length === 0),
  )
  return [
    element('h2', {}, `Request ${request}`),
    element('p', {}, element('code', {}, path)),
    pairs({ received: new Date(at).toISOString(), ...Object.fromEntries(facts) }),
    element('h3', {}, 'Body'),
    element('pre', {}, JSON.stringify(body, null, 2)),
  ]
}

const DETAILS = { users: userDetail, cohorts: cohortDetail, requests: requestDetail }
