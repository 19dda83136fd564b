// Who of several workers works on what, and where a user is looked for.

import { byId, counted, element, line } from './page-elements.js'

let asked = ''

/** The page of another worker, with the user that is looked for; the part behind # stays in the browser. */
function deskOf({ url }) {
  return `${url}/debug${asked === '' ? '' : `#user=${encodeURIComponent(asked)}`}`
}

function named(worker) {
  if (worker.url === null || worker.here) return worker.name
  return element('a', { href: deskOf(worker), rel: 'noreferrer' }, worker.name)
}

/** @param unowned - partitions that none of them works on */
export function showWorkers(workers, unowned) {
  byId('fleet').hidden = workers === null
  byId('workers').replaceChildren(
    ...(workers ?? []).map((worker) =>
      element(
        'li',
        {},
        named(worker),
        worker.here ? ' (this one)' : '',
        `: ${counted(worker.partitions, 'partition')} of 64`,
        worker.configuration > 0 ? `, configuration ${worker.configuration}` : '',
      ),
    ),
    ...(unowned > 0
      ? [element('li', {}, `nobody yet: ${counted(unowned, 'partition')} of 64`)]
      : []),
    ...(workers?.length === 0 ? [element('li', {}, 'nobody works at the moment')] : []),
  )
}

/** Whoever looks for a user is told where its records are to be seen. */
export function lookFor(user) {
  asked = user
  byId('owner').replaceChildren()
}

export function showOwner(owner) {
  if (owner === null || owner.here) return
  byId('owner').replaceChildren(
    element(
      'div',
      { class: 'notice' },
      line('This user is worked on by ', named(owner), ', and its records are shown there.'),
    ),
  )
}
