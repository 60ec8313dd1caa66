/** Encodes bytes as lower-case hexadecimal: the form in which ids are compared and used as keys. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Decodes what `hex` encoded. */
export function fromHex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}
