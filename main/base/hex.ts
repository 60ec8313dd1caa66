/** Lower-case hexadecimal letters for bytes: the form in which ids are compared and used as keys. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** The bytes that `hex` wrote. */
export function fromHex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}
