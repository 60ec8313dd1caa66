import { Text } from '@codemirror/state'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DocumentSummary } from '../../../../preload/contract/library'
import { placeOfHeading } from '../../../../renderer/features/outline/headings'
import { Toasts } from '../../../../renderer/features/toasts/toasts.svelte'
import { readTargets } from '../../../../renderer/features/wiki-links/document-links.svelte'
import { WikiLinks } from '../../../../renderer/features/wiki-links/wiki-links.svelte'
import { summary } from '../summary'

let documents: DocumentSummary[]
let done: unknown[]
let toasts: Toasts
let links: WikiLinks
beforeEach(() => {
  documents = [
    summary({ id: 'plan', title: 'Plan', editedAt: 5 }),
    summary({ id: 'small', title: 'plan', editedAt: 9 }),
    summary({ id: 'old', title: 'House rules', editedAt: 1 }),
    summary({ id: 'new', title: 'House  Rules', editedAt: 2 }),
    summary({ id: 'sharp', title: 'C# notes', editedAt: 3 }),
    summary({ id: 'empty', title: '', editedAt: 8 }),
  ]
  done = []
  toasts = new Toasts()
  links = new WikiLinks({
    documents: () => documents,
    current: () => 'plan',
    show: (...given) => done.push(given),
    create: (title) => done.push(title),
    headings: async (id) => [`of ${id}`],
    toasts,
  })
})

const found = (target: string, heading = '') => {
  const place = links.find({ target, heading })
  return place && [place.document.id, place.heading]
}

describe('a link to a document', () => {
  it('leads to the one with the exact title, else to one that differs in case and accents', () => {
    expect(found('Plan', 'Costs')).toEqual(['plan', 'Costs'])
    expect(found('plan')).toEqual(['small', ''])
    expect(found('PLÁN')).toEqual(['small', ''])
    expect(found('House rules')).toEqual(['old', ''])
  })

  it('leads to the one edited last of several', () => expect(found('house RULES')).toEqual(['new', '']))

  it('may have the sign of headings in its title, or no title at all', () => {
    expect(found('C', ' notes')).toEqual(['sharp', ''])
    expect(found('', 'Costs')).toEqual(['plan', 'Costs'])
    expect(found('Nowhere', 'Costs')).toBeNull()
  })

  it('follows the library', () => {
    expect(found('Later')).toBeNull()
    documents = [...documents, summary({ id: 'later', title: 'Later' })]
    expect(found('Later')).toEqual(['later', ''])
  })

  it('opens, and offers to make what is missing', () => {
    links.open({ target: 'C# notes', heading: '' }, 'tab')
    expect(done).toEqual([['sharp', '', 'tab']])
    links.open({ target: 'Nowhere', heading: '' })
    const [toast] = toasts.list
    expect(toast?.message).toBe('No document is called “Nowhere”.')
    toast?.action?.run()
    expect(done.at(-1)).toBe('Nowhere')
    // Somebody made it meanwhile.
    documents = [...documents, summary({ id: 'now', title: 'Nowhere' })]
    toast?.action?.run()
    expect(done.at(-1)).toEqual(['now', '', 'here'])
  })

  it('is suggested by its title, without the document itself and those that it would not lead to', () => {
    expect(links.suggest('').map(({ id }) => id)).toEqual(['small', 'sharp', 'new', 'old'])
    expect(links.suggest('rules').map(({ id }) => id)).toEqual(['new', 'old'])
  })
})

describe('the documents that a text links to', () => {
  it('are each there once, in their order', () => {
    const text = Text.of(['[[B]] and [[A#x]]', '`[[C]]`', '', '[[B|again]] [[#Here]]'])
    const steps = readTargets(text)
    let step = steps.next()
    while (!step.done) step = steps.next()
    expect(step.value.map(({ target, heading }) => `${target}#${heading}`)).toEqual(['B#', 'A#x', '#Here'])
  })
})

describe('a heading', () => {
  it('is found by its words', () => {
    const text = Text.of(['# Plan', '', '## The *Cósts*', 'words'])
    expect(placeOfHeading(text, 'the costs')).toEqual({ from: 22, to: 22 })
    expect(placeOfHeading(text, 'words')).toBeNull()
  })
})
