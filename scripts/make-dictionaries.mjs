import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, output, root, say } from './lib/run.mjs'

/*
 * Writes assets/dictionaries/*.bdic, Chromium's form of Hunspell's word lists, from packages of the npm registry.
 * Needs Chromium's converter: Debian has it in qtwebengine5-dev-tools, Fedora in qt5-qtwebengine-devtools.
 */

/** Hunspell's lists by the file that Chromium asks for, with the SHA-512 of their packages. */
const sources = {
  'en-US-10-1.bdic': {
    name: 'dictionary-en@4.0.0',
    sha512:
      'dcd1e7135baadf7644fc2230699ea0ab16b80678251e7c5e01c4ccd0627b726b5119cbd7f489cc2bf22a2ed61c50c14252950d8326c7f83ce4a9d800a37175ce',
  },
  'de-DE-3-0.bdic': {
    name: 'dictionary-de@3.0.0',
    sha512:
      'd176eaf98a564ec7002f57b5f1a3cf6aa7c6e20a02da8f53e7de4bff9e2fd8ebce3c2d3f4c914595c9586a7c6e5282bbdf0bad3397fd1204ae58692f41794e5f',
  },
}

const converter = [
  process.argv[2],
  '/usr/lib/qt5/bin/qwebengine_convert_dict',
  '/usr/lib/qt6/libexec/qwebengine_convert_dict',
].find((path) => path && existsSync(path))
if (!converter) {
  console.log('usage: node scripts/make-dictionaries.mjs PATH/TO/qwebengine_convert_dict')
  process.exit(1)
}
const work = mkdtempSync(join(tmpdir(), 'swarmpad-dictionaries-'))
try {
  for (const [file, source] of Object.entries(sources)) await make(file, source)
} finally {
  rmSync(work, { recursive: true })
}

/** Downloads a package, checks it and converts its list. */
async function make(file, { name, sha512 }) {
  const packed = output('npm', ['pack', name, '--silent', '--pack-destination', work])?.trim()
  if (!packed) throw new Error(`${name} could not be downloaded`)
  const archive = join(work, packed)
  if (createHash('sha512').update(readFileSync(archive)).digest('hex') !== sha512)
    throw new Error(`${name} is not the package that it was`)
  await must('tar', ['-xzf', archive, '-C', work])
  const made = join(work, 'package', 'index.bdic')
  // The converter insists on a folder for ICU's data, and reads nothing in it.
  const env = { ...process.env, QT_WEBENGINE_ICU_DATA_DIR: work }
  await must(converter, [join(work, 'package', 'index.dic'), made], { env, stdio: 'ignore' })
  const folder = join(root, 'assets', 'dictionaries')
  copyFileSync(made, join(folder, file))
  const license = readFileSync(join(work, 'package', 'license'), 'utf8')
  writeFileSync(join(folder, file.replace('.bdic', '-license.txt')), license)
  rmSync(join(work, 'package'), { recursive: true })
  say(`made ${file} from ${name}`)
}
