import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTemporalSettings } from './temporal-settings.js';

describe('the settings of the connection to Temporal', () => {
  let folder: string;
  const pem = (name: string) => {
    const path = join(folder, name);
    writeFileSync(path, `PEM of ${name}`);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'brikk-tls-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are a plain connection to the usual address when nothing is set', () => {
    expect(readTemporalSettings({ TEMPORAL_ADDRESS: '', TEMPORAL_API_KEY: '' })).toEqual({
      namespace: 'brikk',
      connection: { address: '127.0.0.1:7233' },
    });
  });

  it('reach the connection options: certificates, their server name and the namespace', () => {
    const settings = readTemporalSettings({
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      TEMPORAL_NAMESPACE: 'orders',
      TEMPORAL_TLS_SERVER_NAME: 'temporal.internal',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: pem('ca'),
      TEMPORAL_TLS_CLIENT_CERT_PATH: pem('cert'),
      TEMPORAL_TLS_CLIENT_KEY_DATA: 'PEM of key',
    });
    expect(settings).toEqual({
      namespace: 'orders',
      connection: {
        address: 'temporal.example.com:7233',
        tls: {
          serverNameOverride: 'temporal.internal',
          serverRootCACertificate: Buffer.from('PEM of ca'),
          clientCertPair: { crt: Buffer.from('PEM of cert'), key: Buffer.from('PEM of key') },
        },
      },
    });
  });

  it.each([
    [{ TEMPORAL_API_KEY: 'secret' }, { apiKey: 'secret', tls: {} }],
    [
      { TEMPORAL_API_KEY: 'secret', TEMPORAL_TLS: 'false' },
      { apiKey: 'secret', tls: false },
    ],
    [{ TEMPORAL_TLS: 'true' }, { tls: {} }],
    [{ TEMPORAL_TLS: '0', TEMPORAL_TLS_SERVER_NAME: 'name' }, { tls: false }],
  ])('switch TLS on with a key, and as TEMPORAL_TLS says: %j', (environment, expected) => {
    expect(readTemporalSettings(environment).connection).toMatchObject(expected);
  });

  it.each([
    [{ TEMPORAL_ADDRESS: 'http://temporal:7233' }, /^TEMPORAL_ADDRESS: must be host:port, without a scheme$/],
    [{ TEMPORAL_TLS: 'maybe' }, /^TEMPORAL_TLS: /],
    [{ TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' }, /^TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: is not supported/],
    [{ TEMPORAL_TLS_CLIENT_CERT_DATA: 'secret' }, /^TEMPORAL_TLS_CLIENT_CERT and TEMPORAL_TLS_CLIENT_KEY belong/],
    [{ TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/absent/ca' }, /^TEMPORAL_TLS_SERVER_CA_CERT_PATH: \/absent\/ca cannot be/],
    [
      { TEMPORAL_TLS_CLIENT_KEY_PATH: '/absent/key', TEMPORAL_TLS_CLIENT_KEY_DATA: 'secret' },
      /^TEMPORAL_TLS_CLIENT_KEY_PATH and TEMPORAL_TLS_CLIENT_KEY_DATA exclude each other/,
    ],
  ])('are refused by name when they are wrong: %j', (environment, message) => {
    expect(() => readTemporalSettings(environment)).toThrow(message);
    expect(() => readTemporalSettings(environment)).not.toThrow(/secret/);
  });
});
