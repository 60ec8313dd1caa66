import type { NetworkReport, ReachedPeer, Route } from './contract/network'
import { sizeWords } from './messages/format'
import { nameWords, ownDeviceWords } from './names'

/** A line of the report: its topic and its text. */
export interface NetworkFact {
  readonly title: string
  readonly text: string
}

/** Describes the network in terms that a person can act on, most important facts first. */
export function networkWords(report: NetworkReport): NetworkFact[] {
  const facts: NetworkFact[] = [{ title: 'Connection', text: stateWords(report) }]
  if (report.state === 'off') return facts
  facts.push({ title: 'Your address', text: addressWords(report) })
  facts.push({ title: 'Your router', text: natWords[report.nat] })
  facts.push({ title: 'Local network', text: lanWords(report) })
  facts.push({ title: 'Finding people', text: topicWords(report) })
  if (report.relaying)
    facts.push({
      title: 'Relaying',
      text: 'This computer passes on what people of your documents send each other where they cannot reach one another. It cannot read what it passes on.',
    })
  const failed = failedWords(report)
  if (failed) facts.push({ title: 'What did not work', text: failed })
  return facts
}

/** How someone is reached, in a few words. */
const routeWords: Readonly<Record<Route, string>> = {
  local: 'on this computer',
  lan: 'on your local network',
  direct: 'directly',
  relayed: 'through a relay',
}

/** Display name of a connected peer. */
export const whoWords = ({ name, own, role }: ReachedPeer): string => {
  if (role === 'keep') return name ? `Keeper ${name}` : 'A keeper'
  return own ? ownDeviceWords : nameWords(name)
}

/** Describes a connected peer in one line. */
export function peerWords(peer: ReachedPeer, now: number): string {
  const parts = [
    `Connected ${routeWords[peer.route]}${peer.route === 'relayed' ? ', which cannot read what it carries' : ''}`,
  ]
  if (peer.roundTrip !== null) parts.push(`${Math.max(1, Math.round(peer.roundTrip))} ms there and back`)
  parts.push(`${sizeWords(peer.received)} received, ${sizeWords(peer.sent)} sent`)
  parts.push(peer.syncedAt === null ? 'not in sync yet' : `in sync ${agoWords(now - peer.syncedAt)}`)
  return parts.join(' · ')
}

/** The report as plain text to share for support: no keys, document titles or addresses of others. */
export function networkText(report: NetworkReport, now: number): string {
  const lines = networkWords(report).map(({ title, text }) => `${title}: ${text}`)
  if (report.state !== 'off') lines.push(`Nodes of the DHT known: ${report.nodes}`)
  for (const peer of report.peers) lines.push(`${whoWords(peer)}: ${peerWords(peer, now)}`)
  return `${lines.join('\n')}\n`
}

function stateWords({ state, nodes }: NetworkReport): string {
  switch (state) {
    case 'off':
      return 'You work offline. Nothing is sent or received until you turn that off.'
    case 'starting':
      return 'Swarmpad is looking for the network.'
    case 'unreachable':
      return 'No computer of the network answers. Check that this computer is connected to the internet, and that a firewall does not keep Swarmpad from using UDP. People on your local network are found all the same.'
    case 'online':
      return nodes === 0
        ? 'You are connected to people near you, but to nobody else: no computer of the network beyond answers.'
        : `You are online. Swarmpad knows ${nodes} ${nodes === 1 ? 'computer' : 'computers'} that help${nodes === 1 ? 's' : ''} people find each other.`
  }
}

const addressWords = ({ address }: NetworkReport): string =>
  address === null
    ? 'Nobody has told this computer yet how it is seen from outside.'
    : `Others see this computer as ${address}.`

const natWords: Readonly<Record<NetworkReport['nat'], string>> = {
  open: 'It lets others in. People can always reach you.',
  consistent: 'It lets others in once this computer has called them, as most do. People can reach you.',
  random:
    'It lets others in only with difficulty. People behind a router like yours are reached through a relay: someone in the document whose router lets others in, or a keeper.',
  unknown: 'It is not known yet how it lets others in.',
}

function lanWords({ lan }: NetworkReport): string {
  if (!lan.on) return 'Swarmpad does not look for people on your local network.'
  if (lan.neighbours === 0) return 'Nobody else on your local network runs Swarmpad, as far as can be seen.'
  return `${lan.neighbours} other ${lan.neighbours === 1 ? 'computer' : 'computers'} on your local network ${lan.neighbours === 1 ? 'runs' : 'run'} Swarmpad.`
}

function topicWords({ topics: { documents, announced, packetsPerMinute } }: NetworkReport): string {
  if (documents === 0) return 'No document was shared with anyone, so none is announced.'
  const words = `Announced: ${announced} of ${documents} ${documents === 1 ? 'document' : 'documents'}`
  return `${words} · about ${packetsPerMinute} packets a minute`
}

/** Only what is of use while somebody is missing. */
function failedWords({ failed, peers }: NetworkReport): string | null {
  const [last] = failed
  if (!last || peers.length > 0) return null
  switch (last.reason) {
    case 'routers':
      return 'Someone was found, but your router and theirs let neither in. It works from another network, for example a phone’s, or with a relay.'
    case 'gone':
      return 'Someone who was there before is not found any more. They are probably offline.'
    case 'unreachable':
      return 'Someone was found, but does not answer. They may have just left, or a firewall may be in between.'
    case 'other':
      return 'Someone was found, but the connection broke off. Swarmpad tries again by itself.'
  }
}

function agoWords(ms: number): string {
  if (ms < 5_000) return 'just now'
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s ago`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min ago` : `${Math.round(ms / 3_600_000)} h ago`
}
