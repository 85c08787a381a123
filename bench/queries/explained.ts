/** A statement as Postgres has performed it. */
export interface Performed {
  text: string;
  ms: number;
  /** Tables of which it has read every row. */
  whole: string[];
}

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Total Cost': number;
  Plans?: Plan[];
}

/** What auto_explain makes of each statement, as session settings. */
export const EXPLAINING = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_format': 'json',
};

/** The statements of a server's log, in their order; the last one may be half written and is left out. */
export function performedIn(log: string): Performed[] {
  return [...log.matchAll(/duration: ([\d.]+) ms  plan:\n((?:\t.*\n)+)(?=\S)/g)].map(([, ms, json]) => {
    const { 'Query Text': text, Plan: plan } = JSON.parse((json ?? '').replaceAll(/\n?\t/g, ' ')) as {
      'Query Text': string;
      Plan: Plan;
    };
    return { text: text.replaceAll(/\s+/g, ' ').trim(), ms: Number(ms), whole: nodesOf(plan).flatMap(wholeOf) };
  });
}

/** Empty partitions cost nothing. */
const wholeOf = (node: Plan): string[] =>
  node['Node Type'] === 'Seq Scan' && node['Total Cost'] > 0 && node['Relation Name'] ? [node['Relation Name']] : [];

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
