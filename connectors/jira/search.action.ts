import type { SearchWith } from '../../contracts/jira-functions.js';
import type { Json } from '../../contracts/json.js';
import type { ActionCall, ConnectorAction } from '../lib/connector-action.js';
import { isCloud, jiraOf } from './jira-client.js';

const PAGE = 100;

interface FoundIssue {
  id: string;
  key: string;
  fields: { [field: string]: Json };
}

export const search: ConnectorAction<SearchWith> = {
  async send(call) {
    const { jql, fields, limit } = call.with;
    const issues: FoundIssue[] = [];
    let next: string | undefined;
    do {
      const page = await searchPage(call, { jql, fields, pageSize: Math.min(PAGE, limit - issues.length), from: next });
      issues.push(...page.issues);
      next = page.issues.length === 0 ? undefined : page.next;
    } while (next !== undefined && issues.length < limit);
    return { output: { issues: issues.slice(0, limit) as unknown as Json, more: next !== undefined } };
  },
};

/** Cloud counts pages by tokens, Data Center by places. */
export async function searchPage(
  call: ActionCall<unknown>,
  { jql, fields, pageSize, from }: { jql: string; fields: string[]; pageSize: number; from?: string | undefined },
): Promise<{ issues: FoundIssue[]; next: string | undefined }> {
  const { issueSearch } = jiraOf(call);
  if (isCloud(call.connection)) {
    const query = { jql, fields, maxResults: pageSize, ...(from !== undefined && { nextPageToken: from }) };
    const page = await issueSearch.searchForIssuesUsingJqlEnhancedSearchPost(query);
    return { issues: (page.issues ?? []).map(shown), next: page.nextPageToken };
  }
  const startAt = Number(from ?? 0);
  const page = await issueSearch.searchForIssuesUsingJqlPost({ jql, fields, maxResults: pageSize, startAt });
  const issues = (page.issues ?? []).map(shown);
  const end = startAt + issues.length;
  return { issues, next: end < (page.total ?? 0) ? String(end) : undefined };
}

const shown = ({ id, key, fields }: { id?: string; key?: string; fields?: unknown }): FoundIssue => ({
  id: id ?? '',
  key: key ?? '',
  fields: (fields ?? {}) as FoundIssue['fields'],
});
