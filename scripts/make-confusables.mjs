import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/run.mjs'

/*
 * Writes preload/confusables.json from Unicode's table (UTS 39, confusables.txt) in the form compiled by ICU.
 * Every Chromium and Electron has it in icudtl.dat; a newer one has a newer table.
 */
const [path, unicode] = process.argv.slice(2)
if (!path || !unicode) {
  console.log('usage: node scripts/make-confusables.mjs PATH/TO/icudtl.dat UNICODE-VERSION')
  process.exit(1)
}
const data = readFileSync(path)
const target = join(root, 'preload', 'confusables.json')
const { license } = JSON.parse(readFileSync(target, 'utf8'))
const sources = new Map()
for (const [character, prototype] of entries(tableIn(data)))
  sources.set(prototype, (sources.get(prototype) ?? '') + character)
// A prototype may have a tab in it, a character that has one does not.
const prototypes = [...sources].map(([prototype, characters]) => `${characters}\t${prototype}`).join('\n')
writeFileSync(target, `${JSON.stringify({ unicode, license, prototypes }, null, 2)}\n`)

/** The table inside ICU's common data: a header, a count, and for each entry the places of its name and its bytes. */
function tableIn(data) {
  const start = data.readUInt16LE(0)
  for (let entry = 0; entry < data.readUInt32LE(start); entry++) {
    const name = start + data.readUInt32LE(start + 4 + 8 * entry)
    const bytes = data.subarray(start + data.readUInt32LE(start + 8 + 8 * entry))
    if (data.toString('latin1', name, data.indexOf(0, name)).endsWith('/confusables.cfu'))
      return bytes.subarray(bytes.readUInt16LE(0))
  }
  throw new Error('this ICU data has no table of confusables')
}

/** Each character with what it looks like. A key has the code point in 24 bits and the length - 1 above them. */
function* entries(table) {
  if (table.readUInt32LE(0) !== 0x3845fdef || table[4] !== 2) throw new Error('this table is of another form')
  const [keys, count, values, , strings] = [12, 16, 20, 24, 28].map((place) => table.readInt32LE(place))
  for (let place = 0; place < count; place++) {
    const key = table.readUInt32LE(keys + 4 * place)
    const length = (key >>> 24) + 1
    const value = table.readUInt16LE(values + 2 * place)
    const units = Array.from({ length }, (_, unit) => table.readUInt16LE(strings + 2 * (value + unit)))
    yield [String.fromCodePoint(key & 0xffffff), String.fromCharCode(...(length === 1 ? [value] : units))]
  }
}
