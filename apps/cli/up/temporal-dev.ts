import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../package-root.js';

const setting = z.union([z.string(), z.number(), z.boolean()]);

const temporalDevSchema = z.object({
  cli: z.object({ version: z.string(), minimumServer: z.string() }),
  namespace: z.string(),
  database: z.object({ file: z.string(), pragmas: z.record(z.string(), setting) }),
  searchAttributes: z.record(z.string(), z.string()),
  dynamicConfig: z.record(z.string(), setting),
});
export type TemporalDev = z.infer<typeof temporalDevSchema>;

/** The development server's settings, each with its reason, are in temporal-dev.yml. */
export function readTemporalDev(): TemporalDev {
  return temporalDevSchema.parse(parse(readFileSync(join(packageRoot, 'temporal-dev.yml'), 'utf8')));
}

export interface TemporalPorts {
  dbFile: string;
  port: number;
  httpPort: number;
  /** Without one the server runs without its Web UI. */
  uiPort?: number;
  /** The file need not survive a power cut: commits are not flushed to the disk. */
  ephemeral?: boolean;
}

/** The arguments of `temporal` for one development server. */
export function serverArguments(
  dev: TemporalDev,
  { dbFile, port, httpPort, uiPort, ephemeral }: TemporalPorts,
): string[] {
  const pragmas = { ...dev.database.pragmas, ...(ephemeral ? { synchronous: 'OFF' } : {}) };
  const flags = {
    ip: '127.0.0.1',
    'db-filename': dbFile,
    namespace: dev.namespace,
    port,
    'http-port': httpPort,
    'log-level': 'warn',
    ...(uiPort && { 'ui-port': uiPort }),
  };
  return [
    'server',
    'start-dev',
    ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ...(uiPort ? [] : ['--headless']),
    ...pairs('--sqlite-pragma', pragmas),
    ...pairs('--search-attribute', dev.searchAttributes),
    ...pairs('--dynamic-config-value', dev.dynamicConfig),
  ];
}

function pairs(flag: string, values: Record<string, string | number | boolean>): string[] {
  return Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
}
