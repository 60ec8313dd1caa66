import { afterEach, beforeEach, expect, it } from 'vitest'
import { allSegmentsRange, sessionRange } from '../../main/log/format/store-keys'
import type { Range } from '../../main/storage/store'
import { lossWords } from '../../preload/messages/damage'
import { type Computer, Computers } from '../support/computers'
import { quiet } from '../support/manual-clock'

/** Longer than logs stay open that nothing needs, in ms. */
const quietTime = 400_000

let computers: Computers
let first: Computer
let second: Computer
beforeEach(async () => {
  computers = new Computers(54)
  first = computers.add('first')
  second = computers.add('second')
  await first.start('Ada')
})
afterEach(() => computers.close())

async function make(text = ''): Promise<string> {
  const document = await computers.done(first.workspace.createDocument({ text }))
  await computers.done(document.close())
  return document.id
}

const isShown = ({ workspace }: Computer, id: string) =>
  workspace.documents().some((document) => document.id === id)
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const keysIn = ({ disk }: Computer, { gte, lt }: Range) =>
  [...disk.values.keys()].filter((key) => key >= latin1(gte) && key < latin1(lt))

/** Deletes what a computer has stored of a document, but for its certificates; returns the keys. */
function loseAll(computer: Computer, id: string): string[] {
  const documentId = Buffer.from(id, 'hex')
  const lost = [allSegmentsRange(documentId), sessionRange('tip', documentId)].flatMap((range) =>
    keysIn(computer, range),
  )
  expect(lost.length).toBeGreaterThan(1)
  for (const key of lost) computer.disk.values.delete(key)
  return lost
}

it('an empty document stays that was opened again before it was its turn to be removed', async () => {
  const [other, id] = [await make('# Other'), await make()]
  await computers.clock.advance(quietTime)
  const release = first.store.holdWrite()
  const removing = first.workspace.removeDocuments([other])
  const dropping = first.workspace.dropEmpty(id)
  // Longer than its log stays open.
  await computers.clock.advance(quietTime)
  const document = await computers.done(first.workspace.document(id))
  await computers.done(document.edit([{ from: 0, to: 0, insert: 'words' }]))
  release()
  await computers.done(removing)
  expect(await computers.done(dropping)).toBe(false)
  expect([isShown(first, id), isShown(first, other)]).toEqual([true, false])
  await computers.done(document.close())
  await computers.reads(first, id, 'words')
})

it('a document stays that was opened while the logs of those were opened that leave with it', async () => {
  const [slow, id] = [await make(), await make()]
  await second.start()
  await computers.pair(first, second)
  await computers.until(() => isShown(second, slow) && isShown(second, id), 'the second to have both')
  await computers.clock.advance(quietTime)
  const release = second.store.holdReads((key) => latin1(key).includes(latin1(Buffer.from(slow, 'hex'))))
  await computers.done(first.workspace.removeDocuments([slow, id]))
  await computers.clock.advance(10_000)
  const document = await computers.done(second.workspace.document(id))
  await computers.done(document.edit([{ from: 0, to: 0, insert: 'words' }]))
  release()
  await computers.until(() => !isShown(second, slow), 'the other to leave')
  expect(isShown(second, id)).toBe(true)
  expect(await document.text()).toBe('words')
})

it('a document without a title can be restored of which all is lost that was written in it', async () => {
  const id = await make(' ')
  await second.start()
  await computers.pair(first, second)
  await computers.reads(second, id, ' ').then((document) => computers.done(document.close()))
  await computers.clock.advance(quietTime)
  loseAll(second, id)
  await computers.done(first.workspace.removeDocuments([id]))
  await computers.until(() => !isShown(second, id), 'the second to follow')
  await computers.clock.advance(10_000)
  expect(second.workspace.removed().map((removed) => removed.id)).toEqual([id])
})

it('a loss is said that is found when a log is opened again, and comes back', async () => {
  const id = await make('# Plan')
  await second.start()
  await computers.pair(first, second)
  await computers.reads(second, id, '# Plan').then((document) => computers.done(document.close()))
  await computers.clock.advance(quietTime)
  const lost = loseAll(second, id)
  const notices: string[] = []
  second.workspace.on('notice', ({ message }) => notices.push(message))
  await quiet()
  const document = await computers.done(second.workspace.document(id))
  await computers.until(() => lost.every((key) => second.disk.values.has(key)), 'it to come back')
  expect(notices).toContain(lossWords(['Plan']))
  expect(await document.text()).toBe('# Plan')
})
