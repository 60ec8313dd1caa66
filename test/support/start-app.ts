import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { errors } from 'playwright-core'
import { startApp } from '../../scripts/lib/app.mjs'
import { launchArguments } from '../../scripts/lib/launch.mjs'

/**
 * Starts the app; where it does not come up in time, or the system ends it, tells so and starts it once more: a machine
 * that is busy beyond all bounds says nothing about the program. One that ends by itself or fails twice is a failure.
 */
export async function startSurely(options: Parameters<typeof startApp>[0]): ReturnType<typeof startApp> {
  try {
    return await startApp(options)
  } catch (error) {
    const { message } = error as Error
    if (!(error instanceof errors.TimeoutError || message.includes('signal=SIG'))) throw error
    console.log(`The app did not come up and is started once more: ${message}`)
    return startApp(options)
  }
}

/** Starts the program once more on a profile that is in use; resolves to what it printed on both streams. */
export async function startOnProfile(profile: string, opening: string): Promise<string> {
  const second = spawn(
    process.env.SWARMPAD_RUNTIME ?? '',
    [...launchArguments({ quiet: true }), '--disable-gpu', '--profile', profile, opening],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let heard = ''
  for (const stream of [second.stdout, second.stderr])
    stream.on('data', (data) => {
      heard += data
    })
  const [code] = await once(second, 'close')
  if (code !== 0) throw new Error(`it ended with ${code}: ${heard}`)
  return heard
}
