import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Things that must not be read anywhere, by what they are. */
export type Secrets = Readonly<Record<string, string | Uint8Array>>

interface Form {
  readonly name: string
  readonly bytes: Buffer
}

/** Everything in which a secret is found, as 'place: secret (form)'. */
export function traces(places: Iterable<[name: string, content: Buffer]>, secrets: Secrets): string[] {
  const forms = Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).map((form) => ({ name: `${name} (${form.name})`, bytes: form.bytes })),
  )
  return [...places].flatMap(([place, content]) =>
    forms.filter(({ bytes }) => content.includes(bytes)).map(({ name }) => `${place}: ${name}`),
  )
}

/** The files in a folder and below it, with their names from there. */
export function* filesIn(folder: string): Iterable<[name: string, content: Buffer]> {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry)
    // One that a running program has just taken away, and sockets and locks, hold nothing.
    const content = statSync(path, { throwIfNoEntry: false })?.isFile() ? read(path) : null
    if (content) yield [relative(folder, path), content]
  }
}

/** Every form in which a secret could be written down without being hidden. */
export function formsOf(secret: string | Uint8Array): Form[] {
  const bytes = Buffer.from(secret as string)
  const plain = [{ name: 'as it is', bytes }, ...written(bytes, '')]
  if (typeof secret !== 'string') return plain
  const wide = Buffer.from(secret, 'utf16le')
  return [...plain, { name: 'UTF-16', bytes: wide }, ...written(wide, 'UTF-16 in ')]
}

function written(bytes: Buffer, prefix: string): Form[] {
  const hex = bytes.toString('hex')
  return [
    { name: `${prefix}hex`, bytes: Buffer.from(hex) },
    { name: `${prefix}HEX`, bytes: Buffer.from(hex.toUpperCase()) },
    ...[0, 1, 2].flatMap((before) => {
      const letters = base64Within(bytes, before)
      const url = letters.replaceAll('+', '-').replaceAll('/', '_')
      const forms = [{ name: `${prefix}base64`, bytes: Buffer.from(letters) }]
      return url === letters ? forms : [...forms, { name: `${prefix}base64url`, bytes: Buffer.from(url) }]
    }),
  ]
}

/** The letters of base64 that are the same whatever stands around the bytes, `before` of them in their group. */
function base64Within(bytes: Buffer, before: number): string {
  const letters = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
  const whole = Math.floor(((before + bytes.length) * 8) / 6)
  return letters.slice(Math.ceil((before * 8) / 6), whole)
}

function read(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}
