// What the page may do, and who may talk to the server.

import { request as httpRequest } from 'node:http';
import { expect, test } from '../harness/test';

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': /no-referrer|same-origin/,
};

test('the page says what it may load', async ({ request }) => {
  const answer = await request.get('/');
  const headers = answer.headers();
  const policy = directives(headers['content-security-policy'] ?? '');
  expect(policy['default-src']).toEqual(["'self'"]);
  expect(policy['frame-ancestors']).toEqual(["'none'"]);
  expect(policy['base-uri']).toEqual(["'none'"]);
  expect(policy['script-src']).not.toContain("'unsafe-inline'");
  expect(policy['script-src']).not.toContain("'unsafe-eval'");
  expect(policy['style-src']).not.toContain("'unsafe-inline'");
  for (const [name, want] of Object.entries(HEADERS)) expect(headers[name], name).toMatch(want);
});

test('each inline script carries the nonce of its answer, and no two answers share one', async ({ request }) => {
  const nonces = [];
  for (const path of ['/', '/', '/no/such/page']) {
    const answer = await request.get(path);
    const nonce = /'nonce-([^']+)'/.exec(answer.headers()['content-security-policy'] ?? '')?.[1];
    expect(nonce?.length, 'a nonce worth guessing').toBeGreaterThanOrEqual(16);
    const scripts = [...(await answer.text()).matchAll(/<script\b([^>]*)>/g)].map((found) => found[1] ?? '');
    const inline = scripts.filter((attributes) => !/\bsrc=/.test(attributes));
    expect(inline.length, 'inline scripts').toBeGreaterThan(0);
    for (const attributes of inline) expect(attributes).toContain(`nonce="${nonce}"`);
    nonces.push(nonce);
  }
  expect(new Set(nonces).size).toBe(nonces.length);
});

test('a script that was slipped in does not run', async ({ page, journal, dashboard }) => {
  await dashboard.open();
  journal.expect(/Content Security Policy/);
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.slippedIn = true';
    document.body.append(script);
    const image = document.createElement('img');
    image.setAttribute('onerror', 'window.slippedIn = true');
    image.src = 'data:,';
    document.body.append(image);
    return new Promise((done) => setTimeout(() => done('slippedIn' in window), 250));
  });
  expect(ran).toBe(false);
  expect(journal.matching(/Content Security Policy/).length).toBeGreaterThan(0);
});

const ORIGINS = [
  { from: 'nobody in particular', origin: () => undefined, status: 101 },
  { from: 'the page itself', origin: (url: string) => url, status: 101 },
  { from: 'a page of somebody else', origin: () => 'http://elsewhere.example', status: 403 },
  { from: 'a page on another port', origin: () => 'http://127.0.0.1:1', status: 403 },
  { from: 'a sandboxed frame', origin: () => 'null', status: 403 },
];

for (const { from, origin, status } of ORIGINS) {
  test(`a socket asked for by ${from} is answered with ${status}`, async ({ telltale }) => {
    expect(await handshake(telltale.url, origin(telltale.url))).toBe(status);
  });
}

/** The status that `/ws` answers to a handshake. */
function handshake(url: string, origin: string | undefined): Promise<number | undefined> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGVsbHRhbGUgc2F5cyBoaQ==',
    ...(origin === undefined ? {} : { origin }),
  };
  return new Promise((done, fail) => {
    const request = httpRequest(`${url}/ws`, { headers });
    request.on('upgrade', (answer, socket) => {
      socket.destroy();
      done(answer.statusCode);
    });
    request.on('response', (answer) => {
      answer.resume();
      done(answer.statusCode);
    });
    request.on('error', fail);
    request.end();
  });
}

/** A policy as a table. */
function directives(policy: string): Record<string, string[]> {
  return Object.fromEntries(
    policy
      .split(';')
      .map((part) => part.trim().split(/\s+/))
      .map(([name = '', ...values]) => [name, values]),
  );
}
