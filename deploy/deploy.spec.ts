import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

const read = (...file: string[]) => readFileSync(path.join(import.meta.dirname, ...file), 'utf8');

interface Compose {
  services: Record<string, { environment?: Record<string, string>; stop_grace_period?: string }>;
}
interface Workload {
  kind: string;
  metadata: { name: string };
  spec: { template: { spec: PodSpec } };
}
interface PodSpec {
  terminationGracePeriodSeconds?: number;
  containers: { env?: { name: string; value?: string }[] }[];
}

describe('what is deployed', () => {
  const compose = parse(read('compose.yaml'), { merge: true }) as Compose;
  const manifests = readdirSync(path.join(import.meta.dirname, 'kubernetes'))
    .flatMap((file) => parseAllDocuments(read('kubernetes', file)))
    .map((document) => document.toJS() as Workload);
  const podOf = (name: string): PodSpec =>
    manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)!.spec.template.spec;
  const settingOf = (name: string, setting: string) =>
    Number(podOf(name).containers[0]?.env?.find((one) => one.name === setting)?.value);

  it('gives Temporal the settings of the development server', () => {
    const { dynamicConfig } = parse(read('../temporal-dev.yml')) as { dynamicConfig: Record<string, unknown> };
    const given = parse(read('temporal/dynamic-config.yaml')) as Record<string, [{ value: unknown }]>;
    const values = Object.entries(given).map(([key, [{ value }]]) => [key, value]);
    // Flags of the development server are JSON: a duration has its quotes in the value.
    const asFlags = Object.entries(dynamicConfig).map(([key, value]) => [
      key,
      typeof value === 'string' ? JSON.parse(value) : value,
    ]);
    expect(values).toEqual(asFlags);
  });

  it('waits for longer than a process takes to end before it kills it', () => {
    for (const [name, setting] of [
      ['brikk-api', 'BRIKK_DRAIN_SECONDS'],
      ['brikk-worker', 'BRIKK_SHUTDOWN_GRACE_SECONDS'],
    ] as const)
      expect(podOf(name).terminationGracePeriodSeconds).toBeGreaterThan(settingOf(name, setting) + 20);
    const { api, worker } = compose.services;
    expect(Number.parseInt(api?.stop_grace_period ?? '', 10)).toBeGreaterThan(
      Number(api?.environment?.['BRIKK_DRAIN_SECONDS']) + 20,
    );
    expect(Number.parseInt(worker?.stop_grace_period ?? '', 10)).toBeGreaterThan(
      Number(worker?.environment?.['BRIKK_SHUTDOWN_GRACE_SECONDS']) + 5,
    );
  });

  it('sets nothing that the processes do not read', () => {
    const known = [
      read('../apps/api/env.ts'),
      read('../apps/worker/env.ts'),
      read('../connectors/lib/temporal-settings.ts'),
      read('../apps/cli/up/settings.ts'),
    ].join('\n');
    const ofCompose = ['api', 'worker', 'migrate'].flatMap((name) =>
      Object.keys(compose.services[name]?.environment ?? {}),
    );
    const ofKubernetes = manifests.flatMap(({ kind, spec }) =>
      kind === 'Deployment' || kind === 'Job'
        ? spec.template.spec.containers.flatMap(({ env = [] }) => env.map(({ name }) => name))
        : [],
    );
    const settings = [...new Set([...ofCompose, ...ofKubernetes])];
    expect(settings.length).toBeGreaterThan(8);
    for (const setting of settings) expect(known).toContain(setting);
  });
});
