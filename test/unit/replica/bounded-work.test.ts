import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as Automerge from '@automerge/automerge'
import { ChangeSet } from '@codemirror/state'
import { describe, expect, it, vi } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { SessionLog } from '../../../main/log/session-log'
import { readChangeHeader } from '../../../main/replica/change-header'
import { kinds, readOperations } from '../../../main/replica/change-operations'
import { Follower } from '../../../main/replica/follower'
import { createHandle, genesisChange, rootNames } from '../../../main/replica/genesis'
import { packRanges, sizeOf, unpackRanges } from '../../../main/replica/given'
import { givenKey, maxGivenUnits, maxRanges } from '../../../main/replica/given-format'
import { GivenPage } from '../../../main/replica/given-page'
import { Intake } from '../../../main/replica/intake'
import { Anchor } from '../../../main/replica/page'
import { PageTree } from '../../../main/replica/page-tree'
import { Rope } from '../../../main/replica/rope'
import { TextPage } from '../../../main/replica/text-page'
import { Author, typed } from '../../support/author'

const keys = keysFromWrite(Buffer.alloc(32, 31))

/** Makes a document with given text on the only anchor. */
function givenDocument(text: string) {
  const handle = createHandle('ab'.repeat(32))
  const body = `1@${hex(keys.documentId)}`
  handle.applyChanges([genesisChange(keys.documentId)])
  handle.splitBlock(body, 0, {})
  const map = handle.getWithType(body, 0)?.[1] as string
  handle.put(map, givenKey, text, 'str')
  return { handle, body, map }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Returns the bytes that are in use and not garbage. */
function held(): number {
  for (let times = 0; times < 3; times++) collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const times = 7

/** Returns the shortest of the times, in ms, that so many runs take. */
function leastTime(run: () => void): number {
  const taken = Array.from({ length: times }, () => {
    const begun = performance.now()
    run()
    return performance.now() - begun
  })
  return Math.min(...taken)
}

describe('a long paste (D3)', () => {
  const ada = new Author(keys, 0)
  const text = `${'words and 😀 '.repeat(3_500)}end`

  const counts = () => ada.replica.commit().map(({ bytes }) => readOperations(readChangeHeader(bytes)).count)

  it('typed piece by piece, is cut into changes of 500 operations at most', () => {
    for (const edit of typed(0, text)) ada.replica.edit(ChangeSet.of(edit, ada.text.length))
    const written = counts()
    expect(Math.max(...written)).toBeLessThanOrEqual(500)
    expect(written.reduce((sum, count) => sum + count, 0)).toBeGreaterThan([...text].length)
    ada.replica.edit(ChangeSet.of({ from: 10, to: 5_000 }, text.length))
    expect(Math.max(...counts())).toBeLessThanOrEqual(500)
  })

  it('at once, is two operations for 16,384 units, in changes that fit into a segment', () => {
    const long = '文字と😀'.repeat(40_000)
    ada.replica.edit(ChangeSet.of({ from: 0, insert: long }, ada.text.length))
    const changes = ada.replica.commit()
    const operations = changes.map(({ bytes }) => readOperations(readChangeHeader(bytes)).count)
    expect(operations.reduce((sum, count) => sum + count, 0)).toBe(2 * Math.ceil(long.length / 16_384))
    for (const { bytes } of changes) expect(bytes.length).toBeLessThan(66_000)
  })

  it('with a replacement in each of its lines is one value for 16,384 units', () => {
    const eve = new Author(keys, 3)
    const lines = 'a line with a colour in it\n'.repeat(3_000)
    eve.write([{ from: 0, to: 0, insert: lines }])
    const words = [...lines.matchAll(/colour/g)].map(({ index }) => index)
    const edits = words.map((from) => ({ from, to: from + 6, insert: 'color' }))
    eve.replica.edit(ChangeSet.of(edits, lines.length))
    const kind = eve.replica
      .commit()
      .flatMap(({ bytes }) => [...readOperations(readChangeHeader(bytes)).kind])
    expect(kind.filter((one) => one === kinds.ranges).length).toBe(Math.ceil(lines.length / 16_384))
    expect(eve.text).toBe(lines.replaceAll('colour', 'color'))
  })

  it('that is received with a change of the own text between its slices gives one text', () => {
    const [cy, dan] = [new Author(keys, 1), new Author(keys, 2)]
    cy.write(typed(0, text))
    dan.replica.take(cy.sealed(0, 1))
    let writes = 0
    while (dan.replica.isBehind) {
      dan.replica.next()
      dan.write([{ from: dan.text.length, to: dan.text.length, insert: ` ${writes++}` }])
    }
    expect(writes).toBeGreaterThan(1)
    cy.take(dan, writes)
    expect(cy.text === dan.text).toBe(true)
    expect(cy.text === cy.reread()).toBe(true)
  })
})

describe('pages', () => {
  it('nest no deeper than others take, however long somebody writes into the middle (D6)', () => {
    const handle = createHandle('ab'.repeat(32))
    handle.applyChanges([genesisChange(keys.documentId)])
    const rope = new Rope(handle, `1@${hex(keys.documentId)}`, 'ab'.repeat(32))
    let text = ''
    for (let step = 0; step < 90; step++) {
      const from = Math.floor(text.length / 2)
      const insert = `${step} `.padEnd(2_048, 'x')
      rope.edit(
        [{ from, to: from, insert }],
        () => '',
        () => 500,
      )
      text = text.slice(0, from) + insert + text.slice(from)
    }
    expect(rope.depth()).toBeLessThanOrEqual(64)
    expect(rope.read()).toBe(text)
    handle.free()
  })

  it('are read again where following each character would walk through all of them each time', () => {
    const [here, there] = ['ab', 'cd'].map((actor) => createHandle(actor.repeat(32)))
    if (!here || !there) throw new Error('two handles were made')
    const body = `1@${hex(keys.documentId)}`
    here.applyChanges([genesisChange(keys.documentId)])
    const anchors = 2_000
    for (let count = 0; count < anchors; count++) here.splitBlock(body, count, {})
    here.commit(undefined, 0)
    there.applyChanges(here.getChanges([]))
    there.updateDiffCursor()
    const rope = new Rope(there, body, 'cd'.repeat(32))
    for (let count = anchors; count > 0; count--) here.splice(body, count, 0, 'x')
    here.commit(undefined, 0)
    const change = here.getLastLocalChange() ?? expect.fail()
    there.applyChanges([change])
    const followed = there.diffIncremental().map((patch) => rope.follow(patch))
    expect(followed).toHaveLength(anchors)
    expect(followed[0]).toEqual([{ from: 0, to: 0, insert: 'x' }])
    expect(followed.filter((edits) => edits === null).length).toBeGreaterThan(anchors / 4)
    expect(rope.read()).toBe('x'.repeat(anchors))
    for (const handle of [here, there]) handle.free()
  })
})

describe('given text that comes in one slice (D6a)', () => {
  const pastes = 300
  const paste = 'p'.repeat(128)

  it.each([
    ['is followed where it stands side by side', 128, true],
    ['is read again where it nests, since Automerge looks for all it stands in', 64, false],
  ])('%s', (_, step, isFollowed) => {
    const [ada, ben] = [new Author(keys, 5), new Author(keys, 6)]
    const froms = Array.from({ length: pastes }, (_, number) => (number % 60) * step)
    ada.write(froms.map((from) => ({ from, to: from, insert: paste })))
    expect(ada.replica.pageDepth() > 50).toBe(!isFollowed)
    expect(ben.text).toBe('')
    const follow = vi.spyOn(Rope.prototype, 'follow')
    ben.take(ada, 1)
    expect(follow.mock.calls.length > 0).toBe(isFollowed)
    follow.mockClear()
    // Each of many values is one patch in given text as deep.
    ada.write(froms.map((from) => ({ from, to: from + 1, insert: '' })))
    ben.take(ada, 2)
    expect(follow.mock.calls.length > 0).toBe(isFollowed)
    follow.mockRestore()
    expect(ben.text).toBe(ada.text)
  })
})

describe('values of given text (D6a)', () => {
  it('cost little more where their ranges halve surrogate pairs', () => {
    const ranges = Array.from({ length: maxRanges }, (_, index) => [4 * index + 1, 4 * index + 2]).flat()
    const value = packRanges(ranges)
    const [pairs, letters] = ['😀', 'xx'].map((unit) => unit.repeat(maxGivenUnits / 2))
    const read = (text = '') => leastTime(() => unpackRanges(value, text))
    expect(sizeOf(unpackRanges(value, pairs ?? ''))).toBe(maxGivenUnits / 2)
    expect(read(pairs) / read(letters)).toBeLessThan(60)
  })

  it('cost a few walks through the pages that stand in what they take out', () => {
    const time = (size: number) => {
      const { handle, body } = givenDocument('x'.repeat(size))
      const tree = new PageTree(handle, body)
      tree.read()
      const page = [...tree.all()].find((page) => page instanceof GivenPage) ?? expect.fail()
      for (let index = 1; index < size; index++) page.addKid(`+${index}.ab`, index)
      const path = [rootNames.body, 0, '-ab.0']
      const follow = (ranges: readonly number[]) => {
        const follower = new Follower(tree)
        const edits = follower.follow({ action: 'put', path, value: packRanges(ranges) })
        expect(edits).toHaveLength(size)
        return edits?.at(-1)
      }
      const taken = leastTime(() => {
        expect(follow([0, size])).toEqual({ from: 0, to: 1, insert: '' })
        expect(follow([])).toEqual({ from: size - 1, to: size - 1, insert: 'x' })
      })
      handle.free()
      return taken
    }
    expect(time(maxGivenUnits) / time(maxGivenUnits / 8)).toBeLessThan(25)
  })

  it('take little more memory than their bytes', () => {
    const page = new GivenPage('1@ab', new Anchor(new TextPage('0@ab', null)), 'x'.repeat(maxGivenUnits))
    const ranges = Array.from({ length: maxRanges }, (_, index) => [4 * index, 4 * index + 2]).flat()
    const count = 200
    const before = held()
    page.setValues(Array.from({ length: count }, (_, number) => [`-ab.${number}`, packRanges(ranges)]))
    expect((held() - before) / (count * packRanges(ranges).length)).toBeLessThan(3)
    expect(page.taken('-ab.7')).toEqual(ranges)
  })

  it('are read again where following each would walk through many ranges each time', () => {
    const { handle: here, body, map } = givenDocument('x'.repeat(maxGivenUnits))
    const there = createHandle('cd'.repeat(32))
    const key = (number: number) => `-${'ab'.repeat(8)}.${number}`
    here.put(map, key(0), packRanges([0, maxGivenUnits]), 'bytes')
    here.commit(undefined, 0)
    there.applyChanges(here.getChanges([]))
    there.updateDiffCursor()
    const rope = new Rope(there, body, 'cd'.repeat(32))
    const values = 150
    const value = packRanges(
      Array.from({ length: maxRanges }, (_, index) => [4 * index, 4 * index + 2]).flat(),
    )
    for (let number = 1; number <= values; number++) here.put(map, key(number), value, 'bytes')
    here.commit(undefined, 0)
    there.applyChanges([here.getLastLocalChange() ?? expect.fail()])
    const followed = there.diffIncremental().map((patch) => rope.follow(patch))
    expect(followed).toHaveLength(values)
    expect(followed[0]).toEqual([])
    expect(followed.filter((edits) => edits === null).length).toBeGreaterThan(values / 4)
    expect(rope.read()).toBe('')
    for (const handle of [here, there]) handle.free()
  })
})

describe('segments that wait for what they build on (D4)', () => {
  it('take little more memory than their content', async () => {
    const session = new SessionLog({
      documentId: keys.documentId,
      keys,
      identity: identityFromSeed(Buffer.alloc(32, 1)),
      name: 'ada',
      environment: systemEnvironment,
    })
    const actor = hex(session.session)
    let last = 'ab'.repeat(32)
    const changes = Array.from({ length: 400 }, (_, number) => {
      const startOp = 7 + number * 512
      const bytes = Automerge.encodeChange({
        ...{ actor, seq: number + 1, startOp, time: 0, message: null, author: null, deps: [last] },
        ops: Array.from({ length: 512 }, (_, place) => ({
          ...{ action: 'set', obj: `1@${hex(keys.documentId)}`, insert: true, value: 'a', pred: [] },
          elemId: number + place === 0 ? '_head' : `${startOp + place - 1}@${actor}`,
        })) as never,
      })
      last = readChangeHeader(bytes).hash
      return { bytes, hash: Buffer.from(last, 'hex') }
    })
    const content = changes.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const { documentId } = keys
    const contentKey = keys.content ?? expect.fail()
    const segment = { segment: session.seal(changes).bytes, certificate: session.certificate }
    const settled = { placeOf: () => null, leftOut: new Map(), settled: [], document: null }
    const intake = new Intake({ documentId, contentKey, ...settled })
    const before = held()
    expect(intake.take([segment])).toEqual({ ready: [], faults: [] })
    await new Promise((resolve) => setImmediate(resolve))
    expect((held() - before) / content).toBeLessThan(6)
  })
})
