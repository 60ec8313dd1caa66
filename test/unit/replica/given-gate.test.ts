import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { type Change, type KnownChange, maxOpOf, readChange } from '../../../main/replica/change'
import { ChangeGate } from '../../../main/replica/change-gate'
import { readDocumentOperations } from '../../../main/replica/document-operations'
import { createHandle, genesisChange, genesisOperations, type Handle } from '../../../main/replica/genesis'
import { contentOf, reloaded } from '../../support/plain-document'
import { randomFrom } from '../../support/random'

const documentId = Buffer.alloc(32, 3)
const body = `1@${hex(documentId)}`
const first: KnownChange = { actor: hex(documentId), seq: 1, maxOp: genesisOperations }

/** A document that a session (hex) writes into, with what the session's keys in given text begin with. */
function site(actor: string) {
  const handle = createHandle(actor)
  handle.applyChanges([genesisChange(documentId)])
  return { handle, name: actor.slice(0, 16) }
}

/** Closes the change under way and reads it. */
function close(handle: Handle): Change {
  handle.commit(undefined, 0)
  return readChange(handle.getLastLocalChange() ?? expect.fail())
}

/** Puts given text on an anchor at the beginning of the body; returns the anchor. */
function give(handle: Handle, text: string): string {
  handle.splitBlock(body, 0, {})
  const [, anchor = ''] = (handle.getWithType(body, 0) ?? []) as string[]
  handle.put(anchor, 's', text, 'str')
  return anchor
}

const known = ({ actor, seq, startOp, operations }: Change): KnownChange => ({
  actor,
  seq,
  maxOp: maxOpOf({ startOp, operations }),
})

describe('two sessions with the same 16 letters', () => {
  const [one, two] = [`${'ab'.repeat(8)}${'1'.repeat(48)}`, `${'ab'.repeat(8)}${'2'.repeat(48)}`]
  const [ada, ben] = [site(one), site(two)]
  const anchor = give(ada.handle, 'one two three')
  const given = close(ada.handle)
  ben.handle.applyChanges([given.bytes])
  const kids = [ada, ben].map(({ handle, name }) => {
    const kid = handle.putObject(anchor, `+4.${name}`, '')
    handle.splice(kid, 0, 0, handle === ada.handle ? 'ada' : 'ben')
    handle.put(anchor, `-${name}.0`, Buffer.from([0, handle === ada.handle ? 3 : 5]), 'bytes')
    return kid
  })
  const [byAda, byBen] = [close(ada.handle), close(ben.handle)]

  it('pass the gate, each with its own pages and values (D3)', () => {
    const gate = new ChangeGate(documentId)
    gate.takeAll([given], () => [first])
    for (const change of [byAda, byBen])
      gate.takeAll([change], ({ seq }) => (seq === 2 ? [known(given)] : [first, known(given)]))
  })

  it('give one text in any order, at once and from a saved document', () => {
    const objects = { texts: [body, ...kids], anchors: [anchor] }
    const contents = [[[byAda, byBen]], [[byBen, byAda]], [[byAda], [byBen]], [[byBen], [byAda]]].map(
      (batches) => {
        const handle = createHandle('ff'.repeat(32))
        handle.applyChanges([genesisChange(documentId), given.bytes])
        for (const batch of batches) handle.applyChanges(batch.map(({ bytes }) => bytes))
        const content = contentOf(handle, objects)
        expect(contentOf(reloaded(handle), objects)).toEqual(content)
        return content
      },
    )
    for (const content of contents) expect(content).toEqual(contents[0])
    const names = contents[0]?.anchors[0]?.map(({ key }) => key.slice(0, 1))
    expect(names).toEqual(['+', '-', 's'])
    expect(contents[0]?.anchors[0]?.map(({ values }) => (values as unknown[]).length)).toEqual([2, 2, 1])
  })
})

describe('a change that is taken back', () => {
  const { handle, name } = site('cd'.repeat(32))
  const anchor = give(handle, 'one two three')
  const given = close(handle)
  handle.put(anchor, `-${name}.0`, Buffer.from([0, 1]), 'bytes')
  const value = close(handle)
  handle.put(anchor, `-${name}.0`, Buffer.from([0, 2]), 'bytes')
  handle.put(anchor, `-${name}.0`, Buffer.from([0, 3]), 'bytes')
  handle.putObject(anchor, `+2.${name}`, '')
  give(handle, 'more')
  const last = close(handle)
  /** Returns the changes that one is built on, by its number. */
  const before = ({ seq }: { seq: number }) => [seq === 1 ? first : known(seq === 2 ? given : value)]

  it('leaves nothing behind in given text (D5)', () => {
    const gate = new ChangeGate(documentId)
    const bad = { ...last, seq: 9 }
    gate.takeAll([given, value], before)
    expect(() => gate.takeAll([last, bad], before)).toThrow(/out of sequence/)
    gate.takeAll([last], before)
    const other = new ChangeGate(documentId)
    expect(() => other.takeAll([given, value, bad], before)).toThrow(/out of sequence/)
    other.takeAll([given, value, last], before)
  })

  it('is judged alike by who has the changes before it in a saved document only (T7)', () => {
    const saved = createHandle('ff'.repeat(32))
    saved.applyChanges([genesisChange(documentId), given.bytes, value.bytes])
    const document = saved.saveNoCompress()
    const loaded = () => {
      const gate = new ChangeGate(documentId)
      gate.load(readDocumentOperations(document))
      return gate
    }
    loaded().takeAll([last], before)
    const again = { ...value, seq: 3, startOp: last.startOp }
    expect(() => loaded().takeAll([again], () => [known(value)])).toThrow(/in place of another one/)
  })
})

describe('honest sessions', () => {
  it('never put two values at one key, whatever they do at once', () => {
    const random = randomFrom(11)
    const sites = Array.from({ length: 5 }, () => site(hex(random.bytes(32))))
    const [head = expect.fail()] = sites
    const anchor = give(head.handle, 'x'.repeat(60))
    const given = close(head.handle)
    for (const { handle } of sites.slice(1)) handle.applyChanges([given.bytes])
    const made = new Map<string, Change>([[given.hash, given]])
    const gate = new ChangeGate(documentId)
    gate.takeAll([given], () => [first])
    for (let step = 0; step < 200; step++) {
      const { handle, name } = random.pick(sites)
      for (const change of made.values()) if (random.chance(0.5)) handle.applyChanges([change.bytes])
      const offset = random.below(61)
      if (random.chance(0.5) && !handle.keys(anchor).includes(`+${offset}.${name}`))
        handle.putObject(anchor, `+${offset}.${name}`, '')
      else handle.put(anchor, `-${name}.${random.below(3)}`, Buffer.from([random.below(20), 1]), 'bytes')
      if (handle.pendingOps() === 0) continue
      const change = close(handle)
      gate.takeAll([change], ({ dependencies }) => [
        first,
        ...dependencies.flatMap((hash) => {
          const one = made.get(hash)
          return one ? [known(one)] : []
        }),
      ])
      made.set(change.hash, change)
    }
    head.handle.applyChanges([...made.values()].map(({ bytes }) => bytes))
    const keys = head.handle.keys(anchor)
    expect(keys.length).toBeGreaterThan(30)
    for (const key of keys) expect(head.handle.getAll(anchor, key)).toHaveLength(1)
  })
})
