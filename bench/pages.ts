import { keysFromWrite } from '../main/keys/derive'
import { Author } from '../test/support/author'
import { isConcurrent, makeTrace, readTrace, TracedText } from '../test/support/trace'
import { percentile, report, traceFile } from './report'

/** Into how many pages typing falls, and what a remote key costs then. */
const file = traceFile()
const trace = file ? readTrace(file) : makeTrace(1, 40_000)
if (isConcurrent(trace)) throw new Error('pages are measured on the session of one person')
const name = file ? (file.split('/').at(-1) ?? file).replace(/\.json(\.gz)?$/, '') : 'made session'
const keys = keysFromWrite(Buffer.alloc(32, 4))
const [author, reader] = [new Author(keys, 0), new Author(keys, 1)]
const traced = new TracedText(trace.startContent)
if (trace.startContent) author.write([{ from: 0, to: 0, insert: trace.startContent }])

const started = performance.now()
let edits = 0
for (const { patches } of trace.txns) {
  author.write(patches.map((patch) => traced.apply(patch)))
  edits += patches.length
}
const spent = performance.now() - started
if (author.text !== trace.endContent) throw new Error('the replay ended in another text')
const pages = author.replica.pageSizes()
report(`${name}: edits`, edits, '')
report(`${name}: one edit, local`, spent / edits, 'ms')
report(`${name}: pages`, pages.length, '')
report(`${name}: half of the pages are smaller than`, percentile(pages, 0.5), 'characters')
report(`${name}: largest page`, Math.max(...pages), 'characters')
report(`${name}: depth of pages`, author.replica.pageDepth(), '')

const take = performance.now()
reader.take(author, author.written)
report(`${name}: all of it taken in at once`, performance.now() - take, 'ms')
const times = Array.from({ length: 200 }, (_, index) => {
  const { text } = author
  const middle = Math.floor((index * text.length) / 200)
  // Not between the halves of a pair.
  const from = /[\udc00-\udfff]/.test(text.charAt(middle)) ? middle + 1 : middle
  author.write([{ from, to: from, insert: 'x' }])
  author.sealed(0, author.written)
  const started = performance.now()
  reader.take(author, author.written)
  return performance.now() - started
})
report(`${name}: a remote key after it, p50`, percentile(times, 0.5), 'ms')
