import { describe, expect, it } from '@jest/globals';
import type { Figure } from './harness/figures.js';
import type { KeptReport } from './harness/report.js';
import { htmlOf } from './html-report.js';

const figure: Figure = {
  what: 'one run over <1,000> agents',
  unit: 'ms',
  brikk: 200,
  reference: { name: 'plain "HTTP"', value: 100 },
  ratio: 2,
  target: { text: '≤ 1.7 ×', met: false },
};

const report = (figures: Figure[], rest: Partial<KeptReport> = {}): KeptReport => ({
  name: 'fan-out',
  at: '2026-11-21T21:37:00.000Z',
  quick: false,
  rounds: 3,
  machine: { cpu: 'EPYC', cores: 2, memoryGb: 24, loadBefore: [1, 2, 3] },
  versions: { node: '20.20.2', commit: 'abc1234' },
  figures,
  tables: { 'milliseconds, <median>': { '100 × 100 ms': { brikk: 186.1, 'plain HTTP': 113.4 } } },
  details: {},
  ...rest,
});

/** Of the bars, in their order. */
const widths = (html: string) => [...html.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));

describe('the page of results', () => {
  it('shows each figure beside its reference, to one scale, and whether its target is met', () => {
    const html = htmlOf([report([figure])]);
    const [brikk = 0, reference = 0] = widths(html);
    expect(brikk / reference).toBeCloseTo(2, 1);
    expect(html).toContain('<span class="missed">target ≤ 1.7 ×: missed</span>');
    expect(htmlOf([report([{ ...figure, target: { text: '≤ 3 ×', met: true } }])])).toContain('class="met"');
  });

  it('says where and how each result was taken', () => {
    const html = htmlOf([report([figure]), report([], { name: 'latency', quick: true, rounds: 1 })]);
    expect(html).toContain(
      '2026-11-21 21:37 UTC · commit abc1234 · 3 rounds · 2 cores (EPYC), 24 GB, load before 1 / 2 / 3',
    );
    expect(html).toContain('1 round, quick: the order of magnitude');
    expect([...html.matchAll(/<h2>(.*)<\/h2>/g)].map(([, name]) => name)).toEqual(['fan-out', 'latency']);
  });

  it('draws nothing where there is nothing to compare with or nothing was measured, and keeps the row', () => {
    const { reference: _, ...alone } = figure;
    const html = htmlOf([report([alone, { ...figure, brikk: Number.NaN }])]);
    expect(widths(html)).toEqual([]);
    expect(html.match(/<tr><td>one run over/g)).toHaveLength(2);
  });

  it('opens the tables of a result without figures, and of no other', () => {
    expect(htmlOf([report([])])).toContain('<details open><summary>milliseconds');
    expect(htmlOf([report([figure])])).toContain('<details><summary>milliseconds');
  });

  it('lets no text be taken for markup', () => {
    const html = htmlOf([report([figure])]);
    expect(html).not.toMatch(/<1,000>|<median>|plain "HTTP"/);
    expect(html).toContain('one run over &lt;1,000&gt; agents');
    expect(html).toContain('plain &quot;HTTP&quot;');
  });

  it('is a page, too, before anything was measured', () => {
    expect(htmlOf([])).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  });
});
