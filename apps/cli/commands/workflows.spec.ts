import { describe, expect, it } from '@jest/globals';
import { referenceOf, workflowsTable } from './workflows.js';

describe('brikk workflows', () => {
  it('shows each workflow with its newest version', () => {
    const createdAt = '2026-11-21T16:30:00.000Z';
    const workflow = {
      namespace: 'support',
      name: 'incident',
      version: '1.2.0',
      summary: null,
      hash: 'f00d',
      createdAt,
    };
    expect(workflowsTable([{ ...workflow, title: 'Incidents' }])).toBe(
      [
        'WORKFLOW          VERSION  TITLE      PUBLISHED',
        'support/incident  1.2.0    Incidents  2026-11-21T16:30:00.000Z',
      ].join('\n'),
    );
  });

  it('reads the name of a workflow, with and without a version', () => {
    expect(referenceOf('support/incident')).toEqual(['support', 'incident', undefined]);
    expect(referenceOf('support/incident:1.2.0-rc.1')).toEqual(['support', 'incident', '1.2.0-rc.1']);
    expect(() => referenceOf('incident')).toThrow('incident names no workflow');
  });
});
