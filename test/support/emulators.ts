import { createEmulator, type Emulator, type SeedConfig } from 'emulate';
import { FaultProxy } from './fault-proxy.js';
import { freePort } from './free-port.js';

/** An outside system as its emulator has it, behind a proxy that lets things go wrong. */
export interface Emulated {
  url: string;
  proxy: FaultProxy;
  stop(): Promise<void>;
}

const SEEDS: Record<'github' | 'slack', SeedConfig> = {
  github: {
    github: {
      users: [{ login: 'octo', name: 'Octo' }],
      repos: [{ owner: 'octo', name: 'shop', auto_init: true }],
    },
  },
  slack: {
    slack: { users: [{ name: 'ada', real_name: 'Ada Lovelace', email: 'ada@example.com' }] },
  },
};

/** GitHub has the repository octo/shop; Slack the channel C000000001 and ada@example.com. */
export async function emulated(service: 'github' | 'slack'): Promise<Emulated> {
  const port = await freePort();
  const proxy = await FaultProxy.before(`http://127.0.0.1:${port}`);
  const emulator: Emulator = await createEmulator({ service, port, baseUrl: proxy.url, seed: SEEDS[service] });
  return {
    url: proxy.url,
    proxy,
    stop: async () => {
      proxy.stop();
      await emulator.close();
    },
  };
}
