import { BrikkError } from '../../contracts/errors.js';
import type { CreateCheckWith, DispatchWith, OpenPullRequestWith } from '../../contracts/github-functions.js';
import type { ConnectorAction, Effect } from '../lib/connector-action.js';
import { effectMark } from '../lib/effect-mark.js';
import { firstOf, githubOf, hiddenMark, marked, repositoryOf } from './github-client.js';
import { numberedEffect } from './issues.action.js';

export const openPullRequest: ConnectorAction<OpenPullRequestWith> = {
  async lookup(call) {
    const github = githubOf(call);
    const query = { ...repositoryOf(call.with), base: call.with.base, state: 'all', per_page: 100 } as const;
    const pages = github.paginate.iterator(github.rest.pulls.list, { ...query, sort: 'created', direction: 'desc' });
    const found = await firstOf(pages, ({ body }) => body?.includes(hiddenMark(call.key)) === true);
    return found && numberedEffect(found);
  },
  async send(call) {
    const { title, head, base, body, draft } = call.with;
    const request = { ...repositoryOf(call.with), title, head, base, draft, body: marked(body, call.key) };
    return numberedEffect((await githubOf(call).rest.pulls.create(request)).data);
  },
};

export const createCheck: ConnectorAction<CreateCheckWith> = {
  async lookup(call) {
    const github = githubOf(call);
    const { name, sha } = call.with;
    const query = { ...repositoryOf(call.with), ref: sha, check_name: name, filter: 'all', per_page: 100 } as const;
    const { data } = await github.rest.checks.listForRef(query);
    const found = data.check_runs.find(({ external_id: mark }) => mark === effectMark(call.key));
    return found && checkEffect(found);
  },
  async send(call) {
    const { name, sha, status, conclusion, title, summary, detailsUrl } = call.with;
    const { data } = await githubOf(call).rest.checks.create({
      ...repositoryOf(call.with),
      name,
      head_sha: sha,
      status,
      external_id: effectMark(call.key),
      ...(conclusion && { conclusion }),
      ...(title !== undefined && { output: { title, summary } }),
      ...(detailsUrl !== undefined && { details_url: detailsUrl }),
    });
    return checkEffect(data);
  },
};

/** GitHub tells of no dispatch: one whose outcome nobody knows is not sent again. */
export const dispatch: ConnectorAction<DispatchWith> = {
  lookup: async ({ with: { eventType, repo } }) => {
    throw new BrikkError(
      'connector.conflict',
      `whether ${eventType} reached ${repo} is not known, and GitHub does not tell`,
    );
  },
  async send(call) {
    const { eventType, payload } = call.with;
    const request = {
      ...repositoryOf(call.with),
      event_type: eventType,
      client_payload: { ...payload, brikk: effectMark(call.key) },
    };
    await githubOf(call).rest.repos.createDispatchEvent(request as never);
    return { output: { eventType } };
  },
};

const checkEffect = ({ id, html_url: url }: { id: number; html_url: string | null }): Effect => ({
  output: { id, url },
  externalId: String(id),
});
