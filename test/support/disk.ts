import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'

/** True if disks of a fixed size can be mounted here, for tests of full disks. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}
