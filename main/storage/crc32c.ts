/** Polynomial of CRC-32C (Castagnoli), bits reversed. */
const polynomial = 0x82f63b78

/** Eight tables, so that a step processes eight bytes (Kounavis and Berry, 2005). */
const tables = (() => {
  const all = new Uint32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    all[byte] = value
  }
  for (let place = 256; place < all.length; place++) {
    const before = all[place - 256] ?? 0
    all[place] = (before >>> 8) ^ (all[before & 0xff] ?? 0)
  }
  return all
})()

const entry = (table: number, byte: number): number => tables[256 * table + (byte & 0xff)] ?? 0

/** Computes the CRC-32C of bytes; `before` is the CRC of the bytes that precede them. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let crc = ~before
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) {
    const low = crc ^ view.getUint32(at, true)
    const high = view.getUint32(at + 4, true)
    crc =
      entry(7, low) ^
      entry(6, low >>> 8) ^
      entry(5, low >>> 16) ^
      entry(4, low >>> 24) ^
      entry(3, high) ^
      entry(2, high >>> 8) ^
      entry(1, high >>> 16) ^
      entry(0, high >>> 24)
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ entry(0, crc ^ view.getUint8(at))
  return (crc ^ 0xffff_ffff) >>> 0
}
