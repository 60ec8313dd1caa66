import { describe, expect, it } from 'vitest'
import {
  contentPolicy,
  isOwnPage,
  pageFile,
  pageHeaders,
  startPage,
  withNonce,
} from '../../../main/electron/page-files'

const root = '/app/out/renderer'
const path = (address: string) => pageFile(root, address)?.path ?? null

describe("the window's scheme", () => {
  it('serves the files of the window with their kind', () => {
    expect(pageFile(root, startPage)).toEqual({
      path: `${root}/index.html`,
      contentType: 'text/html; charset=utf-8',
    })
    expect(path('swarmpad-app://window/assets/index-Ab_1.js')).toBe(`${root}/assets/index-Ab_1.js`)
    expect(path('swarmpad-app://window/assets/a.css?v=1#x')).toBe(`${root}/assets/a.css`)
  })

  it.each([
    'swarmpad-app://window/../../main/index.js',
    'swarmpad-app://window/%2e%2e/%2e%2e/main/index.js',
    'swarmpad-app://window/..%2f..%2fmain/index.js',
    'swarmpad-app://window/assets/..%5c..%5cindex.js',
    'swarmpad-app://window//etc/hosts.html',
    'swarmpad-app://window/a%00.html',
    'swarmpad-app://window/.hidden.html',
    'swarmpad-app://window/%',
    'swarmpad-app://window/',
    'swarmpad-app://window/assets',
    'swarmpad-app://window/key',
    'swarmpad-app://window/store.json',
    'swarmpad-app://other/index.html',
    'swarmpad-app://window.evil/index.html',
    'swarmpad-app://user@window:1/index.html',
    'file:///app/out/renderer/index.html',
    'https://window/index.html',
    'nonsense',
    '',
  ])('serves nothing for %s', (address) => {
    const served = pageFile(root, address)
    // Dots in an address are resolved before it is looked at: what is left lies under the root.
    if (served) expect(served.path.startsWith(`${root}/`)).toBe(true)
    else expect(served).toBeNull()
    if (!address.includes('..') && !address.includes('%2e')) expect(served).toBeNull()
  })

  it('knows its own pages', () => {
    expect(isOwnPage(startPage)).toBe(true)
    for (const address of [
      'swarmpad-app://window.evil/x',
      'swarmpad-app://windows',
      'https://a/swarmpad-app://window/',
      '',
    ])
      expect(isOwnPage(address)).toBe(false)
  })
})

describe('a page', () => {
  it('may load its own scripts and styles, and connect to nothing', () => {
    const policy = contentPolicy('abc')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("style-src 'self' 'nonce-abc'")
    expect(policy).toContain("connect-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:|blob:/)
  })

  it('carries the policy and the nonce; its files the policy alone', () => {
    expect(pageHeaders('text/html', 'abc')['Content-Security-Policy']).toBe(contentPolicy('abc'))
    expect(pageHeaders('text/css', null)['Content-Security-Policy']).toBe(contentPolicy(null))
    expect(contentPolicy(null)).not.toContain('nonce')
    expect(withNonce('<html><head><title>$&</title></head></html>', 'abc')).toBe(
      '<html><head>\n    <meta name="csp-nonce" content="abc" /><title>$&</title></head></html>',
    )
  })
})
