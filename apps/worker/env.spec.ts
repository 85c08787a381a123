import { describe, expect, it } from '@jest/globals';
import { readEnv } from './env.js';

const urls = {
  DATABASE_APP_URL: 'postgres://a@localhost/brikk',
  DATABASE_DISPATCH_URL: 'postgres://d@localhost/brikk',
};

describe('readEnv', () => {
  it('lets agents live on loopback in development only', () => {
    expect(readEnv(urls).agentNetworks).toEqual([]);
    expect(readEnv({ ...urls, BRIKK_ENV: 'development', BRIKK_AGENT_NETWORKS: '10.0.0.0/8' }).agentNetworks).toEqual([
      '127.0.0.0/8',
      '::1/128',
      '10.0.0.0/8',
    ]);
  });

  it('takes an empty setting as one that is not there', () => {
    expect(readEnv({ ...urls, BRIKK_AGENT_QUEUE: '' }).agentQueue).toBeUndefined();
    expect(readEnv({ ...urls, BRIKK_AGENT_QUEUE: 'brikk-agents' }).agentQueue).toBe('brikk-agents');
  });

  it('reaches Temporal as its settings say', () => {
    const { temporal } = readEnv({ ...urls, TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_TLS_SERVER_NAME: 'inside' });
    expect(temporal.connection).toEqual({ address: 'temporal:7233', tls: { serverNameOverride: 'inside' } });
  });

  it('allows definitions the processes that it lists, and no others', () => {
    expect(readEnv(urls).allowedProcesses).toEqual([]);
    expect(readEnv({ ...urls, BRIKK_ALLOW_PROCESSES: 'script,shell' }).allowedProcesses).toEqual(['script', 'shell']);
    expect(() => readEnv({ ...urls, BRIKK_ALLOW_PROCESSES: 'all' })).toThrow(
      /BRIKK_ALLOW_PROCESSES.*: must be a list of container, script, shell, mcp/,
    );
  });

  it('gives what is in hand ten seconds, and names a release where the operator does', () => {
    const { shutdownGraceMs, buildId } = readEnv(urls);
    expect([shutdownGraceMs, buildId]).toEqual([10_000, undefined]);
    const named = readEnv({ ...urls, BRIKK_SHUTDOWN_GRACE_SECONDS: '60', BRIKK_BUILD_ID: '1.1.0' });
    expect([named.shutdownGraceMs, named.buildId]).toEqual([60_000, '1.1.0']);
    expect(() => readEnv({ ...urls, BRIKK_BUILD_ID: 'a b' })).toThrow(/BRIKK_BUILD_ID: must be 1 to 128 letters/);
  });

  it('has a thousand slots, or as many fewer as it is told', () => {
    expect(readEnv(urls).slots).toBe(1_000);
    expect(readEnv({ ...urls, BRIKK_WORKER_SLOTS: '50' }).slots).toBe(50);
    expect(() => readEnv({ ...urls, BRIKK_WORKER_SLOTS: '1001' })).toThrow(/BRIKK_WORKER_SLOTS: .*1000/);
  });

  it('hosts pools in development, and elsewhere where that is wanted and the API is known', () => {
    const api = { BRIKK_API_URL: 'http://127.0.0.1:7600' };
    const hosts = (env: object) => readEnv({ ...urls, ...env }).poolsApiUrl;
    expect([hosts(api), hosts({ ...api, BRIKK_ENV: 'development', BRIKK_POOLS: 'off' })]).toEqual([
      undefined,
      undefined,
    ]);
    const url = api.BRIKK_API_URL;
    expect([hosts({ ...api, BRIKK_ENV: 'development' }), hosts({ ...api, BRIKK_POOLS: 'on' })]).toEqual([url, url]);
    expect(() => hosts({ BRIKK_POOLS: 'on' })).toThrow(/^BRIKK_API_URL: /);
  });

  it('names every setting that is missing or wrong, without its value', () => {
    const wrong = { DATABASE_APP_URL: 'mysql://secret@x', BRIKK_AGENT_NETWORKS: '10.0.0.0' };
    expect(() => readEnv(wrong)).toThrow(
      /DATABASE_APP_URL: .*\nDATABASE_DISPATCH_URL: .*\nBRIKK_AGENT_NETWORKS: must be/,
    );
    expect(() => readEnv(wrong)).not.toThrow(/secret/);
  });
});
