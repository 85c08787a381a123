import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type KeptReport, RESULTS } from './harness/report.js';

/** The newest result of each of `names`, in their order; those that were never measured are left out. */
export async function newestReports(
  names: readonly string[],
  isWanted: (report: KeptReport) => boolean = () => true,
): Promise<KeptReport[]> {
  const files = (await readdir(RESULTS).catch(() => [])).filter((file) => file.endsWith('.json'));
  const reports = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(RESULTS, file), 'utf8')) as KeptReport),
  );
  const wanted = reports.filter((report) => report.figures !== undefined && isWanted(report));
  const newest = (name: string) =>
    wanted.filter((one) => one.name === name).sort((a, b) => b.at.localeCompare(a.at))[0];
  return names.flatMap((name) => newest(name) ?? []);
}
