import { ChangeSet } from '@codemirror/state'
import { builtProgram } from '../built-program'
import type { Peer, PeerOptions } from './system'

/** Loaded with this module, so that it does not count as opening. */
const program = await builtProgram()

/** Opens a document of Swarmpad in a profile of its own, through the built program's interface for programs. */
export async function open({ directory, bootstrap, link, text, offline }: PeerOptions): Promise<Peer> {
  const workspace = await program.openWorkspace({ directory, bootstrap, lan: false, name: 'Bench' })
  await workspace.setOffline(offline ?? false)
  const document =
    link === undefined
      ? await workspace.createDocument(text ? { text } : {})
      : await workspace.openDocument(link)
  let { length } = document.opened().text
  const listeners: (() => void)[] = []
  document.on('updates', ({ updates }) => {
    for (const { changes } of updates) length = ChangeSet.fromJSON(changes).newLength
    for (const heard of listeners) heard()
  })
  return {
    link: link ?? (await document.link('write')),
    length: () => length,
    text: () => document.text(),
    edit: (from, to, insert) => document.edit([{ from, to, insert }]),
    onChange: (heard) => {
      listeners.push(heard)
    },
    saved: () => document.saved(),
    loaded: () =>
      new Promise((resolve) => {
        const look = () => {
          if (document.opened().status.loading) return
          stop()
          resolve()
        }
        const stop = document.on('status', look)
        look()
      }),
    setOnline: async (online) => {
      await workspace.setOffline(!online)
    },
    close: () => workspace.close(),
  }
}
