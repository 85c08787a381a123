import type { AddGithubCommentWith, AddLabelsWith, CreateGithubIssueWith } from '../../contracts/github-functions.js';
import type { ConnectorAction, Effect } from '../lib/connector-action.js';
import { earliest, firstOf, githubOf, hiddenMark, marked, repositoryOf } from './github-client.js';

interface Numbered {
  number: number;
  html_url: string;
}

export const numberedEffect = ({ number, html_url: url }: Numbered): Effect => ({
  output: { number, url },
  externalId: String(number),
});

export const createIssue: ConnectorAction<CreateGithubIssueWith> = {
  async lookup(call) {
    const github = githubOf(call);
    const query = { ...repositoryOf(call.with), state: 'all', since: earliest(call), per_page: 100 } as const;
    const pages = github.paginate.iterator(github.rest.issues.listForRepo, query);
    const found = await firstOf(pages, ({ body }) => body?.includes(hiddenMark(call.key)) === true);
    return found && numberedEffect(found);
  },
  async send(call) {
    const { title, body, labels, assignees } = call.with;
    const { data } = await githubOf(call).rest.issues.create({
      ...repositoryOf(call.with),
      title,
      body: marked(body, call.key),
      ...(labels && { labels }),
      ...(assignees && { assignees }),
    });
    return numberedEffect(data);
  },
};

export const addComment: ConnectorAction<AddGithubCommentWith> = {
  async lookup(call) {
    const github = githubOf(call);
    const query = { ...repositoryOf(call.with), issue_number: call.with.number, since: earliest(call), per_page: 100 };
    const pages = github.paginate.iterator(github.rest.issues.listComments, query);
    const found = await firstOf(pages, ({ body }) => body?.includes(hiddenMark(call.key)) === true);
    return found && commentEffect(found);
  },
  async send(call) {
    const { number, body } = call.with;
    const { data } = await githubOf(call).rest.issues.createComment({
      ...repositoryOf(call.with),
      issue_number: number,
      body: marked(body, call.key),
    });
    return commentEffect(data);
  },
};

/** Labels that it has already are none of an effect. */
export const addLabels: ConnectorAction<AddLabelsWith> = {
  async send(call) {
    const { number, labels } = call.with;
    const where = { ...repositoryOf(call.with), issue_number: number };
    const { data } = await githubOf(call).rest.issues.addLabels({ ...where, labels });
    return { output: { labels: data.map(({ name }) => name) } };
  },
};

const commentEffect = ({ id, html_url: url }: { id: number; html_url: string }): Effect => ({
  output: { id, url },
  externalId: String(id),
});
