import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkPackage } from './check-package.mjs'
import { build } from './lib/build.mjs'
import { makeDeb } from './lib/deb.mjs'
import { pack } from './lib/pack.mjs'
import { must, root, say } from './lib/run.mjs'
import { setUp } from './setup.mjs'

/** Packs the app into dist/: an unpacked folder and, on Linux, a tar.gz and a .deb; then tries them. */
const runtime = await setUp()
await build({ force: true })
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const release = runtime.substitute ? '-not-for-release' : ''
const name = `swarmpad-${manifest.version}${release}`
const dist = join(root, 'dist')
rmSync(dist, { recursive: true, force: true })

const unpacked = await pack({ runtime, folder: 'dist' })
if (process.platform === 'linux') {
  await makeTar(unpacked)
  const deb = join(dist, `${name}-amd64.deb`)
  await makeDeb({ unpacked, file: deb, version: manifest.version, forRelease: !runtime.substitute })
  say(`made dist/${name}-amd64.deb`)
  await checkPackage({ unpacked, deb })
}

async function makeTar(unpacked) {
  const folder = join(dist, name)
  cpSync(unpacked, folder, { recursive: true })
  await must('tar', ['-czf', `${folder}-linux-x64.tar.gz`, '-C', dist, name])
  rmSync(folder, { recursive: true })
  say(`made dist/${name}-linux-x64.tar.gz`)
}
