/** The parts of multicast-dns (which brings no types) that are used here. */
declare module 'multicast-dns' {
  import type { EventEmitter } from 'node:events'

  /** A DNS record as dns-packet has it. */
  export interface DnsRecord {
    readonly name: string
    readonly type: string
    /** In seconds; 0 withdraws the record. */
    readonly ttl?: number
    readonly data: unknown
  }

  export interface DnsPacket {
    readonly questions: readonly { readonly name: string; readonly type: string }[]
    readonly answers: readonly DnsRecord[]
  }

  export interface MulticastDns extends EventEmitter {
    query(questions: { name: string; type: string }[], done?: (error: Error | null) => void): void
    respond(answers: readonly DnsRecord[], done?: (error: Error | null) => void): void
    destroy(done?: () => void): void
    on(event: 'query', listener: (packet: DnsPacket) => void): this
    on(event: 'response', listener: (packet: DnsPacket, from: { address: string }) => void): this
    on(event: 'error' | 'warning', listener: (error: Error) => void): this
    on(event: 'ready', listener: () => void): this
  }

  /** `interface`: the IPv4 address of the network interface to speak on; `bind`: what to listen on. */
  export default function multicastDns(options: { interface: string; bind: string }): MulticastDns
}
