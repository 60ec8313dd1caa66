import { output } from './run.mjs'

/**
 * A command wrapped so that it runs where there is no network but 127.0.0.1, as far as this machine
 * allows: then nothing that it does can leave the machine. `says` tells which it is.
 */
export function loopbackOnly([command, ...args]) {
  if (output('unshare', ['--net', 'sh', '-c', 'ip link set lo up || ifconfig lo up'], quiet) === null)
    return {
      command,
      args,
      says: 'uses 127.0.0.1 only (this machine allows no network namespace to prove it)',
    }
  return {
    command: 'unshare',
    args: ['--net', 'sh', '-c', '(ip link set lo up || ifconfig lo up) && exec "$@"', 'sh', command, ...args],
    says: 'runs in a network namespace that has only 127.0.0.1',
  }
}

const quiet = { stdio: ['ignore', 'pipe', 'ignore'] }
