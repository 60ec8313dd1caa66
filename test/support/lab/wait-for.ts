/** Asks until something holds; rejects after `limit` ms. */
export async function waitFor(limit: number, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + limit
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come to hold within ${limit} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
