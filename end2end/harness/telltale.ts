// The started binary: its address, its end, and its coming back at the same address.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = process.env.TELLTALE_BIN ?? path.resolve(import.meta.dirname, '../../target/debug/telltale');
const START_MS = 20_000;
const STOP_MS = 5_000;

/** One server of this machine's metrics, on a port of its own. */
export class Telltale {
  private child: ChildProcess | undefined;
  private said = '';
  private port = '0';
  private data: string | undefined;
  /** It has been away, so what it keeps has holes. */
  private hasHoles = false;

  /** `configuration`: what stands under the outer key of its file. */
  constructor(private readonly configuration?: object) {}

  /** Where it is, or was before it stopped. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again on the port it had. */
  async start(): Promise<void> {
    if (this.child) throw new Error('it runs already');
    this.hasHoles = this.data !== undefined;
    const words = ['start', '--listen', `127.0.0.1:${this.port}`, '--data-dir', this.folder()];
    if (this.configuration) words.push('--config', this.file(this.configuration));
    const child = spawn(BINARY, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    const lines = createInterface({ input: child.stdout });
    const first = await within(START_MS, `${BINARY} did not say where it listens`, () =>
      Promise.race([
        once(lines, 'line').then(([line]) => line as string),
        once(child, 'error').then(([error]) => this.fail(`${BINARY} cannot be started: ${error}`)),
        once(child, 'exit').then(([code]) => this.fail(`${BINARY} ended with ${code} instead of listening`)),
      ]),
    );
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(first)?.[1];
    if (!port) this.fail(`no address in its first line: ${first}`);
    else this.port = port;
  }

  /** Ends it as a service manager does; anything but a clean end within the promised time is an error. */
  async stop(): Promise<void> {
    const child = this.child;
    if (!child) return;
    this.child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) {
      this.fail(`it had ended by itself: ${child.exitCode ?? child.signalCode}`);
    }
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code, signal] = await within(STOP_MS, 'it did not end on SIGTERM', () => ended).catch((error) => {
      child.kill('SIGKILL');
      throw error;
    });
    if (code !== 0) this.fail(`it ended with ${code ?? signal} on SIGTERM`);
  }

  /** Without the holes that a test has made in what it keeps: the next one finds none. */
  async forget(): Promise<void> {
    if (!this.hasHoles) return;
    await this.stop();
    this.data = undefined;
    await this.start();
  }

  /** Its data folder: its own, the same when it comes back, and gone with the tests. */
  private folder(): string {
    if (this.data === undefined) {
      const made = mkdtempSync(path.join(tmpdir(), 'telltale-data-'));
      process.once('exit', () => rmSync(made, { recursive: true, force: true }));
      this.data = made;
    }
    return this.data;
  }

  private file(configuration: object): string {
    const file = path.join(this.folder(), 'telltale.json');
    writeFileSync(file, JSON.stringify({ performance_monitoring: configuration }));
    return file;
  }

  private fail(what: string): never {
    throw new Error(this.said ? `${what}\nIt said:\n${this.said}` : what);
  }
}

async function within<T>(ms: number, otherwise: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${otherwise} within ${ms / 1000} s`)), ms);
  });
  return Promise.race([work(), late]).finally(() => clearTimeout(timer));
}
