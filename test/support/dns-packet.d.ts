/** Encodes and decodes DNS packets, as multicast-dns does; dns-packet brings no types. */
declare module 'dns-packet' {
  export function encode(packet: object): Buffer
  /** Throws if the bytes are not a DNS packet. */
  export function decode(bytes: Buffer): object
}
