import { createLanguageActivities } from '../../activities/language.activities.js';
import type { Json } from '../../contracts/json.js';
import type { LanguageActivities } from '../../contracts/language-activities.js';
import type { Value } from '../../contracts/values.js';

const nobody = () => Promise.reject(new Error('no requests here'));

/** Reads parameters and texts as the product does; requests to outside are made by nobody. */
export function scriptedLanguage(json: (value: Value) => Json | Promise<Json> = nobody): LanguageActivities {
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
    payloads: { store: nobody, materialise: async (_, value) => json(value) },
  });
}
