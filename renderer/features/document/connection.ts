import type { DocumentStatus } from '../../../preload/contract/document'
import type { LeftOut } from '../../../preload/contract/quarantine'
import { leftOutWords } from '../../../preload/left-out-words'
import { nameWords } from '../../../preload/names'
import { alsoWith, holderNames } from '../people/holders'
import { countKeepers, countOwn, countPeople, listNames } from '../people/people'

/** Inputs of the status line. */
export interface ConnectionFacts {
  readonly status: DocumentStatus
  /** Edits made in this editor that the main process has not confirmed. */
  readonly pending: boolean
  /** The version that holds every confirmed edit of this program. */
  readonly ownVersion: number
  /** Why edits cannot be handed over, in plain words; null while they can. */
  readonly failure: string | null
  /** The oldest edit that is not saved has waited for longer than a person should. */
  readonly slowToSave: boolean
  /** Reading the text from the disk has taken that long. */
  readonly slowToRead: boolean
  /** How many others are in the document, and how many of them are this person on another computer. */
  readonly people: number
  readonly own: number
}

/** Look of the line. 'calm': all well, 'busy': work in progress, 'apart': no peer, 'alert': action needed. */
export type ConnectionTone = 'calm' | 'busy' | 'apart' | 'alert'

/** One sentence of the explanation behind the line. */
export interface ConnectionDetail {
  readonly title: string
  readonly text: string
}

/** The status line and its explanation. */
export interface ConnectionWords {
  readonly line: string
  readonly tone: ConnectionTone
  /** Names of the holders of all edits made here; '' without any. */
  readonly hint: string
  readonly details: readonly ConnectionDetail[]
}

/** True when every edit made here is durable on this computer. */
export const isSaved = ({
  pending,
  ownVersion,
  status,
}: Pick<ConnectionFacts, 'pending' | 'ownVersion' | 'status'>): boolean =>
  !pending && ownVersion <= status.savedVersion && status.unsaved === null

/** Why the last edits are not saved, as sentences with what to do; null when they are, or soon will be. */
export function unsavedReason(facts: ConnectionFacts): string | null {
  if (isSaved(facts)) return null
  const { failure, status } = facts
  return failure === null ? status.unsaved : `${failure} Swarmpad keeps trying.`
}

/** Consequence of the last edits not being saved. */
const unsavedWords = 'What you typed last is lost if Swarmpad ends now.'

/** Describes the left-out edits that are not dismissed, in plain words: a paragraph each. */
export const untoldWords = (leftOut: readonly LeftOut[]): string[] =>
  leftOutWords(leftOut.filter(({ dismissed }) => !dismissed))

/** True if something needs this person's attention. */
const isAlert = ({ status, failure }: ConnectionFacts): boolean =>
  status.problem !== null ||
  status.unsaved !== null ||
  status.shortage !== null ||
  failure !== null ||
  status.leftOut.some(({ dismissed }) => !dismissed)

/** The status line in plain words. It claims no more than the facts say. */
export function connectionWords(facts: ConnectionFacts): ConnectionWords {
  const { status } = facts
  const saved = isSaved(facts)
  const elsewhere = saved && !inSync(facts, saved) ? alsoWith(status.holders) : ''
  const parts = [savingPart(facts, saved), elsewhere, networkPart(facts, saved, elsewhere !== '')].filter(
    Boolean,
  )
  if (status.full.length > 0) parts.push(`No room left: ${listNames(status.full.map(keeperName))}`)
  if (status.outdated.length > 0) parts.push(`Update needed: ${listNames(status.outdated.map(nameWords))}`)
  if (isAlert(facts)) parts.unshift('Needs attention')
  return {
    line: parts.join(' · '),
    tone: tone(facts, saved),
    hint: saved ? holderNames(status.holders) : '',
    details: details(facts, saved),
  }
}

const keeperName = (name: string): string => name || 'a keeper'

/** So many others: people, unless all who are here are this person. */
const countOthers = ({ people, own }: ConnectionFacts, count: number): string =>
  own > 0 && own === people ? countOwn(count) : countPeople(count)

/** True for a document that nobody else has or could open, so that nothing is to be said of others. */
const isPrivate = ({ status, people }: ConnectionFacts): boolean =>
  !status.shared &&
  people === 0 &&
  status.connection !== 'connected' &&
  status.outdated.length === 0 &&
  status.keepers.all === 0 &&
  status.holders.length === 0

/** True only for saved edits: nobody else can have edits that are still being saved. */
const inSync = ({ status }: ConnectionFacts, saved: boolean): boolean =>
  saved && status.connection === 'connected' && status.inSyncWith > 0

/** '' while saving or reading takes no longer than usual: a word for each key would only disturb. */
function savingPart(facts: ConnectionFacts, saved: boolean): string {
  const { status, slowToSave, slowToRead } = facts
  if (!saved && unsavedReason(facts) !== null) return 'Not saved'
  if (!saved) return slowToSave ? 'Saving…' : ''
  if (status.loading) return slowToRead ? 'Reading from this computer…' : ''
  if (isPrivate(facts)) return 'Saved'
  return status.unshared ? 'Saved on this computer only' : 'Saved on this computer'
}

function networkPart(facts: ConnectionFacts, saved: boolean, isElsewhere: boolean): string {
  const { status, people } = facts
  if (status.connection === 'off') return 'Offline'
  if (isPrivate(facts)) return ''
  // That nobody is here is not said while others already hold all edits.
  if (status.connection === 'looking' && isElsewhere) return ''
  if (status.connection === 'unreachable') return 'No connection to the network'
  if (status.connection === 'looking')
    return status.keepers.all > 0 ? `Connected to ${countKeepers(status.keepers.all)}` : 'Nobody else is here'
  if (!inSync(facts, saved)) return people > 0 ? `Connected to ${countOthers(facts, people)}` : 'Connected'
  if (status.inSyncWith < people) return `In sync with ${status.inSyncWith} of ${countOthers(facts, people)}`
  const keepers = status.keepers.withMine > 0 ? ` and ${countKeepers(status.keepers.withMine)}` : ''
  return `In sync with ${countOthers(facts, status.inSyncWith)}${keepers}`
}

function tone(facts: ConnectionFacts, saved: boolean): ConnectionTone {
  const { status } = facts
  if (isAlert(facts)) return 'alert'
  if (!saved) return facts.slowToSave ? 'busy' : 'apart'
  if (status.loading) return facts.slowToRead ? 'busy' : 'apart'
  if (isPrivate(facts)) return 'calm'
  if (status.unshared) return status.shared ? 'busy' : 'apart'
  const kept = status.connection === 'looking' && status.holders.some(({ hasMine }) => hasMine)
  return status.connection === 'connected' || kept ? 'calm' : 'apart'
}

function details(facts: ConnectionFacts, saved: boolean): ConnectionDetail[] {
  const { status, failure } = facts
  const list: ConnectionDetail[] = []
  const reason = unsavedReason(facts)
  if (reason !== null) list.push({ title: 'Not saved', text: `${unsavedWords} ${reason}` })
  if (status.problem !== null) list.push({ title: 'Needs attention', text: status.problem })
  if (status.shortage !== null) list.push({ title: 'Needs attention', text: status.shortage.text })
  if (failure !== null && saved) list.push({ title: 'Needs attention', text: failure })
  for (const text of untoldWords(status.leftOut)) list.push({ title: 'Needs attention', text })
  if (reason === null) list.push(savingDetail(status, saved))
  if (!isPrivate(facts) || status.connection === 'off') list.push(networkDetail(facts, saved))
  if (saved && (status.unshared || isPrivate(facts))) list.push(aloneDetail(status))
  if (status.full.length > 0)
    list.push({
      title: 'No room left',
      text: `${listNames(status.full.map(keeperName), 5)} can take in nothing new: there is no more room for this document on that computer. Whoever it belongs to can make some.`,
    })
  if (status.outdated.length > 0)
    list.push({
      title: 'Update needed',
      text: `${listNames(status.outdated.map(nameWords), 5)} ${status.outdated.length === 1 ? 'uses' : 'use'} another version of Swarmpad. You can exchange edits when both have the newest one.`,
    })
  return list
}

function savingDetail(status: DocumentStatus, saved: boolean): ConnectionDetail {
  if (!saved)
    return {
      title: 'Saving',
      text: 'Your last edits are being written to this computer. Please do not switch it off yet.',
    }
  if (status.loading)
    return {
      title: 'Reading',
      text: 'The text is still being read from this computer. You can write already.',
    }
  return { title: 'Saved on this computer', text: 'Everything you wrote is safely stored here.' }
}

function aloneDetail({ shared, holders }: DocumentStatus): ConnectionDetail {
  if (!shared)
    return {
      title: 'On this computer only',
      text: 'Nobody else has this document. Share it, or give its keeper link to a computer that is always on, and it is there for others too.',
    }
  return {
    title: 'On this computer only',
    text: `${holders.length > 0 ? 'Your last edits are' : 'What you wrote is'} on this computer alone. It is sent as soon as someone who shares this document is reached.`,
  }
}

function networkDetail(facts: ConnectionFacts, saved: boolean): ConnectionDetail {
  const { status, people } = facts
  switch (status.connection) {
    case 'off':
      return {
        title: 'Working offline',
        text: 'You chose to work offline. Keep writing; your edits and those of others are put together when you go online again.',
      }
    case 'unreachable':
      return {
        title: 'No connection to the network',
        text: 'The network cannot be reached from here. Check your internet connection. You can keep writing; Swarmpad tries again by itself.',
      }
    case 'looking':
      if (status.keepers.all > 0)
        return {
          title: 'Nobody else is here',
          text: 'You are on the network, and nobody who reads or writes this document is there at the moment.',
        }
      return {
        title: 'Nobody else is here',
        text: 'You are on the network, and nobody else who has this document is there at the moment. Edits travel when you are both online.',
      }
    case 'connected':
      if (saved && status.inSyncWith > 0)
        return {
          title: `In sync with ${countOthers(facts, status.inSyncWith)}`,
          text: 'They have confirmed that every edit of yours is stored on their computer.',
        }
      return {
        title: people > 0 ? `Connected to ${countOthers(facts, people)}` : 'Connected',
        text: saved
          ? 'Edits are travelling. You are in sync once the others confirm that they have stored them.'
          : 'Your edits travel once they are saved here.',
      }
  }
}
