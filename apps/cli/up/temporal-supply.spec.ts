import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporal } from './find-temporal.js';
import { downloadTemporal } from './temporal-download.js';
import { installWithGo } from './temporal-go.js';

const SCRIPT = '#!/bin/sh\necho "temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)"\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brikk-supply-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program of this name in a folder of its own, for PATH. */
function program(name: string, code: string): string {
  const bin = join(folder, `bin-${name}`);
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), code);
  chmodSync(join(bin, name), 0o755);
  return bin;
}

describe('the download of Temporal', () => {
  let site: Server;
  let answer: { status: number; body: Buffer };
  beforeEach(async () => {
    const bin = program('temporal', SCRIPT);
    execFileSync('tar', ['-czf', join(folder, 'archive.tar.gz'), '-C', bin, 'temporal']);
    answer = { status: 200, body: readFileSync(join(folder, 'archive.tar.gz')) };
    site = createServer((_, response) => response.writeHead(answer.status).end(answer.body)).listen(0, '127.0.0.1');
    await once(site, 'listening');
  });
  afterEach(async () => {
    site.closeAllConnections();
    site.close();
    await once(site, 'close');
  });
  const download = (target: string, environment = {}) => {
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    return downloadTemporal({ version: '1.5.1', target, environment, log: () => undefined, site: url });
  };

  it('unpacks the binary into place and leaves nothing beside it', async () => {
    const target = join(folder, 'cache', 'temporal');
    await download(target);
    expect(readFileSync(target, 'utf8')).toBe(SCRIPT);
    expect(readdirSync(join(folder, 'cache'))).toEqual(['temporal']);
  });

  it('leaves nothing behind when the site refuses, sends something else, or cannot be reached', async () => {
    const target = join(folder, 'cache', 'temporal');
    answer = { status: 403, body: Buffer.from('no') };
    await expect(download(target)).rejects.toThrow(/^temporal\.download answered 403$/);
    answer = { status: 200, body: Buffer.from('<html>') };
    await expect(download(target)).rejects.toThrow();
    await expect(download(target, { HTTP_PROXY: 'http://127.0.0.1:1' })).rejects.toThrow(/cannot be reached$/);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });
});

describe('the build of Temporal with Go', () => {
  const build = (code: string, log: (line: string) => void = () => undefined) => {
    const go = join(program('go', `#!/bin/sh\n${code}\n`), 'go');
    return installWithGo({
      version: '1.5.1',
      target: join(folder, 'cache', 'temporal'),
      go,
      environment: { MARK: 'x' },
      log,
    });
  };

  it('puts the binary in place and says how long it may take', async () => {
    const lines: string[] = [];
    await build('echo "$@ $MARK" > "$GOBIN/temporal"', (line) => lines.push(line));
    expect(readFileSync(join(folder, 'cache', 'temporal'), 'utf8')).toBe(
      'install github.com/temporalio/cli/cmd/temporal@v1.5.1 x\n',
    );
    expect(lines).toEqual(['building Temporal 1.5.1 with Go, two to four minutes once']);
    expect(readdirSync(join(folder, 'cache'))).toEqual(['temporal']);
  });

  it('fails with the last line of Go and leaves nothing behind', async () => {
    await expect(build('echo first >&2; echo "no network" >&2; exit 1')).rejects.toThrow(/^no network$/);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });
});

describe('a machine without Temporal', () => {
  const offline = () => ({ HTTPS_PROXY: 'http://127.0.0.1:1', XDG_CACHE_HOME: join(folder, 'cache') });

  it('builds it with Go where the download is closed, and keeps it in the cache', async () => {
    const bin = program(
      'go',
      `#!/bin/sh\n/bin/cat > "$GOBIN/temporal" <<'END'\n${SCRIPT}END\n/bin/chmod +x "$GOBIN/temporal"\n`,
    );
    const environment = { ...offline(), PATH: bin };
    expect(await findTemporal(() => undefined, environment)).toMatchObject({
      serverVersion: '1.29.1',
      source: 'go install',
    });
    expect(await findTemporal(() => undefined, environment)).toMatchObject({ source: 'cache' });
  });

  it('is told every way out in one sentence, and which binary was too old', async () => {
    const bin = program('temporal', SCRIPT.replace('1.29.1', '1.20.0'));
    const lines: string[] = [];
    await expect(findTemporal((line) => lines.push(line), { ...offline(), PATH: bin })).rejects.toThrow(
      /^No Temporal server was found \(download: .*; go install: there is no Go .*TEMPORAL_ADDRESS.*TEMPORAL_CLI_PATH.*Go/,
    );
    expect(lines[0]).toMatch(/temporal has server 1\.20\.0, older than 1\.29\.0: looking further$/);
    expect(existsSync(join(folder, 'cache', 'brikk', 'temporal', '1.5.1', 'temporal'))).toBe(false);
  });
});
