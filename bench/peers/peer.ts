import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { randomFrom } from '../../test/support/random'
import { prose } from '../text'
import { offer } from './calls'
import { systemOf } from './systems'
import type { Peer, PeerOptions } from './systems/system'
import { moment, usage } from './usage'

/** A length of the text and the moment from which on it had that. */
export interface Step {
  readonly length: number
  readonly at: number
}

let peer: Peer | null = null
const steps: Step[] = []
const waiting = new Set<() => void>()

/** Functions of a peer's process. */
export const peerCalls = {
  /** Starts the peer; returns the document's link and the moments before and after. */
  async open(system: string, options: PeerOptions): Promise<{ link: string; begun: number; opened: number }> {
    const open = await systemOf(system).load()
    const begun = moment()
    peer = await open(options)
    const opened = moment()
    peer.onChange(noteChange)
    noteChange()
    return { link: peer.link, begun, opened }
  },
  /** Resolves to the moment when the text had at least a length, or at most a length. */
  async reach(length: number, direction: 'least' | 'most' = 'least'): Promise<number> {
    const fits = (now: number) => (direction === 'least' ? now >= length : now <= length)
    if (!fits(document().length()))
      await new Promise<void>((resolve) => {
        const look = () => {
          if (!fits(document().length())) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
      })
    return steps.find((step) => fits(step.length))?.at ?? moment()
  },
  /** Inserts prose of so many characters at a place; returns the moment before. */
  async paste(at: number, size: number): Promise<number> {
    const text = prose(randomFrom(size), size)
    const begun = moment()
    await document().edit(at, at, text)
    return begun
  },
  /** Types keys one after another; returns when each was pressed, and the length with it. */
  async type(at: number, count: number, perSecond: number): Promise<Step[]> {
    const pressed: Step[] = []
    const begun = moment()
    for (let key = 0; key < count; key++) {
      const wait = begun + (key * 1_000) / perSecond - moment()
      if (wait > 0) await pause(wait)
      pressed.push({ length: document().length() + 1, at: moment() })
      await document().edit(at + key, at + key, 'x')
    }
    return pressed
  },
  /** Types keys at places all over the text, while others do; returns the moment after the last. */
  async scatter(count: number, perSecond: number, seed: number): Promise<number> {
    const random = randomFrom(seed)
    for (let key = 0; key < count; key++) {
      await pause((1_000 / perSecond) * (0.8 + random.below(400) / 1_000))
      const at = random.below(document().length() + 1)
      await document().edit(at, at, 'x')
    }
    return moment()
  },
  /** Writes as a person does, mostly where the last key was, one of ten a deletion, as fast as it goes. */
  async write(count: number, seed: number, keysPerSave: number): Promise<number> {
    const random = randomFrom(seed)
    let at = random.below(document().length() + 1)
    for (let key = 1; key <= count; key++) {
      if (random.chance(0.02)) at = random.below(document().length() + 1)
      if (at > 0 && random.chance(0.1)) {
        await document().edit(at - 1, at, '')
        at--
      } else {
        await document().edit(at, at, random.pick([...'abcdefgh ']))
        at++
      }
      if (key % keysPerSave === 0) await document().saved()
    }
    await document().saved()
    return document().length()
  },
  /** Deletes a range; returns the moment before. */
  async erase(from: number, to: number): Promise<number> {
    const begun = moment()
    await document().edit(from, to, '')
    return begun
  },
  /** The lengths that the text had since the last call, with their moments. */
  async steps(): Promise<Step[]> {
    return steps.splice(0)
  },
  /** A hash of the text, equal for equal texts. */
  async digest(): Promise<string> {
    return createHash('sha256')
      .update(await document().text())
      .digest('hex')
  },
  /** Resolves to the moment when all that was edited was on disk. */
  async saved(): Promise<number> {
    await document().saved()
    return moment()
  },
  /** Resolves to the moment when all that is stored was in the text. */
  async loaded(): Promise<number> {
    await document().loaded()
    return moment()
  },
  /** Connects or disconnects; returns the moment before. */
  async online(online: boolean): Promise<number> {
    const begun = moment()
    await document().setOnline(online)
    return begun
  },
  usage,
}

function document(): Peer {
  if (!peer) throw new Error('no document is open')
  return peer
}

function noteChange(): void {
  steps.push({ length: document().length(), at: moment() })
  for (const look of waiting) look()
}

offer(peerCalls, async () => peer?.close())
