import { type Case, keysWords } from './case'

/** Keys of a change, for a system that gathers: as many as a person types in a second or two alone. */
const keysPerSave = 10

/** A document that was typed key by key is opened again by its writer: first as it was left, then once more. */
export const opening: Case = {
  name: 'opening',
  points: [1_000, 10_000, 100_000],
  quickPoints: [10_000],
  words: keysWords,
  systems: ['swarmpad', 'yjs', 'loro', 'automerge', 'automerge-repo'],
  async measure(group, keys, report) {
    const directory = group.folder()
    const { peer: writer } = await group.add({ directory, text: 'Some text.\n', offline: true })
    const length = await writer.ask('write', [keys, 1, keysPerSave], 1_800_000)
    await group.remove(writer)
    for (const time of ['first', 'second']) {
      const { peer, begun } = await group.add({ directory, offline: true })
      const shown = await peer.ask('reach', [length])
      const loaded = await peer.ask('loaded', [])
      const { cpu, memory } = await peer.ask('usage', [false])
      report({ what: `its text, ${time} time`, unit: 'ms', value: shown - begun })
      report({ what: `all is merged, ${time} time`, unit: 'ms', value: loaded - begun })
      report({ what: `processor time, with its start, ${time} time`, unit: 'ms', value: cpu })
      report({ what: `memory, ${time} time`, unit: 'MB', value: memory / 1e6 })
      await group.remove(peer)
    }
  },
}
