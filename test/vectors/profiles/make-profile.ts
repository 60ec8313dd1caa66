import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ChangeSet } from '@codemirror/state'
import { Replica } from '../../../main/replica/replica'
import { systemEnvironment } from '../../../main/base/environment'
import { openWorkspace } from '../../../main/headless'
import { hex } from '../../../main/base/hex'
import { identityFromSeed } from '../../../main/keys/identity'
import { keysFromLink, parseLink } from '../../../main/keys/link'
import { DocumentLog } from '../../../main/log/document-log'
import { makeForkProof } from '../../../main/log/format/fork'
import { sessionRange } from '../../../main/log/format/store-keys'
import { tipProofSize } from '../../../main/log/format/segment'
import { SessionLog } from '../../../main/log/session-log'
import { LevelStore } from '../../../main/storage/level-store'

/**
 * Makes a profile as the present program writes it, to be kept beside those that are here: later programs have to
 * open it. Not run by any test; the README says how. The profile goes into the folder that is named, and what
 * is in it into profile.json beside its files.
 */
const directory = resolve(process.argv[2] ?? 'profile')
const passphrase = 'only for trying things'
const environment = systemEnvironment
/** Nobody is there. */
const bootstrap = [{ host: '127.0.0.1', port: 9 }]
/** Enough for a snapshot. */
const many = 1_050

const run = async <T>(work: (workspace: Awaited<ReturnType<typeof openWorkspace>>) => Promise<T>) => {
  const workspace = await openWorkspace({ directory, bootstrap, passphrase, name: 'Ada' })
  try {
    return await work(workspace)
  } finally {
    await workspace.close()
  }
}

const onLog = async (link: string, work: (log: DocumentLog, store: LevelStore) => Promise<void>) => {
  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  const { documentId, verify } = keysFromLink(parseLink(link))
  const log = new DocumentLog({ store, environment, documentId, verify })
  await log.open()
  await work(log, store)
  await log.close()
  await store.close()
}

const writer = (link: string, name: string, seed = environment.random(32)) => {
  const keys = keysFromLink(parseLink(link))
  const { documentId, content } = keys
  if (!content) throw new Error('a write link holds all keys')
  const identity = identityFromSeed(environment.random(32))
  const session = new SessionLog({ documentId, keys, identity, name, environment, seed })
  const actor = hex(session.session)
  const replica = new Replica({ documentId, contentKey: content, actor, now: Date.now })
  const type = (insert: string) => {
    replica.edit(ChangeSet.of({ from: replica.text.length, insert }, replica.text.length, '\n'))
    return replica.commit()
  }
  return { session, replica, type }
}

// Two starts of one person, another person, and a session of two histories.
const minutes = await run(async (workspace) => {
  const document = await workspace.createDocument({ title: 'Minutes', text: 'Written in the first start.\n' })
  return document.link('write')
})
await run(async (workspace) => {
  const document = await workspace.openDocument(minutes)
  await document.settled()
  const { length } = await document.text()
  await document.edit([{ from: length, to: length, insert: 'Written in the second start.\n' }])
  await document.saved()
})
await onLog(minutes, async (log) => {
  const other = writer(minutes, 'Ben')
  log.accept(other.session.seal(other.type('Written by Ben.\n')).bytes, other.session.certificate)
  const seed = environment.random(32)
  const [one, two] = [writer(minutes, 'Eve', seed), writer(minutes, 'Eve', seed)]
  const held = one.session.seal(one.type('Written twice.\n'))
  log.accept(held.bytes, one.session.certificate)
  const proof = makeForkProof(held.tipProof, two.session.seal(two.type('Or thrice.\n')).tipProof)
  if (log.acceptFork(proof) !== 'accepted') throw new Error('the proof proves nothing')
})

// One with a snapshot in place of segments, and segments after it.
const long = await run(async (workspace) => (await workspace.createDocument()).link('write'))
await onLog(long, async (log) => {
  const { session, type } = writer(long, 'Ben')
  for (let done = 0; done < many; done += 150)
    await log.append(session, Array.from({ length: 150 }, (_, word) => type(`word${done + word} `)).flat())
})
await run(async (workspace) => {
  const document = await workspace.openDocument(long)
  await document.settled()
  while (workspace.snapshotSize(document.id) === 0) await new Promise((resolve) => setTimeout(resolve, 50))
})
await onLog(long, async (log) => {
  if (!(await log.snapshots.compact())) throw new Error('there is no snapshot')
})
await run(async (workspace) => {
  const document = await workspace.openDocument(long)
  await document.settled()
  await document.edit([{ from: 0, to: 0, insert: 'After the snapshot. ' }])
  await document.saved()
})

// One as it was written before there were marks and sizes.
const early = await run(async (workspace) => {
  const document = await workspace.createDocument({ text: 'Written before there were marks.\n' })
  return document.link('write')
})
await onLog(early, async (_, store) => {
  const { documentId } = keysFromLink(parseLink(early))
  for await (const [key, value] of store.entries(sessionRange('tip', documentId)))
    await store.write([{ key, value: value.subarray(0, tipProofSize) }])
  await store.write([{ key: Buffer.concat([Buffer.from('z'), documentId]), value: null }])
})

const documents = await run((workspace) =>
  Promise.all(
    [minutes, long, early].map(async (link) => {
      const document = await workspace.openDocument(link)
      await document.settled()
      return { link, text: await document.text() }
    }),
  ),
)
writeFileSync(join(directory, 'profile.json'), `${JSON.stringify({ passphrase, documents }, null, 2)}\n`)
process.exit(0)
