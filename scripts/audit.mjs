import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, say } from './lib/run.mjs'

/**
 * Reports what is publicly known against the packages that ship. Ends with 1 for a finding that is not in
 * accepted-findings.json, with 0 otherwise, also where the registry does not answer: nothing else depends on it.
 */
const shipped = shippedPackages()
const { vulnerabilities, refusal } = ask()
if (!vulnerabilities) {
  say(`the registry does not say what is known against packages${refusal ? `: ${refusal}` : ''}`)
  say(
    `nothing was looked up. ${shipped.length} packages ship; npm audit signatures and findings need a registry that answers.`,
  )
  process.exit(0)
}

const accepted = JSON.parse(readFileSync(join(root, 'scripts', 'accepted-findings.json'), 'utf8'))
const findings = Object.values(vulnerabilities).flatMap(({ name, range, via, fixAvailable }) =>
  via
    // A name alone says that a package it needs has a finding, which is listed itself.
    .filter((cause) => typeof cause === 'object')
    .map(({ title, url, severity, range: affected }) => ({
      name,
      severity,
      title,
      url,
      range: affected ?? range,
      fix: fixAvailable ? 'a version without it can be had' : 'no version without it is known',
    })),
)
const reasonFor = ({ name, url }) =>
  accepted.find((known) => known.package === name && known.url === url)?.reason

const unknown = findings.filter((finding) => !reasonFor(finding))
for (const finding of findings) {
  const { name, severity, title, url, range, fix } = finding
  say(`${severity}: ${name} ${range}: ${title} (${url}); ${fix}`)
  const reason = reasonFor(finding)
  if (reason) say(`  accepted: ${reason}`)
}
for (const known of accepted)
  if (!findings.some(({ name, url }) => name === known.package && url === known.url))
    say(`accepted and no longer reported, can be taken off the list: ${known.package} (${known.url})`)
say(`${shipped.length} packages ship, ${findings.length} findings, ${unknown.length} of them not accepted`)
process.exit(unknown.length === 0 ? 0 : 1)

/** Asks the registry that npm is set up with. */
function ask() {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { stdout } = spawnSync(npm, ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8' })
  try {
    const { vulnerabilities, message } = JSON.parse(stdout)
    // The address of the registry is left out: it is this machine's own business.
    return { vulnerabilities, refusal: message?.split(' - ')[0] }
  } catch {
    return {}
  }
}

/** Names and versions of what the lock file installs for the program itself. */
function shippedPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`)
}
