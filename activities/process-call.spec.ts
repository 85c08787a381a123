import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { PROCESS_KINDS, processesIn, refuseProcesses } from '../contracts/processes.js';
import type { TaskList } from '../contracts/definition-tasks.js';
import type { Json } from '../contracts/json.js';
import type { ProcessRequest } from '../contracts/language-activities.js';
import { OutsideCalls } from '../test/support/outside-calls.js';
import type { Prepared } from './outside-call.js';
import { makeProcessCall } from './process-call.js';

const SLOW_MS = 30_000;

function start(
  kind: ProcessRequest['process'],
  parts: Json,
  { source, ...more }: Partial<Prepared> & { source?: string } = {},
) {
  const request: ProcessRequest = { kind: 'process', process: kind, ...(source !== undefined && { source }) };
  const { signal } = new AbortController();
  const prepared = { parts, timeoutMs: SLOW_MS, signal, hide: (text: string) => text, ...more } as Prepared;
  return makeProcessCall(['script', 'shell'], { request } as never, prepared);
}

describe('a process of a definition', () => {
  it('has its arguments, its environment and nothing of the worker, and a folder of its own that goes with it', async () => {
    process.env['WORKER_SECRET'] = 'hunter-2';
    const command = 'echo "$1 $COLOUR [$WORKER_SECRET]"; cat; pwd > where; cat where >&2; exit 3';
    const outcome = await start('shell', { command, arguments: ['a b'], environment: { COLOUR: 'red' }, stdin: 'in' });
    delete process.env['WORKER_SECRET'];
    expect(outcome).toMatchObject({ output: { code: 3, stdout: 'a b red []\nin' } });
    const { output } = outcome as { output: { stderr: string } };
    expect(output.stderr).toMatch(/brikk-process-/);
    expect(existsSync(output.stderr.trim())).toBe(false);
  });

  it('runs code in place and code at an address', async () => {
    const python = { language: 'python', arguments: ['5'] };
    const fetchDocument = async () => 'import sys\nprint(int(sys.argv[1]) + 1)';
    expect(await start('script', python, { source: 'https://a.example.com/x.py', fetchDocument })).toEqual({
      output: { code: 0, stdout: '6\n', stderr: '' },
    });
    const code = 'console.log(process.argv.slice(2).join("+"))';
    expect(await start('script', { language: 'js', code, arguments: ['a', 'b'] })).toMatchObject({
      output: { code: 0, stdout: 'a+b\n' },
    });
    await expect(start('script', { language: 'cobol', code })).rejects.toThrow('one of js, javascript, python');
  });

  it('is killed with all that it started when its time is over, it says too much, or nobody waits for it', async () => {
    await expect(start('shell', { command: 'sleep 60 & sleep 60' }, { timeoutMs: 50 })).rejects.toMatchObject({
      kind: 'timeout',
    });
    expect(await start('shell', { command: 'yes' })).toMatchObject({
      error: { code: 'process.failed', message: expect.stringMatching(/more than 1048576 bytes/) },
    });
    const gone = new AbortController();
    const made = start('shell', { command: 'sleep 60' }, { signal: gone.signal });
    gone.abort(new Error('canceled'));
    await expect(made).rejects.toThrow('canceled');
  });

  it('is given secrets, and says none of them, whatever it writes', async () => {
    const calls = new OutsideCalls({ desk: 'hunter-2', shop: { token: 'abc-xyz' } }, {}, ['shell']);
    const late = (request: string) =>
      calls.process(
        { kind: 'process', process: 'shell' },
        { request, data: { inline: 'data' }, variables: {}, secrets: ['desk', 'shop'] },
      );
    const given =
      'arguments: [$secrets.desk], environment: {KEY: $secrets.shop.token}, stdin: "\\(.) \\($secrets.desk)"';
    const counts = 'echo "${#1} ${#KEY} $(wc -c)"; echo "$1" "$KEY"; echo "$KEY" >&2';
    expect(await late(`{command: ${JSON.stringify(counts)}, ${given}}`)).toEqual({
      output: { code: 0, stdout: '8 7 13\n*** ***\n', stderr: '***\n' },
    });
    expect(await late(`{command: "true", environment: {KEY: ($secrets.desk + "\\u0000")}}`)).toMatchObject({
      error: { code: 'process.failed', message: 'run.shell: sh could not be started: ERR_INVALID_ARG_VALUE' },
    });
    await calls.close();
  });

  it('is refused by the name of the setting when its kind is not allowed, and a run of it at its start', async () => {
    const message =
      'run.container starts a process and is refused: the operator allows it by BRIKK_ALLOW_PROCESSES=container';
    expect(await start('container', { image: 'x' })).toMatchObject({ error: { code: 'process.refused', message } });
    const document = { dsl: '1.0.3', namespace: 'a', name: 'b', version: '1.0.0' };
    const inner = { run: { container: { image: 'x' } } };
    const stdio = { call: 'mcp', with: { method: 'tools/list', transport: { stdio: { command: 'x' } } } } as const;
    const tasks: TaskList = [
      { a: { try: [{ b: inner }], catch: { do: [{ d: stdio }] } } },
      { c: { set: { run: { shell: 1 } } } },
    ];
    const definition = { document, do: tasks };
    expect(processesIn(definition)).toEqual(['container', 'mcp']);
    expect(() => refuseProcesses(definition, ['script'])).toThrow(message);
    expect(() => refuseProcesses(definition, PROCESS_KINDS)).not.toThrow();
  });
});
