import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../../contracts/json.js';
import { FaultProxy } from './fault-proxy.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

const require = createRequire(import.meta.url);
const PATHS = /^\/rest\/api\/3\/(issue|issue\/\{issueIdOrKey\}(\/comment|\/transitions)?|search\/jql|myself)$/;

interface OpenApi {
  paths: Record<string, Json>;
}

/** Jira Cloud by its own OpenAPI document: requests that break it are refused, and so are answers. */
export class JiraMock {
  private constructor(
    /** Puts right what Prism says of the length of no content. */
    private readonly proxy: FaultProxy,
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly lines: string[],
  ) {}

  /** `document` is Atlassian's, whose examples are JSON in strings. */
  static async start(document: string): Promise<JiraMock> {
    const whole = JSON.parse(await readFile(document, 'utf8')) as OpenApi;
    const paths = Object.fromEntries(Object.entries(whole.paths).filter(([path]) => PATHS.test(path)));
    const folder = await mkdtemp(join(tmpdir(), 'brikk-jira-'));
    const copy = join(folder, 'jira.json');
    await writeFile(copy, JSON.stringify(parsedExamples({ ...whole, paths } as unknown as Json)));
    const port = await freePort();
    const cli = require.resolve('@stoplight/prism-cli/dist/index.js');
    const args = [cli, 'mock', copy, '--port', String(port), '--host', '127.0.0.1', '--errors'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
    const mock = new JiraMock(await FaultProxy.before(`http://127.0.0.1:${port}`), child, folder, lines);
    await until(() => lines.join('').includes('Prism is listening') || child.exitCode !== null, 90_000);
    if (child.exitCode !== null) throw new Error(`Prism ended: ${lines.join('')}`);
    return mock;
  }

  get url(): string {
    return this.proxy.url;
  }

  /** What was said of requests and answers that break the document. */
  get violations(): string[] {
    return this.lines
      .join('')
      .split('\n')
      .filter((line) => /violation|UNPROCESSABLE|not valid|error/i.test(line));
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.proxy.stop();
    this.child.kill();
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

function parsedExamples(value: Json): Json {
  if (Array.isArray(value)) return value.map(parsedExamples);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, inner]): [string, Json] => [
    name,
    name === 'example' && typeof inner === 'string' ? parsed(inner) : parsedExamples(inner),
  ]);
  return Object.fromEntries(fields);
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
