import { createLanguageActivities } from '../../activities/language.activities.js';
import type { LanguageActivities } from '../../contracts/language-activities.js';

/** Reads parameters as the product does; requests to outside are made by nobody. */
export function scriptedLanguage(): LanguageActivities {
  const nobody = () => Promise.reject(new Error('no requests here'));
  return createLanguageActivities({
    web: { request: nobody, open: nobody },
    servers: { grpc: { unary: nobody }, channels: { publish: nobody, subscribe: nobody } },
    events: { append: async () => undefined },
    journal: { outcomes: async () => new Map(), record: async (_, __, row) => ({ call: row, isHeld: false }) },
    connectors: { connections: {} as never, resolve: nobody },
    processes: [],
    children: { open: nobody, read: nobody },
    resources: { find: nobody, keep: nobody },
    secrets: { open: nobody },
    payloads: { store: nobody, materialise: nobody },
  });
}
