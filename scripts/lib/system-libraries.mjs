import { existsSync, readFileSync } from 'node:fs'
import { must, output, run, say } from './run.mjs'

/** Libraries that Electron needs, under every package name used by Debian and Ubuntu. */
const libraries = [
  ['libgtk-3-0t64', 'libgtk-3-0'],
  ['libnss3'],
  ['libasound2t64', 'libasound2'],
  ['libgbm1'],
  ['libxss1'],
  ['libxtst6'],
  ['libnotify4'],
  ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
  ['xdg-utils'],
]
const display = [['xvfb'], ['xauth'], ['fonts-dejavu-core'], ['fonts-noto-color-emoji']]

/** Packages that the tests build networks with, as root only, and the program needed from each. */
const networkTools = { iproute2: 'ip', iptables: 'iptables', python3: 'python3' }

/**
 * Installs the system's libraries when root on Debian or Ubuntu, else says what is missing. With `needsNetworks`
 * also what networks of namespaces are built from, if root.
 */
export async function systemLibraries({ needsDisplay, needsNetworks }) {
  if (process.platform !== 'linux') return
  const tools = Object.entries(networkTools)
    .filter(([, program]) => output('sh', ['-c', `command -v ${program}`]) === null)
    .map(([name]) => [name])
  const wanted = [
    ...libraries,
    ...(needsDisplay ? display : []),
    ...(needsNetworks && process.getuid?.() === 0 ? tools : []),
  ]
  if (output('dpkg-query', ['--version']) === null) return
  const missing = wanted.filter((names) => !names.some(isInstalled))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) {
    say(
      `these packages may be missing: sudo apt-get install ${missing.map((names) => names.at(-1)).join(' ')}`,
    )
    return
  }
  say('installing system libraries (apt-get)')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const quiet = { env, stdio: ['ignore', 'ignore', 'inherit'] }
  await run('apt-get', ['update', '-qq'], quiet)
  const known = missing.map((names) => names.find(isKnown) ?? names.at(-1))
  await must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...known], quiet)
}

/** Says the remedy where the system keeps Electron's sandbox from a plain user. */
export function sandboxAdvice() {
  if (process.platform !== 'linux' || process.getuid?.() === 0) return
  const forbids = (file, value) => existsSync(file) && readFileSync(file, 'utf8').trim() === value
  if (forbids('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1'))
    say(
      'this system restricts the sandbox of programs outside packages: if the window does not open, run `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`, or install the .deb',
    )
  else if (
    forbids('/proc/sys/kernel/unprivileged_userns_clone', '0') ||
    forbids('/proc/sys/user/max_user_namespaces', '0')
  )
    say(
      'this system forbids the sandbox to plain users: if the window does not open, run `sudo sysctl kernel.unprivileged_userns_clone=1`, or install the .deb',
    )
}

/** How dpkg-query names the field: braces that are its own, not a template's. */
const statusField = '$' + '{Status}'

const isInstalled = (name) =>
  output('dpkg-query', ['-W', '-f', statusField, name], { stdio: ['ignore', 'pipe', 'ignore'] })?.includes(
    'ok installed',
  ) ?? false

const isKnown = (name) =>
  (output('apt-cache', ['policy', name]) ?? '').match(/Candidate: (?!\(none\))\S/) !== null
