import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { ChangeSet } from '@codemirror/state'
import { Replica } from '../main/document/replica'
import { systemEnvironment } from '../main/environment'
import { openWorkspace } from '../main/headless'
import { hex } from '../main/hex'
import { identityFromSeed } from '../main/keys/identity'
import { keysFromLink, parseLink } from '../main/keys/link'
import { DocumentLog } from '../main/log/document-log'
import { SessionLog } from '../main/log/session-log'
import type { SharedDocument } from '../main/shared-document'
import { LevelStore } from '../main/storage/level-store'
import { isConcurrent, makeTrace, readTrace, TracedText } from '../test/support/trace'
import { Place } from './place'
import { percentile, report, traceFile } from './report'
import { Role, released, roleOptions, tell } from './role'

const changes = 260_000
const runs = 3

interface OpenerOptions {
  readonly directory: string
  readonly bootstrap: { host: string; port: number }[]
  readonly id: string
}

/** Spans since the profile began to open, in ms. */
interface Opened {
  readonly toWorkspace: number
  readonly toText: number
  readonly toLoaded: number
  /** The longest that the main thread was held up meanwhile, in ms. */
  readonly longestHold: number
  readonly characters: number
}

const opener = roleOptions<OpenerOptions>('opener')
if (opener) await open(opener)
else await measure()

/** Opening a document that was typed with a change a key, in a program that was just started. */
async function measure(): Promise<void> {
  const place = await Place.open()
  const directory = place.folder()
  const id = await prepare(directory, place)
  const results: Opened[] = []
  for (let run = 0; run < runs; run++) {
    const child = new Role<Opened>('opener', {
      directory,
      bootstrap: place.bootstrap,
      id,
    } satisfies OpenerOptions)
    results.push(await child.next())
    await child.end()
  }
  const middle = (of: (opened: Opened) => number) => percentile(results.map(of), 0.5)
  const name = `a document of ${changes / 1000}k changes`
  report(
    `opening ${name}: characters`,
    middle(({ characters }) => characters),
    '',
  )
  report(
    'opening a profile, its store',
    middle(({ toWorkspace }) => toWorkspace),
    'ms',
  )
  report(
    `opening ${name}: to its text, from the start of the profile`,
    middle(({ toText }) => toText),
    'ms',
  )
  report(
    `opening ${name}: to all of it loaded`,
    middle(({ toLoaded }) => toLoaded),
    'ms',
  )
  report(
    `opening ${name}: the main thread held up, at most`,
    middle(({ longestHold }) => longestHold),
    'ms',
  )
  await place.close()
}

/** Makes a profile with such a document; returns the document's id. */
async function prepare(directory: string, place: Place): Promise<string> {
  const options = { directory, bootstrap: place.bootstrap }
  const first = await openWorkspace(options)
  const document = await first.createDocument()
  const keys = keysFromLink(parseLink(await document.link('write')))
  await first.close()

  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  const { documentId, content, verify } = keys
  if (!content) throw new Error('a write link holds all keys')
  const environment = systemEnvironment
  const log = new DocumentLog({ store, environment, documentId, verify })
  await log.open()
  const identity = identityFromSeed(environment.random(32))
  const session = new SessionLog({ documentId, keys, identity, name: 'Author', environment })
  const replica = new Replica({
    documentId,
    contentKey: content,
    actor: hex(session.session),
    now: Date.now,
  })
  const writes: Promise<void>[] = []
  for (const { from, to, insert } of edits()) {
    replica.edit(ChangeSet.of({ from, to, insert }, replica.text.length, '\n'))
    writes.push(log.append(session, replica.commit()))
    // The disk gets its turn now and then, or all would wait in memory.
    if (writes.length % 1_000 === 0) await Promise.all(writes.splice(0))
  }
  await log.close()
  replica.free()
  await store.close()

  // Once open and shut, so that the profile knows the text as it does after a day's work.
  const second = await openWorkspace(options)
  const id = hex(documentId)
  await loaded(await second.document(id))
  await second.close()
  return id
}

function* edits(): Generator<{ from: number; to: number; insert: string }> {
  const file = traceFile()
  const trace = file ? readTrace(file) : makeTrace(6, changes)
  if (isConcurrent(trace)) throw new Error('opening is measured on the session of one person')
  let count = 0
  const traced = new TracedText('')
  while (count < changes) {
    for (const { patches } of trace.txns)
      for (const [position, deleted, insert] of patches) {
        if (count++ === changes) return
        // A session that is too short is typed again, above the last one.
        yield traced.apply([position, deleted, insert])
      }
  }
}

async function loaded(document: SharedDocument): Promise<void> {
  while (document.opened().status.loading)
    await new Promise<void>((resolve) => {
      const stop = document.on('status', () => {
        stop()
        resolve()
      })
    })
}

async function open({ directory, bootstrap, id }: OpenerOptions): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const started = performance.now()
  const workspace = await openWorkspace({ directory, bootstrap })
  const toWorkspace = performance.now() - started
  const document = await workspace.document(id)
  const { length } = document.opened().text
  const toText = performance.now() - started
  await loaded(document)
  const toLoaded = performance.now() - started
  if (length === 0 || length !== (await document.text()).length)
    throw new Error('another text was shown first')
  const opened: Opened = {
    toWorkspace,
    toText,
    toLoaded,
    longestHold: delay.max / 1e6,
    characters: length,
  }
  tell(opened)
  await released()
  await workspace.close()
}
