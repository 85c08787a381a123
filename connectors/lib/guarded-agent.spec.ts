import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { addressRule, LOOPBACK_NETWORKS } from './address-rule.js';
import { createGuardedAgent } from './guarded-agent.js';
import { Permits } from './permits.js';

describe('addressRule', () => {
  const rule = addressRule([]);
  const refused = [
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'not an address',
  ];
  it.each(refused)('refuses %s', (address) => expect(rule.refuse(address, 'https:', 443)).toBeDefined());

  it('lets public addresses through over https on the usual ports only', () => {
    expect(rule.refuse('93.184.216.34', 'https:', 443)).toBeUndefined();
    expect(rule.refuse('2606:2800:220:1::1', 'https:', 8_443)).toBeUndefined();
    expect(rule.refuse('93.184.216.34', 'http:', 80)).toContain('http:');
    expect(rule.refuse('93.184.216.34', 'https:', 6_379)).toContain('6379');
  });

  it('lets the networks of the operator through on any port and scheme', () => {
    const open = addressRule(['10.0.0.0/8', ...LOOPBACK_NETWORKS]);
    expect(open.refuse('10.9.8.7', 'http:', 9_000)).toBeUndefined();
    expect(open.refuse('::1', 'http:', 9_000)).toBeUndefined();
    expect(open.refuse('192.168.1.1', 'https:', 443)).toBeDefined();
    expect(() => addressRule(['10.0.0.0'])).toThrow('10.0.0.0 is not a network such as 10.0.0.0/8');
  });
});

describe('createGuardedAgent', () => {
  const options = { connectTimeoutMs: 300, connections: 10, maxResponseBytes: 1_024 };
  const failure = (asked: Promise<unknown>) => asked.then(String, (error: Error) => error.message);

  it('refuses each spelling of a forbidden address', async () => {
    const agent = createGuardedAgent({ ...options, rule: addressRule([]) });
    const spellings = ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f000001', '0177.0.0.1', '127.1'];
    for (const host of spellings) {
      const { origin } = new URL(`https://${host}/`);
      expect(await failure(agent.request({ origin, path: '/', method: 'GET' }))).toContain(
        'outside the allowed networks',
      );
    }
    await agent.close();
  });

  it('refuses a name when any of its addresses is forbidden, at every look-up', async () => {
    const answers = [['93.184.216.34', '127.0.0.1'], ['10.0.0.1'], []];
    const agent = createGuardedAgent({
      ...options,
      rule: addressRule([]),
      resolve: () => Promise.resolve(answers.shift() ?? []),
    });
    const ask = () => failure(agent.request({ origin: 'https://agents.example', path: '/', method: 'GET' }));
    expect(await ask()).toContain('127.0.0.1 is a loopback address');
    expect(await ask()).toContain('10.0.0.1 is a private address');
    expect(await ask()).toContain('has no address');
    await agent.close();
  });

  it('goes on to the next checked address of a name when one does not answer', async () => {
    const server = createServer((incoming, response) => response.end(incoming.headers.host));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const rule = addressRule(LOOPBACK_NETWORKS);
    const agent = createGuardedAgent({ ...options, rule, resolve: () => Promise.resolve(['::1', '127.0.0.1']) });
    const answer = await agent.request({ origin: `http://agents.example:${port}`, path: '/', method: 'GET' });
    expect(await answer.body.text()).toBe(`agents.example:${port}`);
    await agent.close();
    server.close();
  });
});

describe('many new connections', () => {
  const rule = addressRule(LOOPBACK_NETWORKS);
  const limits = { connectTimeoutMs: 300, connections: 1_200, maxResponseBytes: 1_024 };

  it('are all made although this process stalls for longer than the time to connect', async () => {
    const server = createServer((_, response) => response.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const agent = createGuardedAgent({ ...limits, rule });
    // Fewer than the backlog of a listening socket: the server stalls with this process and accepts none meanwhile.
    const asked = Array.from({ length: 450 }, async () => {
      const answer = await agent.request({ origin: `http://127.0.0.1:${port}`, path: '/', method: 'GET' });
      return answer.body.text();
    });
    for (let stalls = 0; stalls < 3; stalls += 1) {
      await new Promise(setImmediate);
      const end = performance.now() + 400;
      while (performance.now() < end);
    }
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['here']));
    await agent.close();
    server.close();
  });

  it('to an address where nobody answers end in time', async () => {
    // Documentation range of RFC 5737: no host has it.
    const agent = createGuardedAgent({ ...limits, rule: addressRule(['192.0.2.0/24']) });
    const begin = performance.now();
    const asked = agent.request({ origin: 'http://192.0.2.1:9', path: '/', method: 'GET' });
    await expect(asked).rejects.toThrow();
    expect(performance.now() - begin).toBeLessThan(9_000);
    await agent.destroy();
  });
});

describe('Permits', () => {
  it('lets no more than its limit work at once, in order, and forgets who gave up', async () => {
    const permits = new Permits(1);
    const order: string[] = [];
    const leave = ['first', 'second', 'third'].map((name) => permits.enter(() => order.push(name)));
    const held = permits.hold(async () => order.push('held'));
    leave[1]?.();
    expect(order).toEqual(['first']);
    leave[0]?.();
    expect(order).toEqual(['first', 'third']);
    leave[2]?.();
    await held;
    expect(order).toEqual(['first', 'third', 'held']);
    permits.enter(() => order.push('fourth'));
    expect(order).toHaveLength(4);
  });
});
