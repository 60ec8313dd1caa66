import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
// Globals that the preload script exposes to the page.
import type {} from '../../renderer/api'
import { startHardened } from '../../scripts/lib/hardened.mjs'
import { hardenedApp } from '../../scripts/lib/pack.mjs'

const isLinux = process.platform === 'linux'
/** Script injection attempts; none of them may run. */
const script =
  '<img src=x onerror="window.taken=1"><script>window.taken=1</script>[x](javascript:window.taken=1)'

let testnet: Testnet
let server: Server
/** URLs of all requests that reached the web server. */
const asked: string[] = []
let web = ''
let executable = ''
let running: Awaited<ReturnType<typeof startHardened>> | null = null
let profile = ''

const app = () => running ?? expect.fail('the app does not run')
const page = (): Page => app().page

async function start(opening?: string): Promise<void> {
  const bootstrap = testnet.bootstrap.map(({ host, port }) => `${host}:${port}`).join(',')
  const other = join(profile, 'other.cjs')
  writeFileSync(other, `require('node:fs').writeFileSync(${JSON.stringify(join(profile, 'taken'))}, '')`)
  const env = { ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: `--require ${other}` }
  running = await startHardened({ executable, profile, bootstrap, env, ...(opening ? { opening } : {}) })
}

describe.runIf(isLinux)('the program as it is packed', () => {
  beforeAll(async () => {
    const runtime = process.env.SWARMPAD_RUNTIME
    if (!runtime) throw new Error('SWARMPAD_RUNTIME must name the runtime: start the tests by npm test')
    executable = await hardenedApp(runtime)
    testnet = await createTestnet(4)
    server = createServer((request, answer) => {
      asked.push(request.url ?? '')
      answer.setHeader('access-control-allow-origin', '*')
      answer.end('taken = 1')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    profile = mkdtempSync(join(tmpdir(), 'swarmpad-hardened-'))
    await start()
    await page()
      .getByLabel('Your name')
      .fill(`Ada ${script.slice(0, 20)}`)
    await page().keyboard.press('Enter')
    await page().getByRole('button', { name: 'New document' }).first().click()
    await page().getByRole('textbox', { name: 'Document text' }).waitFor()
  })
  afterAll(async () => {
    await running?.end()
    server?.close()
    await testnet?.destroy()
    if (profile) rmSync(profile, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
  })
  // Whatever was tried: the page is ours, nothing went out, and it takes a key.
  afterEach(async () => {
    expect(page().url()).toMatch(/^swarmpad-app:\/\/window\/index\.html/)
    expect(asked).toEqual([])
    expect(await page().evaluate(() => Reflect.get(window, 'taken'))).toBeUndefined()
    // Past the locators, which wait for ever for the end of a navigation that was refused.
    await page().evaluate(() => document.querySelector<HTMLElement>('.cm-content')?.focus())
    await page().keyboard.press('Control+End')
    const word = `still${Math.floor(performance.now())}`
    await page().keyboard.type(word)
    const text = () => page().evaluate(() => document.querySelector('.cm-content')?.textContent ?? '')
    await expect.poll(text).toContain(word)
  })

  it('has its fuses set in the file', async () => {
    const wire = await getCurrentFuseWire(executable)
    const [off, on] = [...'01'].map((digit) => digit.charCodeAt(0))
    const state = (option: FuseV1Options) => wire[option]
    expect(state(FuseV1Options.RunAsNode)).toBe(off)
    expect(state(FuseV1Options.EnableNodeOptionsEnvironmentVariable)).toBe(off)
    expect(state(FuseV1Options.EnableNodeCliInspectArguments)).toBe(off)
    expect(state(FuseV1Options.EnableCookieEncryption)).toBe(on)
    expect(state(FuseV1Options.OnlyLoadAppFromAsar)).toBe(on)
    expect(state(FuseV1Options.EnableEmbeddedAsarIntegrityValidation)).toBe(on)
    expect(state(FuseV1Options.GrantFileProtocolExtraPrivileges)).toBe(off)
  })

  it('is itself, whatever the environment says it should run', () => {
    // It was started with both of what turns an Electron into a Node; its window is here.
    expect(existsSync(join(profile, 'taken'))).toBe(false)
  })

  it('gives the page nothing of Node, and of the main process the calls of the contract alone', async () => {
    const found = await page().evaluate(() => {
      const has = ['process', 'require', 'module', 'Buffer', 'global', '__dirname', 'electron', 'ipcRenderer']
      return {
        node: has.filter((name) => name in window),
        bridge: Object.keys(window.swarmpad).filter(
          (name) => typeof Reflect.get(window.swarmpad, name) !== 'function',
        ),
        frozen:
          Reflect.set(window.swarmpad, 'documents', () => 1) && String(window.swarmpad.documents).length < 12,
      }
    })
    expect(found).toEqual({ node: [], bridge: [], frozen: false })
  })

  it('keeps the page in a process of its own that is told to isolate and sandbox it', () => {
    const lines = execFileSync('ps', ['-eo', 'ppid,pid,args'], { encoding: 'utf8' }).split('\n')
    const own = lines.filter((line) => line.includes(profile) && line.includes('--type=renderer'))
    expect(own.length).toBeGreaterThan(0)
    for (const line of own) {
      expect(line).not.toContain('--no-context-isolation')
      expect(line).not.toContain('--node-integration')
    }
    const asRoot = process.getuid?.() === 0
    if (!asRoot) for (const line of own) expect(line).not.toContain('--no-sandbox')
  })

  it('shows markup in text as text', async () => {
    await page().getByRole('textbox', { name: 'Document text' }).focus()
    await page().keyboard.insertText(`# ${script}\n${script}\n`)
    await page().getByRole('textbox', { name: 'Document text' }).getByText('onerror').first().waitFor()
    // CodeMirror's own pictures beside widgets have no source and no script.
    const made = ':is(script, img:not(.cm-widgetBuffer), img[src], img[onerror])'
    expect(await page().locator(`.cm-content ${made}`).count()).toBe(0)
    // The title stands in the library and in the window's own.
    await page().getByRole('navigation').or(page().locator('aside')).getByText('onerror').first().waitFor()
  })

  it('runs no script that was not in the package', async () => {
    const tried = await page().evaluate(async (web) => {
      const out: string[] = []
      const attempt = async (name: string, work: () => unknown) => {
        try {
          await work()
          out.push(name)
        } catch {}
      }
      // Code that the debugger runs itself is exempt from the page's policy; code that runs later is not.
      await new Promise((resolve) => requestAnimationFrame(resolve))
      await attempt('eval', () => Reflect.get(window, 'eval')('window.taken = 1'))
      await attempt('Function', () => new Function('window.taken = 1')())
      for (const make of [
        () => Object.assign(document.createElement('script'), { textContent: 'window.taken = 1' }),
        () => Object.assign(document.createElement('script'), { src: `${web}/script.js` }),
        () => Object.assign(document.createElement('script'), { src: 'data:text/javascript,window.taken=1' }),
      ])
        document.head.append(make())
      const holder = document.createElement('div')
      holder.innerHTML = '<img src="x" onerror="window.taken = 1"><svg onload="window.taken = 1"></svg>'
      document.body.append(holder)
      await attempt('worker', () => new Worker(URL.createObjectURL(new Blob(['1']))))
      await attempt('service worker', () => navigator.serviceWorker.register('/worker.js'))
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      holder.remove()
      return out
    }, web)
    expect(tried.filter((name) => name !== 'worker')).toEqual([])
  })

  it('reaches no network', async () => {
    const reached = await page().evaluate(async (web) => {
      const out: string[] = []
      const attempt = async (name: string, work: () => Promise<unknown>) => {
        try {
          await work()
          out.push(name)
        } catch {}
      }
      await attempt('fetch', () => fetch(`${web}/fetch`))
      await attempt(
        'XMLHttpRequest',
        () =>
          new Promise((resolve, reject) => {
            const request = new XMLHttpRequest()
            request.onload = resolve
            request.onerror = reject
            request.open('GET', `${web}/xhr`)
            request.send()
          }),
      )
      await attempt(
        'WebSocket',
        () =>
          new Promise((resolve, reject) => {
            const socket = new WebSocket(web.replace('http', 'ws'))
            socket.onopen = resolve
            socket.onerror = reject
          }),
      )
      const loads = (element: HTMLElement) =>
        new Promise((resolve, reject) => {
          element.onload = resolve
          element.onerror = reject
          document.body.append(element)
        }).finally(() => element.remove())
      await attempt('picture', () => loads(Object.assign(new Image(), { src: `${web}/picture` })))
      await attempt('style', () =>
        loads(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${web}/style` })),
      )
      navigator.sendBeacon(`${web}/beacon`)
      return out
    }, web)
    expect(reached).toEqual([])
  })

  it('shows no page in a frame, opens no window, and goes nowhere', async () => {
    const before = app().browser.contexts()[0]?.pages().length
    const opened = await page().evaluate(async (web) => {
      const frame = Object.assign(document.createElement('iframe'), { src: `${web}/frame` })
      document.body.append(frame)
      const window_ = window.open(`${web}/window`)
      const link = Object.assign(document.createElement('a'), { href: `${web}/link`, target: '_blank' })
      document.body.append(link)
      link.click()
      const here = Object.assign(document.createElement('a'), { href: `${web}/here` })
      document.body.append(here)
      here.click()
      const form = Object.assign(document.createElement('form'), { action: `${web}/form`, method: 'post' })
      document.body.append(form)
      form.submit()
      const meta = document.createElement('meta')
      meta.httpEquiv = 'refresh'
      meta.content = `0; url=${web}/meta`
      document.head.append(meta)
      location.href = `${web}/location`
      location.href = 'file:///etc/passwd'
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      for (const element of [frame, link, here, form, meta]) element.remove()
      return window_ !== null
    }, web)
    expect(opened).toBe(false)
    expect(app().browser.contexts()[0]?.pages().length).toBe(before)
  })

  it('grants no permission', async () => {
    const granted = await page().evaluate(async () => {
      const out: string[] = []
      const attempt = async (name: string, work: () => Promise<unknown>) => {
        try {
          await work()
          out.push(name)
        } catch {}
      }
      await attempt('camera', () => navigator.mediaDevices.getUserMedia({ video: true, audio: true }))
      await attempt('screen', () => navigator.mediaDevices.getDisplayMedia())
      await attempt('clipboard', () => navigator.clipboard.readText())
      await attempt(
        'place',
        () => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
      )
      if ((await Notification.requestPermission()) === 'granted') out.push('notification')
      for (const name of ['geolocation', 'notifications', 'camera', 'microphone'] as const) {
        const { state } = await navigator.permissions.query({ name: name as PermissionName })
        if (state === 'granted') out.push(name)
      }
      return out
    })
    expect(granted).toEqual([])
  })

  it('serves no file but those of the window', async () => {
    const paths = [
      ...[
        '/../main/index.js',
        '/%2e%2e/main/index.js',
        '/..%2fmain/index.js',
        '/%2e%2e%2f%2e%2e%2fpackage.json',
      ],
      ...['//etc/passwd', '/%2fetc%2fpasswd', '/index.html%00.js', '/assets/../../main/index.js', '/.', '/%'],
      ...['/..\\main\\index.js', '/preload/index.cjs', '/package.json'],
    ]
    for (const path of paths) {
      const text = await page().evaluate(async (path) => {
        return new Promise<string>((resolve) => {
          const script = Object.assign(document.createElement('script'), {
            src: `swarmpad-app://window${path}`,
          })
          script.onload = () => resolve('loaded')
          script.onerror = () => resolve('refused')
          document.head.append(script)
        })
      }, path)
      expect([path, text]).toEqual([path, 'refused'])
    }
  })

  it('answers calls of a wrong form with a plain word, and goes on', async () => {
    const outcomes = await page().evaluate(async () => {
      const calls = window.swarmpad as unknown as Record<
        string,
        (...args: unknown[]) => Promise<{ code?: string }>
      >
      const wrong: unknown[][] = [[], [null], [{}], ['../x'], [7, 7, 7, 7], [new Array(3)], ['x'.repeat(1e6)]]
      const harmless = ['lock', 'profile', 'documents', 'protection', 'createDocument']
      const takesNone = ['acknowledgeAddress', 'declinePassphrase', 'welcome', 'openNewWindow', 'closeWindow']
      // They ask the person for a folder.
      takesNone.push('importFolder', 'exportFolder')
      const tried = Object.entries(calls)
        .filter(([name]) => !name.startsWith('on') && !harmless.includes(name))
        .flatMap(([name, call]) => wrong.map((args) => ({ name, call, args })))
        .filter(({ name, args }) => args.length > 0 || !takesNone.includes(name))
      const codes = new Set<string>()
      for (const { call, args } of tried) {
        const outcome = await call(...args)
        if (outcome && 'code' in outcome) codes.add(String(outcome.code))
      }
      return [...codes].sort()
    })
    expect(outcomes.filter((code) => code === 'UNEXPECTED')).toEqual([])
    expect(outcomes).toContain('REQUEST_INVALID')
  })

  it('asks nothing of a link that is none, and says what is wrong with it', async () => {
    await app().end()
    await start('swarmpad:spw1%2e%2e%2f--inspect=1')
    await page().locator('.toast').filter({ hasText: /link/i }).waitFor()
    expect(
      await page()
        .getByRole('dialog', { name: /outside/i })
        .count(),
    ).toBe(0)
    await page().keyboard.press('Escape')
    await page().getByRole('button', { name: 'New document' }).first().click()
    // The document that was shown last comes back first.
    const text = page().getByRole('textbox', { name: 'Document text' })
    await text.filter({ hasNotText: 'still' }).waitFor()
  })
})
