/** Encodes and decodes DNS packets, as multicast-dns does; dns-packet brings no types. */
declare module 'dns-packet' {
  export function encode(packet: object): Buffer
  /** Throws for what is none. */
  export function decode(bytes: Buffer): object
}
