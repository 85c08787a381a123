import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CONTENT } from '../lib/process-group.js';
import { docker, dueContainers, removeDueContainers } from './docker.js';
import { runProcess } from './process.connector.js';

/** Stands for the engine's client: notes how it was called, and answers from files. */
const FAKE = `#!/bin/sh
here=$(dirname "$0")
printf '%s|' "$@" >> "$here/calls"; echo >> "$here/calls"
case "$1" in
  run) printf 'host=%s\\n' "$DOCKER_HOST"; [ "$5" = --env-file ] && cat "$6"; cat; case "$*" in *slow*) sleep 60;; esac; exit 7;;
  ps) cat "$here/ps";;
  inspect) cat "$here/inspect"; [ ! -e "$here/gone" ] || { cat "$here/gone" >&2; exit 1; };;
  rm) [ ! -e "$here/broken" ] || { echo no engine >&2; exit 1; };;
esac`;

describe('the docker of the operator', () => {
  let folder: string;
  let path: string | undefined;
  const { signal } = new AbortController();
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'brikk-docker-'));
    writeFileSync(join(folder, 'docker'), FAKE);
    chmodSync(join(folder, 'docker'), 0o755);
    path = process.env['PATH'];
    process.env['PATH'] = `${folder}${delimiter}${path}`;
    process.env['DOCKER_HOST'] = 'unix:///engine';
  });
  afterEach(() => {
    process.env['PATH'] = path;
    delete process.env['DOCKER_HOST'];
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (image: string, timeoutMs: number) =>
    runProcess({
      ...docker({
        arguments: ['run', '--interactive', '--name', 'c', '--env-file', CONTENT, '--', image],
        content: { name: 'environment', text: 'KEY=1\n' },
        onKilled: ['rm', '--force', '--', "c's"],
      }),
      stdin: 'in',
      timeoutMs,
      signal,
    });

  it('finds its engine as the operator has it, and variables in a file', async () => {
    expect(await run('i', 10_000)).toEqual({ code: 7, stdout: 'host=unix:///engine\nKEY=1\nin', stderr: '' });
    expect(calls()).toHaveLength(1);
  });

  it('ends the container that goes on when it is killed', async () => {
    await expect(run('slow', 500)).rejects.toMatchObject({ kind: 'timeout' });
    expect(calls().at(-1)).toBe("rm|--force|--|c's|");
  });

  it('removes containers whose time after their end is over', async () => {
    const ended = '2026-11-01T12:00:00.123456789Z';
    const made = '2026-11-01T11:00:00.5Z';
    const told = [60_000, 120_000, 60_001].map((ms, at) => `${'abc'[at]} exited ${made} ${ended} ${ms}`);
    expect(dueContainers(told, Date.parse('2026-11-01T12:01:00.124Z'))).toEqual(['a', 'c']);
    const neverBegan = [`d created ${made} 0001-01-01T00:00:00Z 1`, `e created ${made} 0001-01-01T00:00:00Z 90000`];
    expect(dueContainers(neverBegan, Date.parse('2026-11-01T11:01:00.5Z'))).toEqual(['d']);
    expect(dueContainers(neverBegan, Date.parse('2026-11-01T11:01:30.5Z'))).toEqual(['d', 'e']);
    const begunMeanwhile = [`f running ${made} 0001-01-01T00:00:00Z 1`];
    expect(dueContainers(begunMeanwhile, Date.parse('2026-11-02'))).toEqual([]);
    writeFileSync(join(folder, 'ps'), 'a\nb\n');
    writeFileSync(join(folder, 'inspect'), `${told.slice(0, 2).join('\n')}\n`);
    expect(await removeDueContainers(Date.parse('2026-11-01T12:01:30Z'), signal)).toEqual(['a']);
    expect(calls().map((call) => call.split('|')[0])).toEqual(['ps', 'inspect', 'rm']);
    expect(calls().at(-1)).toBe('rm|--force|a|');
    writeFileSync(join(folder, 'broken'), '');
    await expect(removeDueContainers(Date.parse('2026-11-02'), signal)).rejects.toThrow(
      'docker rm ended with code 1: no engine',
    );
  });

  it('takes it that others remove containers, too', async () => {
    writeFileSync(join(folder, 'ps'), 'a\nb\n');
    writeFileSync(join(folder, 'inspect'), 'a exited 2026-11-01T11:00:00Z 2026-11-01T12:00:00Z 1\n');
    writeFileSync(join(folder, 'gone'), 'Error: No such object: b\n');
    expect(await removeDueContainers(Date.parse('2026-11-02'), signal)).toEqual(['a']);
  });

  it('asks for nothing else when no container waits', async () => {
    writeFileSync(join(folder, 'ps'), '');
    expect(await removeDueContainers(Date.now(), signal)).toEqual([]);
    expect(calls()).toHaveLength(1);
    expect(existsSync(join(folder, 'inspect'))).toBe(false);
  });
});
