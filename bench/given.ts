import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHandle, genesisChange, type Handle } from '../main/replica/genesis'
import type { TextEdit } from '../main/replica/page-tree'
import { Rope } from '../main/replica/rope'
import { type Sizes, usualSizes } from '../main/replica/writer'
import { randomFrom } from '../test/support/random'
import { Place } from './place'
import { percentile, report } from './report'
import { Role, roleOptions, tell } from './role'
import { prose } from './text'

/** Long texts as given text, beside the same work with each character as an operation; CPU time of both sides. */
const size = 1_000_000
const half = size / 2
const matches = 20_000
/** Changes that a replica applies at once: 20,000 operations. */
const changesPerSlice = 40
const kinds: Readonly<Record<string, Sizes>> = {
  characters: { ...usualSizes, given: Number.POSITIVE_INFINITY },
  'given text': usualSizes,
}
const documentId = Buffer.alloc(32, 9)
const bodyId = `1@${documentId.toString('hex')}`
const random = randomFrom(17)

/** A document with its rope, as a replica has them. */
class Site {
  readonly handle: Handle
  readonly rope: Rope
  readonly changes: Uint8Array[] = []
  private bytes = 0

  constructor(number: number, sizes: Sizes, handle?: Handle, saved?: Uint8Array) {
    const actor = Buffer.alloc(32, number).toString('hex')
    const made = createHandle(actor)
    if (saved) made.loadIncremental(saved)
    else made.applyChanges([genesisChange(documentId)])
    made.updateDiffCursor()
    this.handle = handle ?? made
    this.rope = new Rope(this.handle, bodyId, actor, sizes)
  }

  /** Writes edits and closes the change; `words` is the text that they take out, if it has no pairs. */
  write(edits: readonly TextEdit[]): Uint8Array[] {
    const room = (least: number, bytes = 0) => {
      if (this.handle.pendingOps() + least > 500 || this.bytes + bytes > 65_536) this.close()
      this.bytes += bytes
      return 500 - this.handle.pendingOps()
    }
    this.rope.edit(edits, () => '', room)
    this.close()
    return this.changes.splice(0)
  }

  /** Applies changes and follows their patches. */
  receive(changes: readonly Uint8Array[]): void {
    for (let start = 0; start < changes.length; start += changesPerSlice) {
      this.handle.applyChanges(changes.slice(start, start + changesPerSlice))
      this.rope.startFollowing()
      const patches = this.handle.diffIncremental()
      if (!patches.every((patch) => this.rope.follow(patch))) this.rope.read()
    }
  }

  private close(): void {
    if (this.handle.pendingOps() === 0) return
    this.handle.commit(undefined, 0)
    const change = this.handle.getLastLocalChange()
    this.handle.updateDiffCursor()
    this.bytes = 0
    if (change) this.changes.push(change)
  }
}

const receiver = roleOptions<{ kind: string; file: string }>('receiver')
if (receiver) receiveAlone(receiver.kind, receiver.file)
else await measure()

async function measure(): Promise<void> {
  const place = await Place.open()
  const folder = place.folder()
  const text = prose(random, size)
  const results: Record<string, Record<string, number>> = {}
  for (const [kind, sizes] of Object.entries(kinds)) {
    const found: Record<string, number> = {}
    results[kind] = found
    const [writer, reader] = [new Site(1, sizes), new Site(2, sizes)]
    const both = (what: string, edits: readonly TextEdit[]): Uint8Array[] => {
      let changes: Uint8Array[] = []
      found[`${what}, where it is made`] = cpu(() => {
        changes = writer.write(edits)
      })
      found[`${what}, at the other`] = cpu(() => reader.receive(changes))
      return changes
    }
    const changes = both('paste of 1 MB', [{ from: 0, to: 0, insert: text }])
    const file = join(folder, `${kind}.json`)
    writeFileSync(file, JSON.stringify(changes.map((change) => Buffer.from(change).toString('base64'))))
    const role = new Role<{ memory: number }>('receiver', { kind, file }, ['--expose-gc'])
    found['memory of who receives 1 MB'] = (await role.next()).memory
    await role.end()
    found['loading it'] = cpu(() =>
      new Site(3, sizes, undefined, writer.handle.saveNoCompress()).handle.free(),
    )
    found['a key after it at the other, p50'] = keys(writer, reader)
    both('deletion of 500 kB', [{ from: half / 2, to: half / 2 + half, insert: '' }])
    both('all of it replaced by 500 kB', [{ from: 0, to: writer.rope.length, insert: text.slice(half) }])
    if (writer.rope.read() !== reader.rope.read()) throw new Error('the texts differ')
    writer.handle.free()
    reader.handle.free()
  }
  const [characters = {}, given = {}] = Object.values(results)
  for (const [what, value] of Object.entries(given)) {
    report(what, value, what.startsWith('memory') ? 'MB' : 'ms')
    report(`${what}: characters beside given text`, (characters[what] ?? Number.NaN) / value, 'times')
  }
  replaceAll()
  await place.close()
}

/** The p50 of a remote key, in a run of ten and then elsewhere, in ms. */
function keys(writer: Site, reader: Site): number {
  let from = 0
  const times = Array.from({ length: 200 }, (_, index) => {
    if (index % 10 === 0) from = random.below(writer.rope.length)
    const changes = writer.write([{ from, to: from, insert: 'x' }])
    from++
    const started = performance.now()
    reader.receive(changes)
    return performance.now() - started
  })
  return percentile(times, 0.5)
}

/** Replaces a word in ordinary lines, beside the same operations on Automerge alone. */
function replaceAll(): void {
  const line = `${prose(random, 44)} colour\n`
  const text = line.repeat(matches)
  const edits = Array.from({ length: matches }, (_, index) => {
    const from = line.length * index + 45
    return { from, to: from + 6, insert: 'color' }
  })
  const first = new Site(1, usualSizes)
  const pasted = first.write([{ from: 0, to: 0, insert: text }])
  const base = (): Handle => {
    const handle = createHandle(Buffer.alloc(32, 2).toString('hex'))
    handle.applyChanges([genesisChange(documentId), ...pasted])
    handle.updateDiffCursor()
    return handle
  }
  const calls: { name: string; args: unknown[] }[] = []
  new Site(2, usualSizes, recording(base(), calls)).write(edits)
  const times = { rope: 0, alone: 0 }
  let changes: Uint8Array[] = []
  // Twice in turns; the first time warms up.
  for (let turn = 0; turn < 2; turn++) {
    const [writer, bare] = [new Site(2, usualSizes, base()), base()]
    times.rope = cpu(() => {
      changes = writer.write(edits)
    })
    times.alone = cpu(() => {
      for (const { name, args } of calls) Reflect.apply(Reflect.get(bare, name), bare, args)
    })
    writer.handle.free()
    bare.free()
  }
  report(`${matches} words replaced at once, where it is made`, times.rope, 'ms')
  report('the same beside Automerge alone', times.rope / times.alone, 'times', 1.5)
  report('bytes of its changes', changes.reduce((sum, { length }) => sum + length, 0) / 1000, 'kB')
  report(
    'the same at the other',
    cpu(() => first.receive(changes)),
    'ms',
  )
  if (first.rope.read() !== text.replaceAll('colour', 'color')) throw new Error('the texts differ')
}

/** A handle that notes the calls which change its document. */
function recording(handle: Handle, calls: { name: string; args: unknown[] }[]): Handle {
  const noted = new Set(['splice', 'splitBlock', 'put', 'putObject', 'commit'])
  for (const name of ['getLastLocalChange', 'updateDiffCursor']) noted.add(name)
  return new Proxy(handle, {
    get: (target, name) => {
      const method = Reflect.get(target, name)
      return (...args: unknown[]) => {
        if (noted.has(String(name))) calls.push({ name: String(name), args })
        return Reflect.apply(method, target, args)
      }
    },
  })
}

/** CPU time of this process during some work, in ms. */
function cpu(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Receives changes in a process of its own, and tells the memory that this took, in MB. */
function receiveAlone(kind: string, file: string): void {
  const encoded = JSON.parse(readFileSync(file, 'utf8')) as string[]
  const changes = encoded.map((change) => new Uint8Array(Buffer.from(change, 'base64')))
  const site = new Site(2, kinds[kind] ?? usualSizes)
  const resident = () => {
    globalThis.gc?.()
    return process.memoryUsage().rss / 1e6
  }
  const before = resident()
  site.receive(changes)
  tell({ memory: resident() - before })
}
