import { BrikkError } from '../../contracts/errors.js';
import type { AddJiraCommentWith, CreateJiraIssueWith, TransitionWith } from '../../contracts/jira-functions.js';
import type { Json } from '../../contracts/json.js';
import type { ActionCall, ConnectorAction, Effect } from '../lib/connector-action.js';
import { effectMark } from '../lib/effect-mark.js';
import { documentOf, isCloud, jiraOf } from './jira-client.js';
import { searchPage } from './search.action.js';

const PROPERTY = 'brikk';
/** The newest comments, among which one of this call is. */
const COMMENTS_LOOKED_AT = 100;

/** What both take, whose types differ. */
type RichText = never;

const labelOf = (key: string): string => `brikk-${effectMark(key)}`;

/** The issue carries a label by which it is found again. */
export const createIssue: ConnectorAction<CreateJiraIssueWith> = {
  async lookup(call) {
    const jql = `project = "${call.with.project}" AND labels = "${labelOf(call.key)}"`;
    const { issues } = await searchPage(call, { jql, fields: ['summary'], pageSize: 1 });
    return issues[0] && issueEffect(call, issues[0]);
  },
  async send(call) {
    const { project, type, summary, description, labels, fields } = call.with;
    const told = {
      ...fields,
      project: { key: project },
      issuetype: { name: type },
      summary,
      labels: [...labels, labelOf(call.key)],
      ...(description !== undefined && { description: richText(call, description) }),
    };
    return issueEffect(call, await jiraOf(call).issues.createIssue({ fields: told }));
  },
};

/** The comment carries a property by which it is found again. */
export const addComment: ConnectorAction<AddJiraCommentWith> = {
  async lookup(call) {
    const { comments = [] } = await jiraOf(call).issueComments.getComments({
      issueIdOrKey: call.with.issue,
      orderBy: '-created',
      maxResults: COMMENTS_LOOKED_AT,
      expand: 'properties',
    });
    const mark = effectMark(call.key);
    const isOurs = ({ key, value }: { key?: string; value?: unknown }) => key === PROPERTY && value === mark;
    const found = comments.find(({ properties }) => properties?.some(isOurs) === true);
    return found?.id === undefined ? undefined : commentEffect(found.id);
  },
  async send(call) {
    const { issue: issueIdOrKey, body } = call.with;
    const properties = [{ key: PROPERTY, value: effectMark(call.key) }];
    const comment = richText(call, body);
    const { id } = await jiraOf(call).issueComments.addComment({ issueIdOrKey, comment, properties });
    if (id === undefined) throw new BrikkError('connector.validation', 'Jira did not name the comment');
    return commentEffect(id);
  },
};

/** An issue that is there already stays as it is, so that a repeat does nothing. */
export const transition: ConnectorAction<TransitionWith> = {
  async send(call) {
    const { issue: issueIdOrKey, to, fields } = call.with;
    const { issues } = jiraOf(call);
    const isWanted = (name: string | undefined) => name?.toLowerCase() === to.toLowerCase();
    const { fields: known } = await issues.getIssue({ issueIdOrKey, fields: ['status'] });
    const { name: status } = (known as { status?: { name?: string } }).status ?? {};
    if (isWanted(status)) return transitioned(issueIdOrKey, status ?? to);
    const { transitions = [] } = await issues.getTransitions({ issueIdOrKey });
    const found = transitions.find((known) => isWanted(known.to?.name));
    if (!found) {
      const others = transitions.map((known) => known.to?.name).join(', ') || 'nowhere';
      throw new BrikkError(
        'connector.conflict',
        `${issueIdOrKey} does not go from ${status ?? 'its status'} to ${to}, but to: ${others}`,
      );
    }
    await issues.doTransition({ issueIdOrKey, transition: { id: found.id }, ...(fields && { fields }) } as never);
    return transitioned(issueIdOrKey, found.to?.name ?? to);
  },
};

const transitioned = (issue: string, status: string): Effect => ({ output: { issue, status }, externalId: issue });

const commentEffect = (id: string): Effect => ({ output: { id }, externalId: id });

function issueEffect({ connection }: ActionCall<unknown>, { id, key }: { id?: string; key?: string }): Effect {
  if (id === undefined || key === undefined)
    throw new BrikkError('connector.validation', 'Jira did not name the issue');
  return { output: { id, key, url: `${connection.baseUrl}/browse/${key}` }, externalId: key };
}

/** Data Center takes texts. Fails `connector.validation` for a document there. */
function richText({ connection }: ActionCall<unknown>, given: Json): RichText {
  if (isCloud(connection)) return documentOf(given) as RichText;
  if (typeof given === 'string') return given as RichText;
  throw new BrikkError('connector.validation', 'Jira Data Center takes a text in its wiki markup, and no document');
}
