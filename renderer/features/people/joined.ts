import type { Person } from '../../../preload/contract/document'
import { nameWords } from '../../../preload/names'
import type { EditorFeature } from '../../editor/extension'
import { listNames } from './people'

/** People who are found within this time of opening a document, in ms, were there already. */
const settleTime = 5_000
/** Delay that gathers those who join together, in ms. */
const gatherTime = 1_500

/** Reports who joins while a document is on screen. */
export const joinNotices = (tell: (message: string) => void): EditorFeature => ({
  attach(_view, session) {
    const watch = new JoinWatch(tell)
    const stop = session.on('people', (people) => watch.note(people))
    return () => {
      stop()
      watch.stop()
    }
  },
})

/** Reports each person who joins a document once, and those who come together in one sentence. */
export class JoinWatch {
  private readonly tell: (message: string) => void
  private readonly begun = Date.now()
  /** Those who are here now. */
  private people: readonly Person[] = []
  /** Everybody who was here since the document was opened. */
  private readonly known = new Set<string>()
  /** Those who joined and were not reported yet. */
  private joined: string[] = []
  private timer: ReturnType<typeof setTimeout> | undefined

  /** `tell` receives the sentences. */
  constructor(tell: (message: string) => void) {
    this.tell = tell
  }

  /** Takes the people who are here now. */
  note(people: readonly Person[]): void {
    this.people = people
    const isSettled = Date.now() - this.begun >= settleTime
    for (const who of people.filter(({ own }) => !own).map(identityOf)) {
      if (this.known.has(who)) continue
      this.known.add(who)
      if (isSettled) this.joined.push(who)
    }
    if (this.joined.length > 0) this.timer ??= setTimeout(() => this.report(), gatherTime)
  }

  /** Reports nothing more. */
  stop(): void {
    clearTimeout(this.timer)
    this.joined = []
  }

  private report(): void {
    this.timer = undefined
    const joined = new Set(this.joined)
    this.joined = []
    // A person who is gone again is not reported.
    const here = new Map(this.people.map((person) => [identityOf(person), person]))
    const names = [...joined].flatMap((who) => here.get(who)?.name ?? []).map(nameWords)
    if (names.length > 0) this.tell(`${listNames(names)} joined`)
  }
}

/** A person with several computers is one. */
const identityOf = ({ fingerprint, key }: Person): string => fingerprint || key
