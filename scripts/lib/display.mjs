import { spawn } from 'node:child_process'
import { say } from './run.mjs'

/** How long Xvfb may take to start, in ms. */
const startLimit = 60_000

/** True if there is a display to show windows on. */
export const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/**
 * The environment for a program that shows windows, with an Xvfb of its own where there is no display;
 * `end` stops that.
 */
export async function withDisplay({ size = '1600x1000' } = {}) {
  if (hasDisplay()) return { env: process.env, end: () => undefined }
  say('no display: running under Xvfb')
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', `${size}x24`, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('Xvfb did not start in time')), startLimit)
    xvfb.on('error', () =>
      reject(new Error('Xvfb is needed where there is no display: install the package xvfb')),
    )
    xvfb.on('exit', () => reject(new Error('Xvfb ended at once')))
    xvfb.stdio[3].once('data', (data) => {
      clearTimeout(late)
      resolve(String(data).trim())
    })
  })
  const end = () => xvfb.kill()
  process.once('exit', end)
  return { env: { ...process.env, DISPLAY: `:${number}` }, end }
}
