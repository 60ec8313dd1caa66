import { errors } from 'playwright-core'
import { startApp } from '../../scripts/lib/app.mjs'

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
